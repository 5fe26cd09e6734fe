import type { AgentHost } from '../inventory/types.ts';
import type { AgentOrder } from './state-script.ts';
import { AGENT_MARKS, type AgentMark, agentKey } from './state.ts';

/** What an agent's marks depend on. */
export type StatedAgent = Pick<AgentHost, 'host' | 'state'>;

/** What the inventory says of its agents, for every proxy; who is down is left as it is. Pure. */
export function inventoryOrders(agents: readonly AgentHost[]): AgentOrder[] {
  return agents.map((agent) => ({ agent, state: agent.state, health: 'keep' }));
}

/**
 * Do a proxy's marks differ from what the inventory says? Marks of agents that are down are as they should be, unless the
 * agent is not in service, or is none of the inventory's. Pure.
 * @param state names of the proxy's state files: `maintenance/dcv_10_150_248_180`
 */
export function marksDiffer(agents: readonly StatedAgent[], state: readonly string[]): boolean {
  const inService = new Set(agents.filter(isInService).map(agentKey));
  const down = marked(state, 'down');
  const wanted = [
    ...agents.filter((agent) => !isInService(agent)).map((agent) => `${agent.state}/${agentKey(agent)}`),
    ...down.filter((key) => inService.has(key)).map((key) => `down/${key}`),
  ];
  const out = wanted.map((name) => `out/${name.split('/')[1] ?? ''}`);
  const found = state.filter((name) => /^(?:maintenance|draining|down|out)\//.test(name));
  return !isSame([...wanted, ...out], found);
}

/** The agents with any mark on a proxy, as {@link agentKey}s: the pool of a release that comes back passes them by. Pure. */
export function withAnyMark(state: readonly string[]): Set<string> {
  return new Set(AGENT_MARKS.flatMap((mark) => marked(state, mark)));
}

/**
 * The agents that a proxy's pool shall pass by, as {@link agentKey}s: those marked down there, and those that the
 * inventory has out of service. Pure.
 */
export function outOfPool(agents: readonly StatedAgent[], state: readonly string[]): Set<string> {
  return new Set([...marked(state, 'down'), ...agents.filter((agent) => !isInService(agent)).map(agentKey)]);
}

/** The {@link agentKey}s of the agents with this mark, of a proxy's state files. Pure. */
export function marked(state: readonly string[], mark: AgentMark): string[] {
  return state.filter((name) => name.startsWith(`${mark}/`)).map((name) => name.slice(mark.length + 1));
}

/** The mark that counts of those that an agent has on a proxy; undefined: none. Pure. @param key its {@link agentKey} */
export function markOf(state: readonly string[], key: string): AgentMark | undefined {
  return AGENT_MARKS.find((mark) => state.includes(`${mark}/${key}`));
}

function isInService(agent: StatedAgent): boolean {
  return agent.state === 'in-service';
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}
