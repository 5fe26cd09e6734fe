import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { NO_ANSWER } from './causes.ts';

/** The session that people ask for is not there. Where others are, the agent may well be used in another way. */
export const sessionMissing = agentCheck({
  id: 'agent/session-missing',
  severity: 'error',
  title: 'The session is not there',
  why: 'People log in and see "No session available". Sessions do not survive a restart of dcvserver or of the host.',
  remedy: 'dcvops session create AGENT',
  fix: 'creates the session as the inventory has it; undone by closing it',
  symptoms: ['session'],
  follows: [
    ...NO_ANSWER,
    'agent/launcher-down',
    'agent/licence',
    'agent/session-owner',
    'agent/session-kinds',
    'agent/session-limit',
    'agent/home-missing',
    'agent/home-owner',
    'agent/xdcv-missing',
    'agent/no-desktop',
    'agent/stale-x-lock',
    'host/disk-full',
    'host/inodes-full',
  ],
  look: ({ name, agent, set }) => {
    const { id } = set.inventory.session;
    const { sessions } = agent;
    if (sessions === undefined || sessions.some((session) => session.id === id)) return undefined;
    const others = sessions.map((session) => session.id);
    return {
      severity: others.length > 0 ? 'note' : 'error',
      seen:
        others.length > 0
          ? `there is no session ${id}, but ${others.join(', ')}`
          : 'there is no session at all',
      evidence: agent.signatures.filter((sign) => TELLING.has(sign.id)).map(({ line }) => line),
      remedy: `dcvops session create ${name}`,
      ...(others.length > 0
        ? {}
        : {
            fix: {
              kind: 'create-session',
              host: name,
              sessionId: id,
              title: `create the session ${id}`,
              undo: asRoot(name, 'dcv', 'close-session', id),
            },
          }),
    };
  },
});

/** Lines that say why a session could not be created. */
const TELLING = new Set(['create-failed', 'x-server-running']);
