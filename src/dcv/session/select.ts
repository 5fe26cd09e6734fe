import { selectHosts } from '../../inventory/select.ts';
import type { AgentHost, Inventory } from '../../inventory/types.ts';
import { parseSessionName } from './id.ts';

/** One session, wherever it was named. */
export interface SessionTarget {
  readonly agent: AgentHost;
  readonly id: string;
}

/** An agent and the sessions on it that are meant; no ids: all of them. */
export interface AgentTarget {
  readonly agent: AgentHost;
  readonly ids: readonly string[] | undefined;
}

/**
 * The sessions that a command line names, each once, in the order they were named; without `/ID` the inventory's default
 * id is meant.
 * @throws DcvopsError `usage` for a name that matches no agent
 */
export function selectSessions(inventory: Inventory, names: readonly string[]): SessionTarget[] {
  const chosen = new Map<string, SessionTarget>();
  for (const text of names) {
    const name = parseSessionName(text);
    const id = name.id ?? inventory.sessions.id;
    for (const agent of selectHosts(inventory, [name.agent], 'agent')) {
      const key = `${agent.name}/${id}`;
      if (!chosen.has(key)) chosen.set(key, { agent, id });
    }
  }
  return [...chosen.values()];
}

/**
 * The agents that a command line names, for commands that look at all sessions: `AGENT` means all of its sessions,
 * `AGENT/ID` one of them, nothing at all the whole fleet.
 * @throws DcvopsError `usage` for a name that matches no agent
 */
export function selectAgentSessions(inventory: Inventory, names: readonly string[]): AgentTarget[] {
  if (names.length === 0)
    return selectHosts(inventory, [], 'agent').map((agent) => ({ agent, ids: undefined }));
  const chosen = new Map<string, AgentTarget>();
  for (const text of names) {
    const { agent: pattern, id } = parseSessionName(text);
    for (const agent of selectHosts(inventory, [pattern], 'agent')) {
      const before = chosen.get(agent.name);
      const all = id === undefined || (before !== undefined && before.ids === undefined);
      const ids = all ? undefined : [...new Set([...(before?.ids ?? []), id])];
      chosen.set(agent.name, { agent, ids });
    }
  }
  return [...chosen.values()];
}
