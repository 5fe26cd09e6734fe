import { DcvopsError } from '../../../src/errors.ts';
import { type ParseOptions, parseInventory } from '../../../src/inventory/load.ts';
import type { Inventory } from '../../../src/inventory/types.ts';

/** The inventory of most tests: short, complete, without a problem. */
export const GOOD = `defaults:
  ssh: { user: ec2-user, key: ~/.ssh/tom.pem }
proxies:
  - { name: gateway, host: 10.213.66.188, ssh: { port: 50000 } }
agents:
  - { name: agent1, host: 10.150.248.180, tags: [ubuntu, gpu] }
  - { name: agent2, host: 10.150.248.136, tags: [gpu] }
gateway:
  default: agent1
  agent_networks: [10.150.248.0/24, "fd00:150::/64"]
  access: { allow: [10.213.0.0/16] }
`;

/** A text in which one piece is replaced; the piece has to be there. */
export function changed(piece: string, replacement: string, text = GOOD): string {
  if (!text.includes(piece)) throw new Error(`the text has no ${piece}`);
  return text.replace(piece, () => replacement);
}

export function parse(text: string, options: Partial<ParseOptions> = {}): Promise<Inventory> {
  return parseInventory(text, 'hosts.yaml', {
    folder: '/fleet',
    home: '/home/anna',
    inspectKey: undefined,
    ...options,
  });
}

/** The error of a text that is not accepted; anything but an inventory error fails the test. */
export async function failureOf(loading: Promise<unknown>): Promise<DcvopsError> {
  const error = await loading.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DcvopsError)) throw error;
  return error;
}

/** The problems of a text, without the heading that several of them get. */
export async function problemsOf(text: string, options: Partial<ParseOptions> = {}): Promise<string[]> {
  const { code, message } = await failureOf(parse(text, options));
  if (code !== 'inventory') throw new Error(`${code}: ${message}`);
  return message.split('\n').filter((line) => !/ has [0-9]+ problems:$/.test(line));
}
