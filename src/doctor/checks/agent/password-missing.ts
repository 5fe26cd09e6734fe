import { words } from '../../../shell/shell.ts';
import { agentCheck } from '../../check.ts';
import { loginMode } from '../../conf.ts';
import { wantedSessions } from '../../sessions.ts';

/** Viewers log in with the owner's password, and there is none. */
export const passwordMissing = agentCheck({
  id: 'agent/password-missing',
  severity: 'error',
  title: 'The owner of the session has no password',
  why: 'DCV asks viewers for the account’s password (authentication="system"): without one nobody can log in.',
  remedy: 'dcvops ssh AGENT -- sudo passwd USER',
  symptoms: ['session'],
  follows: ['agent/dcv-missing', 'agent/session-owner'],
  look: ({ name, agent, set }) => {
    if (loginMode(agent.conf) !== 'system') return undefined;
    const wanted = wantedSessions(name, set).map((session) => session.owner);
    const owners = new Set([...wanted, ...(agent.sessions ?? []).map((session) => session.owner)]);
    return agent.accounts
      .filter((account) => owners.has(account.name) && account.exists && account.password === 'none')
      .filter((account) => account.name !== 'root' || wanted.includes('root'))
      .map((account) => ({
        seen: `${account.name} has no password, or a locked one`,
        remedy: `dcvops ssh ${name} -- ${words(['sudo', 'passwd', account.name]).toString()}`,
      }));
  },
});
