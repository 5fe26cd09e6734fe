import { stringify } from 'yaml';
import type { SshSettings } from '../ssh/settings.ts';
import { withPort } from './addresses.ts';
import { showLogSource } from './log-sources.ts';
import type { InventoryFile, SshSection } from './schema.ts';
import type { Host, Inventory } from './types.ts';
import { showWatch } from './watch-settings.ts';

/**
 * The resolved inventory as plain data, in the file's own words and order: what dcvops makes of the file, defaults and
 * merged SSH settings included. It is a valid inventory itself, and means the same. SSH settings that are missing here
 * come from ~/.ssh/config.
 */
export function showInventory(inventory: Inventory): InventoryFile {
  const { gateway, sessions, agentDefaults } = inventory;
  const hosts = [...inventory.proxies, ...inventory.agents].map(({ name }) => name);
  const names = gateway.default.map(({ name }) => name);
  const [only] = names;
  return {
    defaults: { agents: { ssh: showSsh(agentDefaults) } },
    proxies: inventory.proxies.map((host) => showHost(host, undefined)),
    agents: inventory.agents.map((host) => showHost(host, agentDefaults)),
    gateway: {
      listen:
        gateway.listen.address === undefined
          ? gateway.listen.port
          : withPort(gateway.listen.address, gateway.listen.port),
      ...(gateway.url === undefined ? {} : { url: gateway.url }),
      tls: {
        ...(gateway.tls.kind === 'self-signed' ? { self_signed: true } : {}),
        certificate: gateway.tls.certificate,
        key: gateway.tls.key,
      },
      ...(only === undefined ? {} : { default: names.length === 1 ? only : names }),
      agent_networks: [...gateway.agentNetworks],
      access: { allow: gateway.access.allow === 'any' ? 'any' : [...gateway.access.allow] },
      worker_connections: gateway.workerConnections,
    },
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
