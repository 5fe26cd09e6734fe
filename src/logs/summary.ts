import { askedAgent, isFailedLogin, isHandshake, servingAgent, tlsFailure } from './access-facts.ts';
import type { Access, LogRecord } from './record.ts';
import { type AgentCounter, type AgentSummary, createAgentCounter } from './summary/agents.ts';
import { type SessionFigures, createSessionCounter, createSessionFinder } from './summary/sessions.ts';
import { type Ranking, createTally } from './summary/tally.ts';

/** What the proxies' logs of some time come to. Plain data, also as JSON; null is what no record told. */
export interface Summary {
  /** When the first and the last request ended, in microseconds since 1970 UTC. */
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  readonly requests: number;
  /** Different client addresses; many people may share one. */
  readonly clients: { readonly count: number; readonly isAtLeast: boolean };
  readonly sessions: SessionFigures;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly statuses: readonly { readonly status: number; readonly count: number }[];
  /** By hundreds: `4xx`; `aborted` are streams that the client gave up (status 000). */
  readonly statusClasses: Readonly<Record<StatusClass, number>>;
  /** Those that requests were passed to, the busiest first. */
  readonly agents: readonly AgentSummary[];
  /** The same, those that took longest to answer first: at most ten. */
  readonly slowestAgents: readonly AgentSummary[];
  /** Requests to further agents than could be told apart. */
  readonly otherAgentsRequests: number;
  /** What the gateway did with requests that ended in 4xx or 5xx, the most frequent first. */
  readonly errors: readonly { readonly action: string; readonly status: number; readonly count: number }[];
  /** Addresses that are not an agent's (action `deny`), as they were asked for. */
  readonly refusedAddresses: Ranking;
  /** Wrong passwords, by client. */
  readonly failedLogins: Ranking;
  /** WebSockets that were asked for and not opened, by status. */
  readonly failedHandshakes: Ranking;
  /** TLS handshakes that failed, by client and by reason. */
  readonly tlsErrors: Ranking;
  readonly tlsReasons: Ranking;
}

export const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'aborted'] as const;
export type StatusClass = (typeof STATUS_CLASSES)[number];

/** How many of the most frequent are told. */
const TOP = 10;
/** Agents that are told apart; each has figures of some kilobytes. */
const MOST_AGENTS = 2000;

/**
 * Sums up access records, and error records for TLS, in any order of hosts; each host's records have to come in its log's
 * order. Memory is bounded. WebSockets that are still open are in no log yet. `result` may be asked for at any time.
 */
export function createSummary(): { add(record: LogRecord): void; result(): Summary } {
  const clients = createTally();
  const statuses = new Map<number, number>();
  const errors = new Map<string, { action: string; status: number; count: number }>();
  const agents = new Map<string, AgentCounter>();
  const sessions = createSessionCounter();
  const findSession = createSessionFinder();
  const refusedAddresses = createTally();
  const failedLogins = createTally();
  const failedHandshakes = createTally();
  const tlsErrors = createTally();
  const tlsReasons = createTally();
  let [firstUs, lastUs] = [Infinity, -Infinity];
  let [requests, otherAgentsRequests, sentBytes, receivedBytes] = [0, 0, 0, 0];

  const addError = ({ action, status }: Access): void => {
    const key = `${action} ${status}`;
    const counted = errors.get(key);
    if (counted === undefined) errors.set(key, { action, status, count: 1 });
    else counted.count += 1;
  };

  const addToAgent = (record: LogRecord, access: Access): void => {
    const agent = servingAgent(access);
    if (agent === undefined) return;
    let counter = agents.get(agent);
    if (counter === undefined && agents.size >= MOST_AGENTS) {
      otherAgentsRequests += 1;
      return;
    }
    if (counter === undefined) agents.set(agent, (counter = createAgentCounter(agent)));
    const session = findSession(record, agent);
    if (session !== undefined) sessions.add(session);
    counter.add(access, session);
  };

  const addRequest = (record: LogRecord, access: Access): void => {
    requests += 1;
    clients.add(access.client);
    sentBytes += access.sentBytes ?? 0;
    receivedBytes += access.receivedBytes ?? 0;
    statuses.set(access.status, (statuses.get(access.status) ?? 0) + 1);
    if (access.status >= 400) addError(access);
    if (access.action === 'deny' && access.agent !== '') refusedAddresses.add(askedAgent(access));
    if (isFailedLogin(access)) failedLogins.add(access.client);
    if (isHandshake(record) && access.status !== 101) failedHandshakes.add(String(access.status));
    addToAgent(record, access);
  };

  return {
    add(record) {
      const { access, timeUs } = record;
      const failure = tlsFailure(record);
      if (failure !== undefined) {
        tlsErrors.add(failure.client);
        tlsReasons.add(failure.reason);
      }
      if (access === undefined) return;
      if (timeUs !== undefined) [firstUs, lastUs] = [Math.min(firstUs, timeUs), Math.max(lastUs, timeUs)];
      addRequest(record, access);
    },

    result() {
      const { names, namesAreAtLeast } = clients.ranking(0);
      const figures = [...agents.values()].map((counter) => counter.figures());
      return {
        firstUs: firstUs === Infinity ? null : firstUs,
        lastUs: lastUs === -Infinity ? null : lastUs,
        requests,
        clients: { count: names, isAtLeast: namesAreAtLeast },
        sessions: sessions.figures(),
        sentBytes,
        receivedBytes,
        statuses: [...statuses]
          .map(([status, count]) => ({ status, count }))
          .sort((a, b) => a.status - b.status),
        statusClasses: classesOf(statuses),
        agents: figures.toSorted((a, b) => b.requests - a.requests || byName(a, b)),
        slowestAgents: figures
          .filter(({ responseMs }) => responseMs !== null)
          .sort((a, b) => (b.responseMs?.p95 ?? 0) - (a.responseMs?.p95 ?? 0) || byName(a, b))
          .slice(0, TOP),
        otherAgentsRequests,
        errors: [...errors.values()]
          .map((error) => ({ ...error }))
          .sort((a, b) => b.count - a.count || a.status - b.status),
        refusedAddresses: refusedAddresses.ranking(TOP),
        failedLogins: failedLogins.ranking(TOP),
        failedHandshakes: failedHandshakes.ranking(TOP),
        tlsErrors: tlsErrors.ranking(TOP),
        tlsReasons: tlsReasons.ranking(TOP),
      };
    },
  };
}

function classesOf(statuses: ReadonlyMap<number, number>): Record<StatusClass, number> {
  const classes = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, aborted: 0 };
  for (const [status, count] of statuses) {
    classes[STATUS_CLASSES[Math.floor(status / 100) - 1] ?? 'aborted'] += count;
  }
  return classes;
}

function byName(a: AgentSummary, b: AgentSummary): number {
  return a.agent.localeCompare(b.agent, 'en', { numeric: true });
}
