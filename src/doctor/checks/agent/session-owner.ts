import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { sessionOperand } from '../../sessions.ts';

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
    const { session } = set.inventory;
    const missing = agent.accounts
      .filter((account) => !account.exists)
      .map((account) => ({
        seen: `there is no account ${account.name} (${roleOf(account.name, set.inventory.session)})`,
        remedy: steps(
          asRoot(name, 'useradd', '--create-home', account.name),
          `or name another account below sessions.defaults in ${set.inventory.file}`,
        ),
      }));
    const roots = (agent.sessions ?? [])
      .filter(({ owner }) => owner === 'root' && session.owner !== 'root')
      .map(({ id }) => ({
        severity: 'warning' as const,
        seen: `${id} belongs to root; the inventory wants ${session.owner}`,
        remedy: `dcvops session create ${sessionOperand(name, id, set)} --replace`,
      }));
    return [...missing, ...roots];
  },
});

function roleOf(account: string, { user, owner }: { readonly user: string; readonly owner: string }): string {
  if (account === owner) return 'the owner of sessions';
  return account === user ? 'the user of sessions' : 'of a session that is there';
}
