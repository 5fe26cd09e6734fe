import type { AgentHost } from '../../inventory/types.ts';

/** Which agents shall be marked down, of those that are dead. */
export interface Choice {
  readonly down: readonly AgentHost[];
  /** Dead too, but left unmarked: nobody would be left. */
  readonly spared: readonly AgentHost[];
}

/**
 * Chooses whom to mark. Agents out of service have a mark already. When all that are in service are dead, or all default
 * agents are, those are left: it may be the way to them that is broken, and an agent that may be dead serves better than
 * none. Pure.
 * @param outOfService names of agents in maintenance or draining
 * @param defaults names of the default agents
 */
export function chooseMarks(
  agents: readonly AgentHost[],
  dead: ReadonlySet<string>,
  outOfService: ReadonlySet<string>,
  defaults: ReadonlySet<string>,
): Choice {
  const serving = agents.filter(({ name }) => !outOfService.has(name));
  const candidates = serving.filter(({ name }) => dead.has(name));
  const groups = [serving, serving.filter(({ name }) => defaults.has(name))];
  const spared = new Set(groups.filter((group) => group.every(({ name }) => dead.has(name))).flat());
  return {
    down: candidates.filter((agent) => !spared.has(agent)),
    spared: candidates.filter((agent) => spared.has(agent)),
  };
}
