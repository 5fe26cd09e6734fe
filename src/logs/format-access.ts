import { formatBytes, formatDuration } from '../report/quantity.ts';
import type { Access } from './record.ts';
import { safeLine } from './safe-text.ts';

/** A request in words, safe to show, and where in it its status is. */
export interface AccessLine {
  readonly text: string;
  readonly statusFrom: number;
  readonly statusTo: number;
}

/**
 * `10.213.0.10 200 agent1 /index.html 12 ms 4.5 kB`: the client (`jane@10.213.0.10` when somebody logged in), the status, the
 * agent's name and the path there, and what it took. A desktop is `open 2 h 13 min, 1.2 GB down, 3.4 MB up`; what the gateway
 * answered by itself has the reason (`deny`) instead.
 */
export function formatAccess(
  access: Access,
  nameOfAgent: (address: string) => string | undefined,
): AccessLine {
  const client = safeLine(clientOf(access));
  const status = String(access.status).padStart(3, '0');
  const request = safeLine(requestOf(access, nameOfAgent));
  const outcome = outcomeOf(access);
  return {
    text: `${client} ${status} ${request}${outcome}`,
    statusFrom: client.length + 1,
    statusTo: client.length + 1 + status.length,
  };
}

function clientOf({ client, user }: Access): string {
  return user === '' ? client : `${oneWord(user)}@${client}`;
}

function requestOf(access: Access, nameOfAgent: (address: string) => string | undefined): string {
  const { agent, method } = access;
  const name = agent === '' ? (refusalOf(access) === '' ? 'default' : '-') : (nameOfAgent(agent) ?? agent);
  const path = oneWord(pathOnAgent(access));
  return method === 'GET' || method === '' ? `${name} ${path}` : `${name} ${method} ${path}`;
}

/** The path behind the agent's address, which is IPv6 with brackets or without. */
function pathOnAgent({ agent, path }: Access): string {
  if (agent === '') return path === '' ? '-' : path;
  const end = path.indexOf('/', 1);
  const segment = end === -1 ? path : path.slice(0, end);
  if (segment !== `/${agent}` && !/^\/(?:\[|%5b).*(?:\]|%5d)$/i.test(segment)) return path;
  return end === -1 ? '/' : path.slice(end);
}

/** A user's name may have blanks: it must not look like what follows it. */
function oneWord(text: string): string {
  return text.replaceAll(' ', '\\x20');
}

function outcomeOf(access: Access): string {
  const { status, upstreamStatus, limited } = access;
  const refusal = refusalOf(access);
  const answered =
    upstreamStatus === undefined || upstreamStatus === status
      ? ''
      : ` (the agent answered ${upstreamStatus})`;
  const limit = limited === undefined ? '' : ' limited';
  const amounts = refusal === '' ? amountsOf(access) : ` ${safeLine(refusal)}`;
  return `${answered}${limit}${amounts}`;
}

/** Why the gateway answered by itself; '' when it passed the request on, and where the log does not tell. */
function refusalOf({ action, stage }: Access): string {
  if (action !== '' && action !== 'proxy') return action;
  return stage === 'agent' ? '' : stage;
}

function amountsOf({ webSocket, status, durationMs, sentBytes, receivedBytes }: Access): string {
  const duration = durationMs === undefined ? '' : ` ${formatDuration(durationMs)}`;
  if (!webSocket || status !== 101) {
    return sentBytes === undefined ? duration : `${duration} ${formatBytes(sentBytes)}`;
  }
  const down = sentBytes === undefined ? '' : `, ${formatBytes(sentBytes)} down`;
  const up = receivedBytes === undefined ? '' : `, ${formatBytes(receivedBytes)} up`;
  return ` open${duration}${down}${up}`;
}
