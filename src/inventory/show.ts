import { stringify } from 'yaml';
import type { SshSettings } from '../ssh/settings.ts';
import { showDeclaredSession } from './declared-sessions.ts';
import { showAgentAccess, showGateway } from './gateway-settings.ts';
import { showLogSource } from './log-sources.ts';
import type { InventoryFile, SshSection } from './schema.ts';
import type { AgentHost, Host, Inventory } from './types.ts';
import { showWatch } from './watch-settings.ts';

/**
 * The resolved inventory as plain data, in the file's own words and order: what dcvops makes of the file, defaults and
 * merged SSH settings included. It is a valid inventory itself, and means the same. SSH settings that are missing here
 * come from ~/.ssh/config.
 */
export function showInventory(inventory: Inventory): InventoryFile {
  const { gateway, sessions, agentDefaults } = inventory;
  const hosts = [...inventory.proxies, ...inventory.agents].map(({ name }) => name);
  return {
    defaults: { agents: { ssh: showSsh(agentDefaults) } },
    proxies: inventory.proxies.map((host) => showHost(host, undefined)),
    agents: inventory.agents.map((host) => showAgent(host, agentDefaults)),
    gateway: showGateway(gateway),
    sessions: { defaults: { ...sessions } },
    ...(inventory.logs.length === 0
      ? {}
      : { logs: inventory.logs.map((source) => showLogSource(source, hosts)) }),
    watch: showWatch(inventory.watch),
  };
}

/** The same as YAML text. */
export function showInventoryAsYaml(inventory: Inventory): string {
  return stringify(showInventory(inventory), { lineWidth: 0 });
}

type HostEntry = InventoryFile['proxies'][number];
type AgentEntry = NonNullable<InventoryFile['agents']>[number];

function showAgent(agent: AgentHost, defaults: SshSettings): AgentEntry {
  const access = showAgentAccess(agent.access);
  return {
    ...showHost(agent, defaults),
    ...(agent.state === 'in-service' ? {} : { state: agent.state }),
    ...(access === undefined ? {} : { access }),
    ...(agent.webUrlPath === undefined ? {} : { web_url_path: agent.webUrlPath }),
    ...(agent.sessions === undefined ? {} : { sessions: agent.sessions.map(showDeclaredSession) }),
  };
}

function showHost({ name, host, tags, ssh }: Host, defaults: SshSettings | undefined): HostEntry {
  // a host without a jump has to say so where the default names one
  const direct = ssh.jump === undefined && defaults?.jump !== undefined && defaults.jump !== name;
  return {
    name,
    host,
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ssh: { ...showSsh(ssh), ...(direct ? { jump: 'none' } : {}) },
  };
}

function showSsh(ssh: SshSettings): SshSection {
  return {
    ...(ssh.user === undefined ? {} : { user: ssh.user }),
    ...(ssh.key === undefined ? {} : { key: ssh.key }),
    ...(ssh.port === undefined ? {} : { port: ssh.port }),
    ...(ssh.knownHosts === undefined ? {} : { known_hosts: ssh.knownHosts }),
    host_keys: ssh.hostKeys,
    ...(ssh.jump === undefined ? (ssh.direct === true ? { jump: 'none' } : {}) : { jump: ssh.jump }),
  };
}
