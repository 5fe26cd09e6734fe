import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from './known-hosts.ts';
import type { SshSettings } from './settings.ts';
import type { JumpAddress, SshConfig } from './ssh-config.ts';

/** A host as the inventory names it. */
export interface SshHost {
  readonly name: string;
  readonly host: string;
  readonly ssh: SshSettings;
}

/** One hop, settled: inventory first, then ssh_config, then OpenSSH's defaults. */
export interface Target {
  /** For messages: the inventory's name, or a jump host's address. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly keys: readonly KeyFile[];
  /** Path of the agent's socket. */
  readonly agent: string | undefined;
  /** Only those of the agent's keys may be shown that belong to a key file. */
  readonly identitiesOnly: boolean;
  /** What known_hosts knows it as: HostKeyAlias has no port, as in OpenSSH. */
  readonly knownAs: Endpoint;
  /** New keys are written to the first. */
  readonly knownHosts: readonly string[];
  readonly hostKeys: 'strict' | 'accept-new';
  readonly jump: Jump | undefined;
  /** ssh_config's ProxyCommand, which is not run; named in the hint when the host does not answer. */
  readonly proxyCommand: string | undefined;
}

export interface KeyFile {
  readonly path: string;
  /** A key that was named must be readable; a default one need not be there. */
  readonly named: boolean;
}

/** The hop before: a host of the inventory, or ssh_config's address with the hops before that one. */
export type Jump =
  | { readonly kind: 'host'; readonly name: string }
  | { readonly kind: 'address'; readonly address: JumpAddress; readonly before: readonly JumpAddress[] };

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
}

/**
 * OpenSSH's order; what it prints for IdentityFile where nothing is configured. DSA and FIDO keys are of no
 * use here.
 */
const DEFAULT_KEYS = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519'];
const OPENSSH_DEFAULT_KEYS = new Set([
  ...DEFAULT_KEYS,
  ...['~/.ssh/id_ecdsa_sk', '~/.ssh/id_ed25519_sk', '~/.ssh/id_xmss', '~/.ssh/id_dsa'],
]);

/**
 * Settles how a host is reached. Pure but for the user's and the machine's name.
 * @param through the hops that are already decided (the rest of a ProxyJump list): ssh_config's own jump is
 * then ignored
 */
export function settleTarget(
  host: SshHost,
  config: SshConfig,
  surroundings: Surroundings,
  through?: readonly JumpAddress[],
): Target {
  const address = config.hostName ?? host.host;
  const port = host.ssh.port ?? config.port ?? 22;
  const user = host.ssh.user ?? config.user ?? userInfo().username;
  const expand = (path: string): string =>
    expandPath(path, { ...surroundings, address, port, user, typed: host.host });
  return {
    name: host.name,
    address,
    port,
    user,
    keys: settleKeys(host.ssh.key, config.identityFiles ?? DEFAULT_KEYS, expand),
    agent: settleAgent(config.identityAgent, surroundings.env, expand),
    identitiesOnly: config.identitiesOnly === true,
    knownAs:
      config.hostKeyAlias === undefined ? { address, port } : { address: config.hostKeyAlias, port: 22 },
    knownHosts:
      host.ssh.knownHosts === undefined
        ? (config.userKnownHostsFiles ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']).map(expand)
        : [host.ssh.knownHosts],
    hostKeys: host.ssh.hostKeys,
    jump: settleJump(host.ssh.jump, through ?? (host.ssh.direct === true ? undefined : config.proxyJump)),
    proxyCommand: config.proxyCommand,
  };
}

function settleKeys(
  named: string | undefined,
  configured: readonly string[],
  expand: (path: string) => string,
): KeyFile[] {
  if (named !== undefined) return [{ path: named, named: true }];
  const wanted = configured.filter((path) => !OPENSSH_DEFAULT_KEYS.has(path));
  if (wanted.length > 0) return wanted.map((path) => ({ path: expand(path), named: true }));
  return DEFAULT_KEYS.map((path) => ({ path: expand(path), named: false }));
}

function settleAgent(
  configured: string | undefined,
  env: NodeJS.ProcessEnv,
  expand: (path: string) => string,
): string | undefined {
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return nonEmpty(env['SSH_AUTH_SOCK']);
  if (configured === 'none') return undefined;
  if (configured.startsWith('$')) return nonEmpty(env[configured.slice(1).replace(/^\{(.*)\}$/, '$1')]);
  return expand(configured);
}

function settleJump(named: string | undefined, hops: readonly JumpAddress[] | undefined): Jump | undefined {
  if (named !== undefined) return { kind: 'host', name: named };
  const address = hops?.at(-1);
  return address === undefined ? undefined : { kind: 'address', address, before: hops?.slice(0, -1) ?? [] };
}

interface TokenValues extends Surroundings {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly typed: string;
}

/** `~` and the tokens of ssh_config(5) that make sense in a file's name. */
function expandPath(path: string, values: TokenValues): string {
  const tokens: Record<string, string> = {
    '%%': '%',
    '%d': values.home,
    '%h': values.address,
    '%n': values.typed,
    '%p': String(values.port),
    '%r': values.user,
    '%u': userInfo().username,
    '%i': String(userInfo().uid),
    '%l': hostname(),
    '%L': hostname().split('.')[0] ?? '',
  };
  const expanded = path
    .replace(/%./g, (token) => tokens[token] ?? token)
    .replace(/\$\{([A-Za-z0-9_]+)\}/g, (_, name: string) => values.env[name] ?? '');
  return expanded.startsWith('~/') ? join(values.home, expanded.slice(2)) : expanded;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** `10.0.0.1:22`, `[fd00::1]:22`: an address as messages show it. */
export function showAddress({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
