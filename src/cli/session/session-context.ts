import type { SessionTarget } from '../../dcv/session/select.ts';
import type { SessionContext } from '../../operations/session/context.ts';
import type { CliContext } from '../context.ts';
import { type Fleet, usingFleet } from '../fleet.ts';

/** What the operations on sessions work with, in a command. */
export function sessionContext(
  context: CliContext,
  { inventory, connect }: Pick<Fleet, 'inventory' | 'connect'>,
): SessionContext {
  const { emit, ask, concurrency } = context;
  return { inventory, connect, emit, concurrency, confirm: (question) => ask.confirm(question) };
}

/** Finds the sessions that are named, and lends the fleet to work on them. */
export async function withSessions<T>(
  context: CliContext,
  names: readonly string[],
  work: (sessions: SessionContext, targets: readonly SessionTarget[]) => Promise<T>,
): Promise<T> {
  return usingFleet(context, async (fleet) => {
    const { selectSessions } = await import('../../dcv/session/select.ts');
    return work(sessionContext(context, fleet), selectSessions(fleet.inventory, names));
  });
}

/** How the argument of commands that work on sessions reads. */
export const SESSION_ARGUMENT =
  'agents by name, address, glob or @tag; without /id the inventory’s default id';

/** The same where one word says which, for the next one is something else. */
export const ONE_SESSION_ARGUMENT =
  'one word: an agent’s name or address, or a glob or @tag for several; without /id the inventory’s default id';
