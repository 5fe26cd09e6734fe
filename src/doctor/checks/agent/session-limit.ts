import { agentCheck } from '../../check.ts';
import { limit } from '../../conf.ts';
import { missingSessions } from '../../sessions.ts';
import { NO_ANSWER } from './causes.ts';

/** dcv.conf allows no more sessions, and the wanted one is not among those that are there. */
export const sessionLimit = agentCheck({
  id: 'agent/session-limit',
  severity: 'error',
  title: 'DCV’s limit of sessions is reached',
  why: 'The session that people ask for cannot be created while others take all places.',
  remedy: 'dcvops session list AGENT',
  symptoms: ['session'],
  follows: [...NO_ANSWER, 'agent/session-kinds'],
  look: ({ name, agent, set }) => {
    const sessions = agent.sessions ?? [];
    const missing = missingSessions({ name, agent }, set) ?? [];
    if (missing.length === 0) return undefined;
    const most = limit(agent.conf, 'session-management/max-concurrent-sessions');
    const mostOfUser = limit(agent.conf, 'session-management/max-sessions-per-user');
    const remedy = `dcvops session list ${name}`;
    if (most !== undefined && sessions.length >= most) {
      return {
        seen: `${sessions.length} of at most ${most} sessions (max-concurrent-sessions) are there`,
        remedy,
      };
    }
    return [...new Set(missing.map(({ owner }) => owner))].flatMap((owner) => {
      const count = sessions.filter((session) => session.owner === owner).length;
      if (mostOfUser === undefined || count < mostOfUser) return [];
      return [
        { seen: `${owner} has ${count} of at most ${mostOfUser} sessions (max-sessions-per-user)`, remedy },
      ];
    });
  },
});
