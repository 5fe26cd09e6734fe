import { DcvopsError } from '../errors.ts';
import { contains, readAgentAddress, readHost } from './addresses.ts';
import { matchesGlob } from './glob.ts';
import { didYouMean } from './near-match.ts';
import { showPlain } from './problem.ts';
import type { AgentHost, Host, Inventory, ProxyHost } from './types.ts';

/**
 * The hosts that a command line names: by name, address (any spelling), glob over both (`gpu-*`, `10.150.248.*`) or tag
 * (`@gpu`), each host once, in the order of the patterns, those of one pattern in the inventory's order. No pattern
 * means every host of the role. An agent's address that the inventory does not name is taken when
 * `gateway.agent_networks` allow it: the gateway routes it too; it gets the agents' SSH defaults.
 * @throws DcvopsError `usage` that says of every pattern without a host what is near
 */
export function selectHosts(inventory: Inventory, patterns: readonly string[], role: 'proxy'): ProxyHost[];
export function selectHosts(inventory: Inventory, patterns: readonly string[], role: 'agent'): AgentHost[];
export function selectHosts(inventory: Inventory, patterns: readonly string[], role?: Host['role']): Host[];
export function selectHosts(inventory: Inventory, patterns: readonly string[], role?: Host['role']): Host[] {
  const all: readonly Host[] = [...inventory.proxies, ...inventory.agents];
  const suitable = all.filter((host) => role === undefined || host.role === role);
  if (patterns.length === 0) return suitable;

  const chosen = new Map<string, Host>();
  const failures: string[] = [];
  for (const pattern of patterns) {
    const found = matching(pattern, { inventory, all, suitable, role });
    if (typeof found === 'string') failures.push(found);
    else for (const host of found) if (!chosen.has(host.name)) chosen.set(host.name, host);
  }
  if (failures.length > 0) {
    throw new DcvopsError('usage', [...new Set(failures)].join('\n'), { hint: 'dcvops inventory show' });
  }
  return [...chosen.values()];
}

interface Choice {
  readonly inventory: Inventory;
  readonly all: readonly Host[];
  /** Those of the role that the command works on. */
  readonly suitable: readonly Host[];
  readonly role: Host['role'] | undefined;
}

/** The hosts of one pattern, or why there is none. */
function matching(pattern: string, choice: Choice): readonly Host[] | string {
  const { inventory, all, suitable, role } = choice;
  const matches = matcher(pattern);
  const found = suitable.filter(matches);
  if (found.length > 0) return found;

  const others = all.filter(matches);
  if (others.length > 0) return wrongRole(pattern, others, role);
  if (pattern.startsWith('@')) return noSuchTag(pattern, suitable);
  const address = role === 'proxy' ? undefined : asAddress(pattern);
  if (address === undefined) return noSuchHost(pattern, suitable, role);
  if (typeof address === 'string') return adHocAgent(address, inventory);
  return `${showPlain(pattern)} is no agent’s address; it has to be ${address.allowed}`;
}

function matcher(pattern: string): (host: Host) => boolean {
  if (pattern.startsWith('@')) return ({ tags }) => tags.includes(pattern.slice(1));
  if (/[*?]/.test(pattern)) {
    return ({ name, host }) => matchesGlob(pattern, name) || matchesGlob(pattern, host);
  }
  const reading = readHost(pattern);
  const address = 'value' in reading ? reading.value : undefined;
  return ({ name, host }) => name === pattern || host === address;
}

function asAddress(pattern: string): string | { readonly allowed: string } | undefined {
  const reading = readAgentAddress(pattern);
  if ('value' in reading) return reading.value;
  return /^[0-9.]+$|:/.test(pattern) ? reading : undefined;
}

function adHocAgent(address: string, inventory: Inventory): readonly AgentHost[] | string {
  const { agentNetworks } = inventory.gateway;
  if (!agentNetworks.some((network) => contains(network, address))) {
    return (
      `${address} is not in the inventory, and the gateway routes ` +
      (agentNetworks.length === 0 ? 'no other agents' : `${agentNetworks.join(', ')} only`)
    );
  }
  return [
    {
      role: 'agent',
      name: address,
      host: address,
      tags: [],
      ssh: inventory.agentDefaults,
      position: { file: inventory.file, line: 1 },
      adHoc: true,
      state: 'in-service',
      access: { allow: 'any', deny: [] },
    },
  ];
}

function wrongRole(pattern: string, others: readonly Host[], role: Host['role'] | undefined): string {
  const [wanted, one, several] =
    role === 'proxy' ? ['proxies', 'an agent', 'agents'] : ['agents', 'a proxy', 'proxies'];
  const names = others.map(({ name }) => name).join(', ');
  const who = names === pattern ? names : `${showPlain(pattern)} (${names})`;
  return `${who} ${others.length === 1 ? `is ${one}` : `are ${several}`}; this command works on ${wanted}`;
}

function noSuchTag(pattern: string, suitable: readonly Host[]): string {
  const tags = [...new Set(suitable.flatMap((host) => host.tags))];
  const near = didYouMean(pattern.slice(1), tags)
    .replaceAll('"', '')
    .replace(/(mean|or) /g, '$1 @');
  return `no host has the tag ${showPlain(pattern)}${near === '' ? known(tags, 'tags') : near}`;
}

function noSuchHost(pattern: string, suitable: readonly Host[], role: Host['role'] | undefined): string {
  const names = suitable.map(({ name }) => name);
  const noun = role ?? 'host';
  const near = didYouMean(pattern, names);
  return `no ${noun} ${/[*?]/.test(pattern) ? 'matches' : 'is called'} "${showPlain(pattern)}"${
    near === '' ? known(names, 'names') : near
  }`;
}

const MOST_KNOWN = 8;

function known(words: readonly string[], noun: string): string {
  if (words.length === 0) return `; the inventory has no ${noun} of that kind`;
  const some = words.slice(0, MOST_KNOWN).join(', ');
  return `; there ${words.length === 1 ? 'is' : 'are'} ${some}${words.length > MOST_KNOWN ? ', …' : ''}`;
}
