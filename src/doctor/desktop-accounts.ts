import type { AccountFacts, AgentFacts } from './facts/agent.ts';
import type { FactSet } from './facts/fleet.ts';
import { wantedSessions } from './sessions.ts';

/** The accounts as which desktops run, or shall run by the inventory, as far as they exist. Pure. */
export function desktopAccounts(
  host: string,
  { accounts, sessions = [] }: AgentFacts,
  set: FactSet,
): AccountFacts[] {
  const users = new Set([...wantedSessions(host, set), ...sessions].map(({ user }) => user));
  return accounts.filter(({ exists, name }) => exists && users.has(name));
}
