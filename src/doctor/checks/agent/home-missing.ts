import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { desktopAccounts } from '../../desktop-accounts.ts';

/** The user of virtual sessions has no home folder. */
export const homeMissing = agentCheck({
  id: 'agent/home-missing',
  severity: 'error',
  title: 'The user of sessions has no home folder',
  why: 'A desktop ends at once when it cannot write its settings. A network share that is not mounted looks the same.',
  remedy: 'dcvops exec --sudo AGENT -- mkhomedir_helper USER',
  symptoms: ['desktop'],
  follows: ['agent/session-owner'],
  look: ({ name, agent, set }) =>
    desktopAccounts(name, agent, set)
      .filter(({ home, homeOwnerUid }) => home !== undefined && homeOwnerUid === undefined)
      .map((account) => ({
        seen: `${account.home ?? 'the home folder'} of ${account.name} is not there`,
        remedy: asRoot(name, 'mkhomedir_helper', account.name),
      })),
});
