import { createHmac, randomBytes } from 'node:crypto';

/** A line with a hashed name, made by the rules of sshd(8) and not by the code that is tested. */
export function hashedKnownHostsLine(name: string, key: string): string {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash} ${key}\n`;
}
