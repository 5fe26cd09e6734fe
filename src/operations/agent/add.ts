import { DcvopsError } from '../../errors.ts';
import { contains, networkAround, readAgentAddress, readAgentNetwork } from '../../inventory/addresses.ts';
import { openInventoryText, planEdit } from '../../inventory/edit-file.ts';
import type { Edit, NewAgent } from '../../inventory/edit.ts';
import type { InventoryFile } from '../../inventory/schema.ts';
import type { AgentHost, Inventory, ProxyHost } from '../../inventory/types.ts';
import { urlOfGateway } from '../gateway/way.ts';
import { type AgentContext, type AgentOptions, carryOutEdit } from './context.ts';
import { askThroughGateway } from './probe.ts';

export interface AddOptions extends AgentOptions {
  /** A network to add to `gateway.agent_networks`, so that the agent is in one of them. */
  readonly network: string | undefined;
  /** Whether the gateway is asked for the agent afterwards. */
  readonly probe: boolean;
}

/**
 * Adds an agent to the inventory, and tells how the gateway comes to serve it: at once where `gateway.agent_networks` hold
 * its address, else by a deploy. Whether it answers through the gateway is told, and is no failure of this.
 * @throws DcvopsError `usage` for an address outside of the networks, `inventory` where the file can't be edited so
 */
export async function addAgent(context: AgentContext, agent: NewAgent, options: AddOptions): Promise<void> {
  const before = await openInventoryText(context.inventory.file);
  const address = agentAddress(agent.host);
  const wanted = { ...agent, host: address };
  const networkEdit = networkToAdd(before.content, wanted, options.network);
  const plan = await planEdit(before, [...networkEdit, { kind: 'add-agent', agent: wanted }]);
  const inventory = await carryOutEdit(context, plan, options);
  const added = inventory?.agents.find(({ name }) => name === agent.name);
  if (inventory === undefined || added === undefined) return;

  const route = routeTo(context.inventory, inventory, added);
  context.emit({
    type: 'outcome',
    host: added.name,
    outcome: 'done',
    message: `added to ${inventory.file}; ${describeRoute(route, inventory, added)}`,
    hint: hintFor(route, inventory, added),
  });
  if (route.kind === 'at-once' && options.probe) await askAll(context, inventory, added);
}

function agentAddress(text: string): string {
  const reading = readAgentAddress(text);
  if ('value' in reading) return reading.value;
  throw new DcvopsError(
    'usage',
    `${JSON.stringify(text)} can't be an agent's address; it has to be ${reading.allowed}`,
  );
}

/** The edit for `--network`; opening the gateway to more addresses is never done without it. Pure. */
export function networkToAdd(
  content: Pick<InventoryFile, 'gateway'>,
  agent: NewAgent,
  network: string | undefined,
): Edit[] {
  const written = content.gateway.agent_networks;
  const networks = written?.flatMap((one) => canonicalNetwork(one) ?? []);
  if (network === undefined) {
    if (networks?.some((one) => contains(one, agent.host)) === false) throw outside(agent, networks);
    return [];
  }
  const reading = readAgentNetwork(network);
  if (!('value' in reading)) {
    throw new DcvopsError('usage', `--network ${network}: it has to be ${reading.allowed}`);
  }
  if (!contains(reading.value, agent.host)) {
    throw new DcvopsError('usage', `--network ${network} does not hold ${agent.host}`);
  }
  if (networks === undefined) {
    throw new DcvopsError(
      'usage',
      'gateway.agent_networks is not set: the gateway serves the agents that are named, and needs no --network',
    );
  }
  return networks.includes(reading.value) ? [] : [{ kind: 'add-network', network: reading.value }];
}

function canonicalNetwork(text: string): string | undefined {
  const reading = readAgentNetwork(text);
  return 'value' in reading ? reading.value : undefined;
}

function outside({ name, host }: NewAgent, networks: readonly string[]): DcvopsError {
  const wider = networkAround(host, host.includes(':') ? 64 : 24);
  return new DcvopsError(
    'usage',
    `${host} is outside of gateway.agent_networks (${networks.join(', ')}), so the gateway would refuse it. Nothing changed.`,
    {
      hint: `dcvops agent add ${name} ${host} --network ${host}   (or its network: ${wider}), then: dcvops deploy`,
    },
  );
}

/** How the gateway comes to serve an agent that was added. */
export type Route =
  | { readonly kind: 'at-once' }
  | { readonly kind: 'deploy' }
  /** While `verify_agents` is on, nobody is served whose certificate is not known. */
  | { readonly kind: 'pin' };

/**
 * Does the gateway that was deployed from the inventory as it was serve the new agent already? It dials any address that
 * its networks hold. Pure.
 */
export function routeTo(before: Inventory, after: Inventory, { host }: AgentHost): Route {
  if (after.gateway.verifyAgents) return { kind: 'pin' };
  return {
    kind: before.gateway.agentNetworks.some((network) => contains(network, host)) ? 'at-once' : 'deploy',
  };
}

function describeRoute({ kind }: Route, inventory: Inventory, { host }: AgentHost): string {
  const url = `${urlOf(inventory)}/${host}/`;
  switch (kind) {
    case 'at-once':
      return `no deploy is needed for ${url}, since gateway.agent_networks holds it`;
    case 'deploy':
      return `${url} works after a deploy`;
    case 'pin':
      return `${url} works after its certificate is pinned (gateway.verify_agents is on) and a deploy`;
  }
}

/** What people open; with several proxies that of the first. */
function urlOf(inventory: Inventory): string {
  const [first] = inventory.proxies;
  return inventory.gateway.url ?? (first === undefined ? '' : urlOfGateway(inventory, first));
}

function hintFor({ kind }: Route, { gateway }: Inventory, { name }: AgentHost): string {
  switch (kind) {
    case 'at-once': {
      const portal = gateway.portal ? `, its place at /portal/` : '';
      return `dcvops deploy   (some time: it gives the agent /${name}/${portal} and connections that are kept open)`;
    }
    case 'deploy':
      return 'dcvops deploy';
    case 'pin':
      return `dcvops agent pin ${name}\ndcvops deploy`;
  }
}

/** One line for each proxy. */
async function askAll(context: AgentContext, inventory: Inventory, agent: AgentHost): Promise<void> {
  const way = { inventory, connect: context.connect, roots: await context.roots() };
  await Promise.all(
    inventory.proxies.map(async (proxy: ProxyHost) => {
      const row = await askThroughGateway(way, proxy, agent);
      const time = row.elapsedMs === undefined ? '' : ` in ${row.elapsedMs} ms`;
      context.emit({
        type: 'note',
        level: row.ok ? 'info' : 'warning',
        host: proxy.name,
        message: row.ok
          ? `${agent.name} answers through the gateway: ${row.detail}${time}`
          : `${agent.name} does not answer through the gateway: ${row.detail}`,
        ...(row.hint === undefined ? {} : { hint: row.hint }),
      });
    }),
  );
}
