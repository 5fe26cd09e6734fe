import { words } from '../../../shell/shell.ts';
import { type Fix, agentCheck } from '../../check.ts';
import type { FactSet } from '../../facts/fleet.ts';
import { createAgain, declaredOn, missingSessions, sessionOperand } from '../../sessions.ts';
import { NO_ANSWER } from './causes.ts';

/**
 * A session that people ask for is not there: the usual one, or one that is declared for the agent. Where others than the
 * usual one are, the agent may well be used in another way.
 */
export const sessionMissing = agentCheck({
  id: 'agent/session-missing',
  severity: 'error',
  title: 'The session is not there',
  why: 'People log in and see "No session available". Sessions do not survive a restart of dcvserver or of the host.',
  remedy: 'dcvops session create AGENT',
  fix: 'creates the session as the inventory has it, or those that it declares; undone by closing them',
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
    const there = (agent.sessions ?? []).map(({ id }) => id);
    const missing = (missingSessions({ name, agent }, set) ?? []).map(({ id }) => id);
    if (missing.length === 0) return undefined;
    const isUsedOtherwise = there.length > 0 && declaredOn(name, set) === undefined;
    return {
      severity: isUsedOtherwise ? 'note' : 'error',
      seen:
        there.length > 0
          ? `there is no session ${missing.join(', ')}, but ${there.join(', ')}`
          : 'there is no session at all',
      evidence: agent.signatures.filter((sign) => TELLING.has(sign.id)).map(({ line }) => line),
      remedy: createAgain(name, set),
      ...(isUsedOtherwise ? {} : { fix: fixFor(name, missing, set) }),
    };
  },
});

function fixFor(host: string, ids: readonly string[], set: FactSet): Fix {
  if (declaredOn(host, set) !== undefined) {
    return {
      kind: 'restore-sessions',
      host,
      title: `create what is declared and missing: ${ids.join(', ')}`,
      undo: `dcvops session close ${words(ids.map((id) => `${host}/${id}`)).toString()}`,
    };
  }
  const { id } = set.inventory.session;
  return {
    kind: 'create-session',
    host,
    sessionId: id,
    title: `create the session ${id}`,
    undo: `dcvops session close ${sessionOperand(host, id, set)}`,
  };
}

/** Lines that say why a session could not be created. */
const TELLING = new Set(['create-failed', 'x-server-running']);
