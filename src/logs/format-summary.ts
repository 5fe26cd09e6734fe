import { formatBytes, formatDuration } from '../report/quantity.ts';
import type { Style } from '../report/style.ts';
import { type Column, formatTable } from '../report/table.ts';
import { createClock } from './clock.ts';
import { STATUS_CLASSES, type Summary } from './summary.ts';
import type { AgentSummary } from './summary/agents.ts';
import type { SessionFigures } from './summary/sessions.ts';
import type { Ranking } from './summary/tally.ts';

/** Agents in the table; `--json` has them all. */
const MOST_AGENTS = 20;

export interface SummaryOptions {
  readonly style: Style;
  /** Times in UTC; else in local time. */
  readonly utc: boolean;
  /** The name in the inventory of the agent with this address. */
  readonly nameOfAgent: (address: string) => string | undefined;
}

/** The summary for people: what is there to tell, in tables of 100 columns (long names and IPv6 addresses may need more). */
export function formatSummary(summary: Summary, options: SummaryOptions): string {
  const { style } = options;
  if (summary.requests === 0 && summary.tlsErrors.total === 0) return 'no requests\n';
  const { refusedAddresses, failedLogins, failedHandshakes, tlsErrors, tlsReasons } = summary;
  return [
    headline(summary, options),
    agentTable(summary, options),
    slowestAgents(summary, options),
    errorTable(summary, style),
    ranking('Addresses that the gateway refused', 'ADDRESS', refusedAddresses, style),
    ranking('Wrong passwords', 'CLIENT', failedLogins, style),
    ranking('WebSockets that were not opened', 'STATUS', failedHandshakes, style),
    ranking('TLS handshakes that failed', 'CLIENT', tlsErrors, style),
    ranking('Why they failed', 'REASON', tlsReasons, style),
  ]
    .filter((section) => section !== '')
    .join('\n');
}

function headline(summary: Summary, { utc }: SummaryOptions): string {
  const { firstUs, lastUs, requests, clients, sessions, statusClasses } = summary;
  const clock = createClock(utc);
  const moment = (us: number): string => clock.format(us).slice(0, '2026-11-25 12:49:13'.length);
  const time =
    firstUs === null || lastUs === null
      ? ''
      : `${moment(firstUs)} to ${moment(lastUs)}${utc ? ' UTC' : ''}\n`;
  const statuses = STATUS_CLASSES.flatMap((name) =>
    statusClasses[name] === 0 ? [] : [`${name}: ${statusClasses[name]}${detailsOf(summary, name)}`],
  );
  const lines = [
    `${counted(requests, 'request')} from ${clients.isAtLeast ? 'at least ' : ''}${counted(clients.count, 'client')}`,
    sessionLine(sessions),
    `${formatBytes(summary.sentBytes)} to clients, ${formatBytes(summary.receivedBytes)} from them`,
    statuses.join('   '),
  ];
  return `${time}${lines.map((line) => `${line}\n`).join('')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function sessionLine({ count, webSockets, lengthMs }: SessionFigures): string {
  if (lengthMs === null) return 'no session ended';
  const lengths = `half of them within ${formatDuration(lengthMs.p50)}, 95 % within ${formatDuration(lengthMs.p95)}`;
  return `${counted(count, 'session')} ended (${counted(webSockets, 'WebSocket')}): ${lengths}`;
}

/** Of errors, which: `4xx: 12 (404: 10, 403: 2)`. */
function detailsOf({ statuses }: Summary, name: string): string {
  if (name !== '4xx' && name !== '5xx') return '';
  const own = statuses
    .filter(({ status }) => String(status).startsWith(name.slice(0, 1)))
    .sort((a, b) => b.count - a.count)
    .slice(0, 4);
  return ` (${own.map(({ status, count }) => `${status}: ${count}`).join(', ')})`;
}

/** Which agent a row is about: its name where it is in the inventory, and its address. */
function agentColumns({ nameOfAgent }: SummaryOptions): readonly Column<AgentSummary>[] {
  return [
    { heading: 'AGENT', cell: ({ agent }) => nameOfAgent(agent) ?? '-' },
    { heading: 'ADDRESS', cell: ({ agent }) => agent },
  ];
}

function agentTable({ agents, otherAgentsRequests }: Summary, options: SummaryOptions): string {
  if (agents.length === 0) return '';
  const { style } = options;
  const columns: readonly Column<AgentSummary>[] = [
    ...agentColumns(options),
    { heading: 'REQUESTS', cell: ({ requests }) => String(requests) },
    { heading: 'SESSIONS', cell: ({ sessions }) => String(sessions.count) },
    { heading: 'LENGTH P50', cell: ({ sessions }) => duration(sessions.lengthMs?.p50) },
    { heading: 'P95', cell: ({ sessions }) => duration(sessions.lengthMs?.p95) },
    { heading: 'SENT', cell: ({ sentBytes }) => formatBytes(sentBytes) },
    { heading: 'RECEIVED', cell: ({ receivedBytes }) => formatBytes(receivedBytes) },
    {
      heading: '5XX',
      cell: ({ failures }) => String(failures),
      style: (text, { failures }) => (failures === 0 ? text : style.bad(text)),
    },
  ];
  const more = agents.length - MOST_AGENTS;
  const rest = [
    ...(more > 0 ? [`and ${more} more agents: --json has them all\n`] : []),
    ...(otherAgentsRequests > 0 ? [`and ${otherAgentsRequests} requests to others yet\n`] : []),
  ];
  return formatTable(columns, agents.slice(0, MOST_AGENTS)) + rest.join('');
}

function slowestAgents({ slowestAgents: slowest }: Summary, options: SummaryOptions): string {
  if (slowest.length === 0) return '';
  const columns: readonly Column<AgentSummary>[] = [
    ...agentColumns(options),
    { heading: 'RESPONSE P50', cell: ({ responseMs }) => duration(responseMs?.p50) },
    { heading: 'P95', cell: ({ responseMs }) => duration(responseMs?.p95) },
    { heading: 'CONNECT P95', cell: ({ connectMs }) => duration(connectMs?.p95) },
  ];
  return titled('How fast agents answer, the slowest first', formatTable(columns, slowest), options.style);
}

/** What the gateway did with a request, by the names of `gateway/config/actions.ts`. */
const MEANINGS: Readonly<Record<string, string>> = {
  badreq: 'no valid request',
  proxy: 'for an agent that the gateway serves',
  noaddr: 'no valid address of an agent',
  nodefault: 'no address, and there is no default agent',
  deny: 'an address that the gateway does not serve',
};

function errorTable({ errors }: Summary, style: Style): string {
  if (errors.length === 0) return '';
  const columns: readonly Column<Summary['errors'][number]>[] = [
    { heading: 'STATUS', cell: ({ status }) => String(status) },
    { heading: 'ACTION', cell: ({ action }) => (action === '' ? '-' : action) },
    { heading: 'REQUESTS', cell: ({ count }) => String(count) },
    { heading: 'MEANING', cell: ({ action }) => MEANINGS[action] ?? '' },
  ];
  return titled('Errors', formatTable(columns, errors.slice(0, MOST_AGENTS)), style);
}

function ranking(
  title: string,
  heading: string,
  { total, names, namesAreAtLeast, top }: Ranking,
  style: Style,
): string {
  if (total === 0) return '';
  const table = formatTable(
    [
      { heading, cell: ({ name }) => name },
      { heading: 'COUNT', cell: ({ count }) => String(count) },
    ],
    top,
  );
  const more = names - top.length;
  const rest = more > 0 ? `and ${namesAreAtLeast ? 'at least ' : ''}${more} more\n` : '';
  return titled(`${title}: ${total}`, `${table}${rest}`, style);
}

function titled(title: string, body: string, style: Style): string {
  return `${style.bold(title)}\n${body}`;
}

function duration(ms: number | undefined): string {
  return ms === undefined ? '-' : formatDuration(ms);
}
