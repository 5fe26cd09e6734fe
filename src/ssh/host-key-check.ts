import type { ServerHostKeyAlgorithm } from 'ssh2';
import { DcvopsError } from '../errors.ts';
import { appendKnownHosts, readKnownHosts } from './known-hosts-file.ts';
import {
  type Endpoint,
  type HostKeyVerdict,
  type KnownHostsLine,
  fingerprint,
  hostKeyAlgorithms,
  judgeHostKey,
  keyType,
  knownHostsLine,
  knownHostsName,
  usesHashedNames,
} from './known-hosts.ts';
import { type Target, showAddress } from './target.ts';

/** Looked into as well, never written: the machine's own list. */
export const SYSTEM_KNOWN_HOSTS = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

/** The check of one login. Files are read before it starts, since ssh2 wants its answer synchronously. */
export interface HostKeyCheck {
  readonly algorithms: ServerHostKeyAlgorithm[];
  /** For ssh2's `hostVerifier`: literally `true` or `false`; anything else it would take for yes. */
  readonly verify: (key: Buffer) => boolean;
  /** Why the key was refused; undefined while none was. */
  readonly refusal: () => DcvopsError | undefined;
  /** Writes a key that `accept-new` let in; to be called when the host has proved that it owns it. */
  readonly keep: () => Promise<void>;
}

/** @throws DcvopsError `host-key` when a known_hosts file cannot be read */
export async function prepareHostKeyCheck(target: Target): Promise<HostKeyCheck> {
  const lines = await readKnownHosts([...target.knownHosts, ...SYSTEM_KNOWN_HOSTS]);
  const endpoint = target.knownAs;
  let refused: DcvopsError | undefined;
  let accepted: Buffer | undefined;
  return {
    algorithms: hostKeyAlgorithms(lines, endpoint),
    verify(key) {
      const verdict = judgeHostKey(lines, endpoint, key);
      if (verdict.kind === 'match') return true;
      if (verdict.kind === 'unknown' && target.hostKeys === 'accept-new') {
        accepted = Buffer.from(key);
        return true;
      }
      refused = hostKeyError(verdict, key, target);
      return false;
    },
    refusal: () => refused,
    async keep() {
      const [file] = target.knownHosts;
      if (accepted === undefined || file === undefined) return;
      await appendKnownHosts(file, [knownHostsLine(endpoint, accepted, usesHashedNames(lines))]);
    },
  };
}

/** What a refused key is said to be; pure. */
export function hostKeyError(
  verdict: Exclude<HostKeyVerdict, { kind: 'match' }>,
  key: Buffer,
  target: Pick<Target, 'name' | 'address' | 'port' | 'knownAs' | 'knownHosts'>,
): DcvopsError {
  const where = showAddress(target);
  const shown = `${fingerprint(key)} (${shortType(keyType(key) ?? 'unknown')})`;
  const trust = `dcvops trust ${target.name}`;
  const replace = `${trust} --replace`;
  switch (verdict.kind) {
    case 'unknown': {
      const authority =
        verdict.authority === undefined
          ? ''
          : ` ${place(verdict.authority)} trusts a certificate authority for it; dcvops cannot check certificates and needs the key itself.`;
      return error(`host key of ${where} unknown; not logged in.${authority}`, trust);
    }
    case 'other-type': {
      const known = verdict.lines.map((line) => `${shortType(line.type)} at ${place(line)}`).join(', ');
      return error(
        `${where} shows a host key of another type than is known; not logged in. Shown ${shown}; known: ${known}.`,
        `if the host was set up anew: ${replace}`,
      );
    }
    case 'changed': {
      const known = verdict.lines.map((line) => `${fingerprint(line.key)} at ${place(line)}`).join(', ');
      return error(
        `host key of ${where} CHANGED; not logged in. Shown ${shown}; known: ${known}. ` +
          'Either the host was set up anew, or somebody sits in between.',
        `if it changed on purpose: ${replace}\n${removal(target, verdict.lines)}`,
      );
    }
    case 'revoked':
      return error(
        `host key of ${where} is revoked; not logged in. Shown ${shown}, marked @revoked at ${place(verdict.line)}.`,
        'ask who runs the host for its new key',
      );
  }

  function error(message: string, hint: string): DcvopsError {
    return new DcvopsError('host-key', message, { host: target.name, hint });
  }
}

/** The same by hand, as ssh would say it. */
function removal({ knownAs }: { readonly knownAs: Endpoint }, lines: readonly KnownHostsLine[]): string {
  const files = [...new Set(lines.map((line) => line.file))];
  return files.map((file) => `by hand: ssh-keygen -R '${knownHostsName(knownAs)}' -f ${file}`).join('\n');
}

function place(line: KnownHostsLine): string {
  return `${line.file}:${line.line}`;
}

/** `ed25519`, `ecdsa`, `rsa`, as ssh-keygen names them. */
export function shortType(type: string): string {
  return type.replace(/^ssh-/, '').replace(/^(ecdsa)-.*$/, '$1');
}
