import pLimit from 'p-limit';
import { parseAgentSessions, readSessions } from '../../dcv/agent-facts.ts';
import { sessionUrl } from '../../dcv/session/url.ts';
import type { DcvSession } from '../../dcv/types.ts';
import type { AgentHost } from '../../inventory/types.ts';
import type { Emit } from '../../report/events.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';
import type { SessionContext } from './context.ts';
import { silenceError } from './silence.ts';

/** The sessions of one agent. */
export interface AgentSessions {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  readonly sessions: readonly ListedSession[];
  /** Why there is nothing to tell; undefined when the agent answered. */
  readonly problem: string | undefined;
}

export interface ListedSession extends DcvSession {
  /** What people open. */
  readonly url: string;
}

/**
 * Lists the sessions of agents side by side, in the order the agents were given. An agent that cannot tell gets an outcome
 * (a failure of its own, which never stops the others) and no sessions; a stopped dcvserver has none, and a note says so.
 */
export async function listAgentSessions(
  context: Omit<SessionContext, 'confirm'>,
  agents: readonly AgentHost[],
): Promise<AgentSessions[]> {
  const limit = pLimit(context.concurrency);
  return Promise.all(agents.map((agent) => limit(() => listOne(context, agent))));
}

async function listOne(context: Omit<SessionContext, 'confirm'>, agent: AgentHost): Promise<AgentSessions> {
  const answer = { agent: agent.name, address: agent.host };
  try {
    const { sessions } = await readAgentSessions(context.emit, await context.connect(agent), agent);
    const listed = sessions.map((session) => ({
      ...session,
      url: sessionUrl(context.inventory, agent, session.id),
    }));
    return { ...answer, sessions: listed, problem: undefined };
  } catch (error) {
    const outcome = outcomeOf(error, agent.name);
    context.emit(outcome);
    return { ...answer, sessions: [], problem: outcome.message };
  }
}

/**
 * Reads an agent's sessions in one round trip. A stopped dcvserver has none, and a note says so.
 * @param script one that tells more than the sessions; `records` has it
 * @throws DcvopsError `failed` that says why there are none to tell
 */
export async function readAgentSessions(
  emit: Emit,
  remote: Remote,
  agent: AgentHost,
  script = readSessions(),
): Promise<{ readonly sessions: readonly DcvSession[]; readonly records: readonly ScriptRecord[] }> {
  const records = parseRecords((await remote.run(script)).stdout);
  const facts = parseAgentSessions(records);
  if (facts.sessions !== undefined) return { sessions: facts.sessions, records };
  const error = silenceError(agent, facts);
  if (!facts.installed || facts.service !== 'stopped') throw error;
  emit({
    type: 'note',
    level: 'warning',
    host: agent.name,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
  return { sessions: [], records };
}
