import type { AccountFacts, AgentFacts } from './facts/agent.ts';
import type { FactSet } from './facts/fleet.ts';

/** The accounts as which desktops run, or shall run by the inventory, as far as they exist. Pure. */
export function desktopAccounts({ accounts, sessions = [] }: AgentFacts, set: FactSet): AccountFacts[] {
  const users = new Set([set.inventory.session.user, ...sessions.flatMap((session) => session.user ?? [])]);
  return accounts.filter(({ exists, name }) => exists && users.has(name));
}
