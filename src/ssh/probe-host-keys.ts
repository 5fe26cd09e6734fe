import type { ServerHostKeyAlgorithm } from 'ssh2';
import { DcvopsError } from '../errors.ts';
import type { Connection } from './connect.ts';
import { isUnsupportedHostKeyType } from './connect-errors.ts';
import { type HostKeyCheck, SYSTEM_KNOWN_HOSTS } from './host-key-check.ts';
import { readKnownHosts } from './known-hosts-file.ts';
import { type HostKeyVerdict, judgeHostKey } from './known-hosts.ts';
import type { Target } from './target.ts';

/** The keys of one host. */
export interface HostKeyReport {
  readonly target: Target;
  readonly keys: readonly { readonly key: Buffer; readonly verdict: HostKeyVerdict }[];
}

/** One handshake for each shows all that a server has, as ssh-keyscan does it. */
const TYPES: readonly ServerHostKeyAlgorithm[][] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
];

/**
 * Asks a server for its keys, one type after the other, and hangs up before anybody logs in.
 * @param connect one attempt with this check
 */
export async function probeHostKeys(
  target: Target,
  connect: (check: HostKeyCheck) => Promise<Connection>,
): Promise<HostKeyReport> {
  const lines = await readKnownHosts([...target.knownHosts, ...SYSTEM_KNOWN_HOSTS]);
  const keys: Buffer[] = [];
  let notOffered: unknown;
  for (const algorithms of TYPES) {
    const probe = createProbe(target.name, algorithms);
    try {
      (await connect(probe.check)).end();
    } catch (error) {
      const shown = probe.shown();
      if (shown !== undefined) keys.push(shown);
      else if (isUnsupportedHostKeyType(error)) notOffered = error;
      else throw error;
    }
  }
  if (keys.length === 0) throw notOffered;
  return { target, keys: keys.map((key) => ({ key, verdict: judgeHostKey(lines, target.knownAs, key) })) };
}

/** A check that lets nobody in and remembers what it was shown. */
function createProbe(
  host: string,
  algorithms: ServerHostKeyAlgorithm[],
): { readonly check: HostKeyCheck; readonly shown: () => Buffer | undefined } {
  let shown: Buffer | undefined;
  return {
    shown: () => shown,
    check: {
      algorithms,
      verify(key) {
        shown = Buffer.from(key);
        return false;
      },
      refusal: () =>
        shown === undefined ? undefined : new DcvopsError('host-key', 'the key was looked at only', { host }),
      keep: () => Promise.resolve(),
    },
  };
}
