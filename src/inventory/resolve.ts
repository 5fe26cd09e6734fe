import type { SshSettings } from '../ssh/settings.ts';
import { readAgentAddress, readHost } from './addresses.ts';
import { checked, value } from './checked.ts';
import { sessionUser } from './checks.ts';
import { resolveDeclaredSessions } from './declared-sessions.ts';
import { DEFAULTS } from './defaults.ts';
import { type Folders, expandPath } from './expand-path.ts';
import { resolveAgentAccess, resolveGateway } from './gateway-settings.ts';
import { resolveLogSources } from './log-sources.ts';
import type { Path } from './problem.ts';
import type { InventoryFile } from './schema.ts';
import { type SshSource, jumpOf, sshSetting, sshSources } from './ssh-sections.ts';
import type { AgentHost, Inventory, ProxyHost, SessionDefaults } from './types.ts';
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
  const sessions = resolveDeclaredSessions(content, index, resolveSessions(content));
  return {
    role: 'agent',
    adHoc: false,
    state: written.state ?? 'in-service',
    access: resolveAgentAccess(written.access),
    ...common(written, ['agents', index], facts),
    host: value(readAgentAddress(written.host)),
    ssh: sshSettings(written.name, sshSources({ ...written, role: 'agent' }, content.defaults), facts),
    ...(written.web_url_path === undefined || written.web_url_path === '/'
      ? {}
      : { webUrlPath: written.web_url_path }),
    ...(sessions.length === 0 ? {} : { sessions }),
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
