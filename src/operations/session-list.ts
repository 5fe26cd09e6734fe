import pLimit from 'p-limit';
import { parseAgentSessions, readSessions } from '../dcv/agent-facts.ts';
import { explainSilence } from '../dcv/failures.ts';
import { sessionUrl } from '../dcv/session-url.ts';
import type { DcvSession } from '../dcv/types.ts';
import { DcvopsError } from '../errors.ts';
import type { AgentHost } from '../inventory/types.ts';
import { parseRecords } from '../shell/records.ts';
import { outcomeOf } from './outcome.ts';
import type { SessionContext } from './session-create.ts';

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
    const sessions = await read(context, agent);
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

async function read(
  context: Omit<SessionContext, 'confirm'>,
  agent: AgentHost,
): Promise<readonly DcvSession[]> {
  const remote = await context.connect(agent);
  const { stdout } = await remote.run(readSessions());
  const facts = parseAgentSessions(parseRecords(stdout));
  if (facts.sessions !== undefined) return facts.sessions;
  if (facts.installed && facts.service === 'stopped') {
    context.emit({
      type: 'note',
      level: 'warning',
      host: agent.name,
      message: 'dcvserver is stopped; there are no sessions.',
      hint: `dcvops session create ${agent.name} --start-service`,
    });
    return [];
  }
  throw facts.installed
    ? new DcvopsError('failed', `dcv does not answer: ${explainSilence(facts.silence)}`, {
        host: agent.name,
        hint: `dcvops exec ${agent.name} -- systemctl status --no-pager dcvserver`,
      })
    : new DcvopsError('failed', 'DCV is not installed.', {
        host: agent.name,
        hint: 'install nice-dcv-server, nice-xdcv and nice-dcv-web-viewer there',
      });
}
