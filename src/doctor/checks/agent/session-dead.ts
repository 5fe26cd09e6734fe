import { agentCheck } from '../../check.ts';
import type { AgentFacts, SessionFacts } from '../../facts/agent.ts';
import { createAnew, xServerLives } from '../../sessions.ts';
import { NO_ANSWER } from './causes.ts';

/** DCV lists a virtual session whose X server or agent process is gone. */
export const sessionDead = agentCheck({
  id: 'agent/session-dead',
  severity: 'error',
  title: 'A virtual session is listed, but dead',
  why: 'People connect and see nothing. The session has to be made anew; what was open in it is lost already.',
  remedy: 'dcvops session create AGENT --replace',
  symptoms: ['session'],
  follows: [...NO_ANSWER, 'host/disk-full', 'host/inodes-full'],
  look: ({ name, agent, set }) =>
    (agent.sessions ?? []).flatMap((session) => {
      const gone = whatIsGone(session, agent);
      if (gone === undefined) return [];
      return [
        {
          seen: `${session.id} is listed as ${session.status ?? 'there'}, but ${gone}`,
          remedy: createAnew(name, session.id, set),
        },
      ];
    }),
});

function whatIsGone(session: SessionFacts, agent: AgentFacts): string | undefined {
  if (session.type !== 'virtual') return undefined;
  if (xServerLives(session, agent) === false) {
    return `its X server on ${session.display ?? 'its display'} is gone`;
  }
  return agentProcessLives(session, agent) ? undefined : 'its process dcvagent is gone';
}

/** Does a process dcvagent belong to it? Where processes cannot be read, or are called otherwise, it counts as alive. */
function agentProcessLives({ id }: SessionFacts, { processes }: AgentFacts): boolean {
  if (!processes.some(({ command }) => command.includes('dcvserver'))) return true;
  const agents = processes.filter(({ command }) => /(?:^|\/| )dcvagent(?: |$)/.test(command));
  return agents.some(({ command }) => {
    const named = / --session-id[= ](\S+)/.exec(command)?.[1];
    return named === undefined || named === id;
  });
}
