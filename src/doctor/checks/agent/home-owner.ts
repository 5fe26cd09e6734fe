import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { usersOf } from './home-missing.ts';

/** The home folder belongs to somebody else. */
export const homeOwner = agentCheck({
  id: 'agent/home-owner',
  severity: 'error',
  title: 'The home folder belongs to somebody else',
  why: 'A desktop ends at once when its user cannot write there; after a change of the account’s number all files have the old one.',
  remedy: 'dcvops exec --sudo AGENT -- chown -R USER: /home/USER',
  symptoms: ['desktop'],
  follows: ['agent/session-owner'],
  look: ({ name, agent, set }) => {
    const users = usersOf(agent.sessions, set.inventory.session.user);
    return agent.accounts
      .filter((account) => account.exists && users.has(account.name))
      .flatMap(({ name: user, uid, home, homeOwnerUid }) =>
        uid === undefined || home === undefined || homeOwnerUid === undefined || homeOwnerUid === uid
          ? []
          : [
              {
                seen: `${home} belongs to number ${homeOwnerUid}; ${user} is ${uid}`,
                remedy: asRoot(name, 'chown', '-R', `${user}:`, home),
              },
            ],
      );
  },
});
