import type { SshSettings } from '../ssh/settings.ts';
import {
  type Reading,
  readAgentAddress,
  readAgentNetwork,
  readClientNetwork,
  readHost,
} from './addresses.ts';
import { sessionUser } from './checks.ts';
import { readListen, readUrl } from './endpoints.ts';
import { type Folders, expandPath } from './expand-path.ts';
import { resolveLogSources } from './log-sources.ts';
import type { Path } from './problem.ts';
import { DEFAULTS, type InventoryFile } from './schema.ts';
import { type SshSource, jumpOf, sshSetting, sshSources } from './ssh-sections.ts';
import type { AgentHost, GatewaySettings, Inventory, ProxyHost, SessionDefaults } from './types.ts';
import { resolveWatch } from './watch-settings.ts';

/** What a resolved inventory needs to know about its file. */
export interface FileFacts extends Folders {
  /** As the user named it. */
  readonly file: string;
  readonly lineOf: (path: Path) => number;
}

/** Fills in defaults, makes values canonical and turns names into hosts. The file has passed every check. */
export function resolveInventory(content: InventoryFile, facts: FileFacts): Inventory {
  const proxies = content.proxies.map((_, index) => resolveProxy(content, index, facts));
  const agents = (content.agents ?? []).map((_, index) => resolveAgent(content, index, facts));
  return {
    file: facts.file,
    proxies,
    agents,
    gateway: resolveGateway(content.gateway, agents),
    sessions: resolveSessions(content),
    agentDefaults: sshSettings(undefined, sshSources({ role: 'agent' }, content.defaults), facts),
    logs: resolveLogSources(content.logs, [...proxies, ...agents]),
    watch: resolveWatch(content.watch),
  };
}

type HostEntry = InventoryFile['proxies'][number];

function resolveProxy(content: InventoryFile, index: number, facts: FileFacts): ProxyHost {
  const written = checked(content.proxies[index]);
  return {
    role: 'proxy',
    ...common(written, ['proxies', index], facts),
    host: value(readHost(written.host)),
    ssh: sshSettings(written.name, sshSources({ ...written, role: 'proxy' }, content.defaults), facts),
  };
}

function resolveAgent(content: InventoryFile, index: number, facts: FileFacts): AgentHost {
  const written = checked(content.agents?.[index]);
  return {
    role: 'agent',
    adHoc: false,
    ...common(written, ['agents', index], facts),
    host: value(readAgentAddress(written.host)),
    ssh: sshSettings(written.name, sshSources({ ...written, role: 'agent' }, content.defaults), facts),
  };
}

function common(
  written: HostEntry,
  path: Path,
  facts: FileFacts,
): Pick<ProxyHost, 'name' | 'tags' | 'position'> {
  return {
    name: written.name,
    tags: [...new Set(written.tags ?? [])],
    position: { file: facts.file, line: facts.lineOf(path) },
  };
}

function sshSettings(name: string | undefined, sources: readonly SshSource[], folders: Folders): SshSettings {
  const key = sshSetting(sources, 'key')?.value;
  const knownHosts = sshSetting(sources, 'known_hosts')?.value;
  return {
    port: sshSetting(sources, 'port')?.value,
    user: sshSetting(sources, 'user')?.value,
    key: key === undefined ? undefined : expandPath(key, folders),
    jump: jumpOf(name, sources)?.value,
    ...(sshSetting(sources, 'jump')?.value === 'none' ? { direct: true } : {}),
    knownHosts: knownHosts === undefined ? undefined : expandPath(knownHosts, folders),
    hostKeys: sshSetting(sources, 'host_keys')?.value ?? DEFAULTS.hostKeys,
  };
}

function resolveGateway(written: InventoryFile['gateway'], agents: readonly AgentHost[]): GatewaySettings {
  const { allow } = written.access;
  const names = typeof written.default === 'string' ? [written.default] : (written.default ?? []);
  return {
    listen: value(readListen(written.listen ?? DEFAULTS.listen)),
    url: written.url === undefined ? undefined : value(readUrl(written.url)),
    tls: resolveTls(written.tls),
    default: names.map((name) => checked(agents.find((agent) => agent.name === name))),
    agentNetworks:
      written.agent_networks === undefined
        ? agents.map(({ host }) => `${host}/${host.includes(':') ? 128 : 32}`)
        : distinct(written.agent_networks, readAgentNetwork),
    access: { allow: allow === 'any' ? 'any' : distinct(allow, readClientNetwork) },
    workerConnections: written.worker_connections ?? DEFAULTS.workerConnections,
  };
}

function resolveTls(written: InventoryFile['gateway']['tls']): GatewaySettings['tls'] {
  const {
    self_signed: selfSigned,
    certificate,
    key,
  } = written === 'self-signed' ? { self_signed: true } : (written ?? {});
  return selfSigned === true
    ? {
        kind: 'self-signed',
        certificate: certificate ?? DEFAULTS.selfSignedCertificate,
        key: key ?? DEFAULTS.selfSignedKey,
      }
    : {
        kind: 'files',
        certificate: certificate ?? DEFAULTS.certificate,
        key: key ?? DEFAULTS.certificateKey,
      };
}

function resolveSessions(content: InventoryFile): SessionDefaults {
  const { type, owner, id } = content.sessions?.defaults ?? {};
  const user = checked(sessionUser(content));
  return {
    type: type ?? DEFAULTS.sessionType,
    user,
    owner: owner ?? user,
    id: id ?? DEFAULTS.sessionId,
  };
}

function distinct(texts: readonly string[], read: (text: string) => Reading): string[] {
  return [...new Set(texts.map((text) => value(read(text))))];
}

function value<T>(reading: { readonly value: T } | { readonly allowed: string }): T {
  if ('value' in reading) return reading.value;
  throw new TypeError(`the inventory's checks let a wrong value pass: ${reading.allowed}`);
}

function checked<T>(found: T | undefined): T {
  if (found === undefined) throw new TypeError("the inventory's checks let a gap pass");
  return found;
}
