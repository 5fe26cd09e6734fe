import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';

/**
 * known_hosts as OpenSSH reads it (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; hostfile.c). Pure: files are read
 * and written in `known-hosts-file.ts`.
 */

/** Where a host answers; what its known_hosts name is made of. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface KnownHostsLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** The host field: patterns, or one hashed name. */
  readonly hosts: string;
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string;
  readonly key: Buffer;
}

export type HostKeyVerdict =
  | { readonly kind: 'match' }
  /**
   * No line names the host. `authority`: a certificate authority does, but its certificates cannot be used
   * here.
   */
  | { readonly kind: 'unknown'; readonly authority: KnownHostsLine | undefined }
  /** The host is known by keys of other types only, and did not show one of those. */
  | { readonly kind: 'other-type'; readonly lines: readonly KnownHostsLine[] }
  /** The host is known by another key of this type. */
  | { readonly kind: 'changed'; readonly lines: readonly KnownHostsLine[] }
  | { readonly kind: 'revoked'; readonly line: KnownHostsLine };

/**
 * Reads the lines that OpenSSH would; what it would skip (comments, unknown markers, broken keys) is skipped.
 */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  return text.split('\n').flatMap((content, index) => parseLine(content, { file, line: index + 1 }) ?? []);
}

function parseLine(content: string, position: { file: string; line: number }): KnownHostsLine | undefined {
  const trimmed = content.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return undefined;
  const fields = trimmed.split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') === true ? fields.shift() : '@none';
  const [hosts, type, base64] = fields;
  if (marker !== '@none' && marker !== '@revoked' && marker !== '@cert-authority') return undefined;
  if (hosts === undefined || type === undefined || base64 === undefined) return undefined;
  const key = Buffer.from(base64, 'base64');
  if (keyType(key) !== type) return undefined;
  return { ...position, marker: marker.slice(1) as KnownHostsLine['marker'], hosts, type, key };
}

/** The type that a public key in SSH's wire format names first; undefined when it is none. */
export function keyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  return length === 0 || 4 + length > key.length ? undefined : key.toString('latin1', 4, 4 + length);
}

/** How people see a key: `SHA256:…`, as ssh prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The name of a host in known_hosts: its address, with brackets and port where that is not 22. */
export function knownHostsName({ address, port }: Endpoint): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/**
 * Judges the key that a host showed. A matching line wins over lines with other keys; a revoked key loses
 * everywhere. For a port other than 22 a line with the bare address counts when it matches, as in OpenSSH.
 */
export function judgeHostKey(
  lines: readonly KnownHostsLine[],
  endpoint: Endpoint,
  key: Buffer,
): HostKeyVerdict {
  const named = linesFor(lines, knownHostsName(endpoint));
  const bare = linesFor(lines, endpoint.address.toLowerCase());
  const revoked = [...named, ...bare].find((line) => line.marker === 'revoked' && line.key.equals(key));
  if (revoked !== undefined) return { kind: 'revoked', line: revoked };
  if ([...named, ...bare].some((line) => line.marker === 'none' && line.key.equals(key)))
    return { kind: 'match' };

  const known = named.filter((line) => line.marker === 'none');
  const sameType = known.filter((line) => line.type === keyType(key));
  if (sameType.length > 0) return { kind: 'changed', lines: sameType };
  if (known.length > 0) return { kind: 'other-type', lines: known };
  return { kind: 'unknown', authority: named.find((line) => line.marker === 'cert-authority') };
}

/**
 * Host key algorithms to offer, those of known keys first: a host must be asked for the key that is known, or
 * a host with several keys looks changed. For ssh2's `algorithms.serverHostKey` (its `prepend` does not
 * reorder).
 */
export function hostKeyAlgorithms(
  lines: readonly KnownHostsLine[],
  endpoint: Endpoint,
): ServerHostKeyAlgorithm[] {
  const usable = (name: string): KnownHostsLine[] =>
    linesFor(lines, name).filter((line) => line.marker === 'none');
  const named = usable(knownHostsName(endpoint));
  const known = named.length > 0 ? named : usable(endpoint.address.toLowerCase());
  const types = new Set(known.map((line) => line.type));
  const first = HOST_KEY_ALGORITHMS.filter((algorithm) => types.has(keyTypeOf(algorithm)));
  return [...first, ...HOST_KEY_ALGORITHMS.filter((algorithm) => !first.includes(algorithm))];
}

/** What OpenSSH 9 offers of what ssh2 can do; `ssh-rsa` (SHA-1) signatures are left out, as there. */
const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** Is there any key for this host? A line with the bare address may be for it, too, whatever the port. */
export function isKnownHost(lines: readonly KnownHostsLine[], endpoint: Endpoint): boolean {
  const names = [knownHostsName(endpoint), endpoint.address.toLowerCase()];
  return names.some((name) => linesFor(lines, name).some((line) => line.marker === 'none'));
}

function keyTypeOf(algorithm: ServerHostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

function linesFor(lines: readonly KnownHostsLine[], name: string): KnownHostsLine[] {
  return lines.filter((line) => hostFieldMatches(line.hosts, name));
}

/** Whether a line's host field names this host: hashed, or a list of globs of which none negated matches. */
export function hostFieldMatches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return hashedNameMatches(hosts, name);
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!globMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function hashedNameMatches(hashed: string, name: string): boolean {
  const [, algorithm, salt, hash] = hashed.split('|');
  if (algorithm !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/**
 * `*` and `?`, in linear memory and without backtracking blow-up: a known_hosts line must not be able to hang
 * a run.
 */
function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let starText = 0;
  let index = 0;
  while (index < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      starText = index;
    } else if (pattern[at] === '?' || pattern[at] === text[index]) {
      at++;
      index++;
    } else if (star !== -1) {
      at = star + 1;
      index = ++starText;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

/** The line to write for a key, without a newline; `hashed` hides the name, as `HashKnownHosts` does. */
export function knownHostsLine(endpoint: Endpoint, key: Buffer, hashed: boolean): string {
  const name = knownHostsName(endpoint);
  return `${hashed ? hashName(name) : name} ${keyType(key) ?? ''} ${key.toString('base64')}`;
}

function hashName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** True when a file hides its names: what is added to it is hidden, too. */
export function usesHashedNames(lines: readonly KnownHostsLine[]): boolean {
  return lines.some((line) => line.hosts.startsWith('|1|'));
}

/**
 * The file without this host's own keys. Lines that name other hosts as well lose only this name; patterns,
 * revoked keys and authorities stay, and so does every other byte.
 */
export function withoutHost(text: string, endpoint: Endpoint): string {
  const name = knownHostsName(endpoint);
  return text
    .split('\n')
    .flatMap((content) => {
      const [hosts] = content.trim().split(/[ \t]+/);
      if (hosts === undefined || hosts === '' || /^[#@]/.test(hosts)) return [content];
      if (hosts.startsWith('|')) return hashedNameMatches(hosts, name) ? [] : [content];
      const names = hosts.split(',');
      const others = names.filter((other) => other.toLowerCase() !== name);
      if (others.length === names.length) return [content];
      return others.length === 0 ? [] : [content.replace(hosts, () => others.join(','))];
    })
    .join('\n');
}
