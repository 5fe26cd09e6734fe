import { words } from '../../../shell/shell.ts';
import { agentCheck } from '../../check.ts';
import { flag } from '../../conf.ts';
import { unsetAndRestart } from '../../dcv-settings.ts';
import { makeRoom, wantedSessions } from '../../sessions.ts';
import { NO_ANSWER } from './causes.ts';

const CREATES = 'session-management/create-session';

/** Sessions of the other kind are there, or come by themselves: DCV has no virtual sessions beside a console session. */
export const sessionKinds = agentCheck({
  id: 'agent/session-kinds',
  severity: 'error',
  title: 'Sessions of the other kind are in the way',
  why: 'DCV shows either the console or virtual sessions: the inventory’s session cannot be created beside these.',
  remedy: 'dcvops session create AGENT --replace',
  symptoms: ['session'],
  follows: NO_ANSWER,
  look: ({ name, agent, set }) => {
    const wanted = wantedSessions(name, set);
    // the inventory declares sessions of one kind alone for an agent
    const type = wanted[0]?.type ?? set.inventory.session.type;
    const sessions = agent.sessions ?? [];
    const automatic = type === 'virtual' && flag(agent.conf, CREATES);
    const others = sessions.filter((session) => session.type !== undefined && session.type !== type);
    const isThere = sessions.some(({ id }) => wanted.some((one) => one.id === id));
    if (others.length > 0 && !isThere) {
      return {
        seen: `the inventory wants ${type} sessions; there ${others.length === 1 ? 'is' : 'are'} ${others.map((one) => `${one.id} (${one.type ?? 'unknown'})`).join(', ')}`,
        remedy: automatic ? unsetAndRestart(name, CREATES, set) : makeRoom(name, others, set),
      };
    }
    if (!automatic) return undefined;
    return {
      severity: isThere ? 'warning' : 'error',
      seen: 'dcv.conf sets create-session=true: from the next start on the console session is there first',
      remedy: `dcvops dcv config unset ${words([name, CREATES]).toString()}`,
    };
  },
});
