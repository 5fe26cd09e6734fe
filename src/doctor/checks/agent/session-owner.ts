import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import type { WantedSession } from '../../facts/fleet.ts';
import { createAnew, declaredOn, wantedSessions } from '../../sessions.ts';

/** Accounts of sessions that do not exist, and sessions that belong to root where nobody wants that. */
export const sessionOwner = agentCheck({
  id: 'agent/session-owner',
  severity: 'error',
  title: 'A session’s account is missing, or is root by mistake',
  why: 'A session without an account cannot be created, and only its owner may connect to it.',
  remedy: 'dcvops exec --sudo AGENT -- useradd --create-home USER',
  symptoms: ['session'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent, set }) => {
    const wanted = wantedSessions(name, set);
    const isDeclared = declaredOn(name, set) !== undefined;
    const missing = agent.accounts
      .filter((account) => !account.exists)
      .map((account) => ({
        seen: `there is no account ${account.name} (${roleOf(account.name, wanted)})`,
        remedy: steps(
          asRoot(name, 'useradd', '--create-home', account.name),
          `or name another account ${isDeclared ? 'for the declared session' : 'below sessions.defaults'} in ${set.inventory.file}`,
        ),
      }));
    const roots = (agent.sessions ?? [])
      .map(({ id, owner }) => ({
        id,
        owner,
        rightful: (wanted.find((one) => one.id === id) ?? set.inventory.session).owner,
      }))
      .filter(({ owner, rightful }) => owner === 'root' && rightful !== 'root')
      .map(({ id, rightful }) => ({
        severity: 'warning' as const,
        seen: `${id} belongs to root; the inventory wants ${rightful}`,
        remedy: createAnew(name, id, set),
      }));
    return [...missing, ...roots];
  },
});

function roleOf(account: string, wanted: readonly WantedSession[]): string {
  if (wanted.some(({ owner }) => owner === account)) return 'the owner of sessions';
  return wanted.some(({ user }) => user === account) ? 'the user of sessions' : 'of a session that is there';
}
