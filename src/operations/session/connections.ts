import pLimit from 'p-limit';
import { readConnections } from '../../dcv/session/act.ts';
import type { AgentTarget } from '../../dcv/session/select.ts';
import type { DcvConnection } from '../../dcv/types.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import { outcomeOf } from '../outcome.ts';
import type { SessionContext } from './context.ts';
import { viewersTold } from './describe.ts';
import { readAgentSessions } from './list.ts';
import { sessionOf } from './targets.ts';

/** Who is connected to the sessions of one agent. */
export interface AgentConnections {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  /** What the host's clock said, which is the one that DCV's times are by; undefined where nobody was asked about. */
  readonly now: Date | undefined;
  readonly connections: readonly SessionConnection[];
  /** Why there is nothing to tell; undefined when the agent answered. */
  readonly problem: string | undefined;
}

export interface SessionConnection extends DcvConnection {
  /** The session's id. */
  readonly session: string;
}

/**
 * Tells who is connected, agents side by side, in the order the agents were given. An agent that cannot tell gets an outcome
 * of its own, which never stops the others; a session of which DCV does not tell, a note. A second round trip is made only
 * where a session may have somebody.
 */
export async function listFleetConnections(
  context: Omit<SessionContext, 'confirm'>,
  targets: readonly AgentTarget[],
): Promise<AgentConnections[]> {
  const limit = pLimit(context.concurrency);
  return Promise.all(targets.map((target) => limit(() => listOne(context, target))));
}

async function listOne(
  context: Omit<SessionContext, 'confirm'>,
  target: AgentTarget,
): Promise<AgentConnections> {
  const { agent } = target;
  const answer = { agent: agent.name, address: agent.host };
  try {
    return { ...answer, ...(await read(context, target)), problem: undefined };
  } catch (error) {
    const outcome = outcomeOf(error, agent.name);
    context.emit(outcome);
    return { ...answer, now: undefined, connections: [], problem: outcome.message };
  }
}

async function read(
  context: Omit<SessionContext, 'confirm'>,
  { agent, ids }: AgentTarget,
): Promise<Pick<AgentConnections, 'now' | 'connections'>> {
  const remote = await context.connect(agent);
  const { sessions } = await readAgentSessions(context.emit, remote, agent);
  const meant = ids === undefined ? sessions : ids.map((id) => sessionOf({ agent, id }, sessions));
  const asked = meant.filter(({ connections }) => connections !== 0).map(({ id }) => id);
  if (asked.length === 0) return { now: undefined, connections: [] };
  const records = parseRecords((await remote.run(readConnections(asked))).stdout);
  return {
    now: clockTold(records),
    connections: asked.flatMap((session) => {
      const viewers = viewersTold(recordsOf(records, session));
      if (viewers === undefined) {
        context.emit({
          type: 'note',
          level: 'warning',
          host: agent.name,
          message: `DCV does not tell who is connected to "${session}".`,
        });
      }
      return (viewers ?? []).map((viewer) => ({ session, ...viewer }));
    }),
  };
}

/** What a script told between `session ID` and the next one. */
export function recordsOf(records: readonly ScriptRecord[], id: string): readonly ScriptRecord[] {
  const from = records.findIndex(({ name, value }) => name === 'session' && value === id) + 1;
  if (from === 0) return [];
  const length = records.slice(from).findIndex(({ name }) => name === 'session');
  return records.slice(from, length === -1 ? undefined : from + length);
}

/** The host's clock, as a script told it in seconds. */
export function clockTold(records: readonly ScriptRecord[]): Date | undefined {
  const told = records.find(({ name }) => name === 'now')?.value ?? '';
  return /^\d{1,12}$/.test(told) ? new Date(Number(told) * 1000) : undefined;
}
