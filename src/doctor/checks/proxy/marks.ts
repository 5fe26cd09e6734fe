import { type StatedAgent, withAnyMark } from '../../../gateway/agent-marks.ts';
import { addressOfKey, agentKey } from '../../../gateway/state.ts';
import type { FactSet } from '../../facts/fleet.ts';

/** The inventory's agents, as their marks on a proxy depend on them. */
export function statedAgents({ inventory }: FactSet): (StatedAgent & { readonly name: string })[] {
  return inventory.agents.map(({ name, address, state }) => ({
    name,
    host: address,
    state: state ?? 'in-service',
  }));
}

/** The names of the state files that are about these agents. */
export function filesAbout(agents: readonly StatedAgent[], state: readonly string[]): string[] {
  const keys = new Set(agents.map(agentKey));
  return state.filter((name) => keys.has(name.split('/')[1] ?? ''));
}

/** The marked agents that are none of these, by their keys. */
export function strangersOf(agents: readonly StatedAgent[], state: readonly string[]): string[] {
  const keys = new Set(agents.map(agentKey));
  return [...withAnyMark(state)].filter((key) => !keys.has(key));
}

/** An agent's name in the inventory, or else the address in its key. */
export function nameOfKey(set: FactSet, key: string): string {
  return statedAgents(set).find((agent) => agentKey(agent) === key)?.name ?? addressOfKey(key);
}
