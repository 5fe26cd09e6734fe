import pLimit from 'p-limit';
import { readSessionsAndClock } from '../../dcv/session/act.ts';
import { type IdleSession, idleSessions } from '../../dcv/session/idle.ts';
import type { DcvSession } from '../../dcv/types.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost } from '../../inventory/types.ts';
import { confirmOrThrow } from '../../report/ask.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import { words } from '../../shell/shell.ts';
import { outcomeOf } from '../outcome.ts';
import { closeOne } from './close.ts';
import { clockTold } from './connections.ts';
import type { SessionContext } from './context.ts';
import { readAgentSessions } from './list.ts';
import { type SessionResult, workOnSessions } from './targets.ts';

/** The sessions of one agent that nobody is connected to. */
export interface AgentIdleSessions {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  readonly sessions: readonly ListedIdleSession[];
  /** Why there is nothing to tell; undefined when the agent answered. */
  readonly problem: string | undefined;
}

export interface ListedIdleSession extends DcvSession {
  readonly idleSince: Date | undefined;
  /** By the host's clock. */
  readonly idleMs: number | undefined;
  /** Nobody was ever connected: idle since it was created. */
  readonly neverUsed: boolean;
}

/**
 * Lists the sessions without connections, agents side by side, longest idle first. An agent that cannot tell gets an outcome
 * of its own; a session of which DCV does not tell whether somebody is connected, a note.
 */
export async function listIdleSessions(
  context: Omit<SessionContext, 'confirm'>,
  agents: readonly AgentHost[],
  olderThanMs: number | undefined,
): Promise<AgentIdleSessions[]> {
  const limit = pLimit(context.concurrency);
  return Promise.all(agents.map((agent) => limit(() => listOne(context, agent, olderThanMs))));
}

async function listOne(
  context: Omit<SessionContext, 'confirm'>,
  agent: AgentHost,
  olderThanMs: number | undefined,
): Promise<AgentIdleSessions> {
  const answer = { agent: agent.name, address: agent.host };
  try {
    const remote = await context.connect(agent);
    const { sessions, records } = await readAgentSessions(
      context.emit,
      remote,
      agent,
      readSessionsAndClock(),
    );
    noteUnknown(context, agent, sessions);
    const now = clockTold(records) ?? new Date();
    const idle = idleSessions(sessions, { now, olderThanMs });
    return { ...answer, sessions: idle.map((one) => listed(one, now)), problem: undefined };
  } catch (error) {
    const outcome = outcomeOf(error, agent.name);
    context.emit(outcome);
    return { ...answer, sessions: [], problem: outcome.message };
  }
}

function listed({ session, since, neverUsed }: IdleSession, now: Date): ListedIdleSession {
  const idleMs = since === undefined ? undefined : Math.max(0, now.getTime() - since.getTime());
  return { ...session, idleSince: since, idleMs, neverUsed };
}

function noteUnknown(
  context: Pick<SessionContext, 'emit'>,
  agent: AgentHost,
  sessions: readonly DcvSession[],
): void {
  const unknown = sessions.filter(({ connections }) => connections === undefined);
  if (unknown.length === 0) return;
  context.emit({
    type: 'note',
    level: 'warning',
    host: agent.name,
    message: sanitiseLine(
      `DCV does not tell whether somebody is connected to ${unknown.map(({ id }) => `"${id}"`).join(', ')}.`,
    ),
    hint: `dcvops session connections ${agent.name}`,
  });
}

/** The `session idle` that was typed, to be shown as the next one to type. */
export interface TypedIdle {
  readonly agents: readonly string[];
  /** As it was typed: `7d`. */
  readonly olderThan: string | undefined;
}

/**
 * Closes sessions that {@link listIdleSessions} listed, after a yes. Each host looks once more, in the script that closes:
 * a session that somebody is connected to, or was meanwhile, stays.
 */
export async function closeIdleSessions(
  context: SessionContext,
  agents: readonly AgentHost[],
  lists: readonly AgentIdleSessions[],
  typed: TypedIdle,
): Promise<SessionResult[]> {
  const idle = lists.flatMap((list) =>
    agents
      .filter(({ name }) => name === list.agent)
      .flatMap((agent) => list.sessions.map((session) => ({ agent, id: session.id, session }))),
  );
  if (idle.length === 0) return [];
  const many = idle.length === 1 ? 'this session' : `these ${idle.length} sessions`;
  await confirmOrThrow(context.confirm, {
    text: `Close ${many}? Programs that still run there end, too.`,
    flag: '--yes',
    refusal: new DcvopsError('failed', 'the sessions were not closed. Nothing changed.', {
      hint: closeCommand(typed),
    }),
  });
  return workOnSessions(context, idle, async (remote, target) => {
    const found = idle.find(({ agent, id }) => agent.name === target.agent.name && id === target.id);
    const lastDisconnectedAt = found?.session.lastDisconnectedAt ?? 'never';
    return { message: await closeOne(remote, target, { endSessions: false, lastDisconnectedAt }), more: {} };
  });
}

function closeCommand({ agents, olderThan }: TypedIdle): string {
  const age = olderThan === undefined ? [] : ['--older-than', olderThan];
  return words(['dcvops', 'session', 'idle', ...agents, ...age, '--close', '--yes']).toString();
}
