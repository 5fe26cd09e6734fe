import { DcvopsError } from '../../errors.ts';
import type { DcvConnection, DcvLicence, DcvSession, DisplayHead, SessionType } from '../types.ts';
import { readHead } from './display-layout.ts';

/**
 * Reads what `dcv list-sessions` printed, as JSON or as text: both forms of timestamps, ids with and without quotes, CRLF,
 * keys that are missing or unknown, and lines around the JSON (warnings).
 * @throws DcvopsError `failed` when it is neither
 */
export function parseSessions(output: string): DcvSession[] {
  const json = findJson(output);
  if (json !== undefined) return listOf(json, 'sessions').flatMap(sessionFromJson);
  const text = lines(output);
  const sessions = text.flatMap(sessionFromLine);
  if (sessions.length > 0 || text.length === 0 || /no sessions available/i.test(output)) return sessions;
  throw notUnderstood('a list of sessions', output);
}

/**
 * Reads what `dcv describe-session` printed, as JSON or as text (two shapes are known: with the id in the first line, and
 * with the id among the facts).
 * @throws DcvopsError `failed` when it is neither
 */
export function parseSession(output: string): DcvSession {
  const json = findJson(output);
  const session =
    json === undefined
      ? sessionFromDescription(lines(output))
      : (Array.isArray(json) ? json : [json]).flatMap(sessionFromJson)[0];
  if (session === undefined) throw notUnderstood('a session', output);
  return session;
}

/**
 * Reads what `dcv list-connections` printed, as JSON or as text. The text's shape is not on record: lines like those of
 * `list-sessions` are taken (`Connection: 1 (username:jane client-address:10.0.0.9:4711)`).
 * @throws DcvopsError `failed` when it is something else
 */
export function parseConnections(output: string): DcvConnection[] {
  const json = findJson(output);
  if (json !== undefined) return listOf(json, 'connections').flatMap(connectionFromJson);
  const connections = lines(output).flatMap(connectionFromLine);
  if (connections.length > 0 || output.trim() === '' || /no connections available/i.test(output)) {
    return connections;
  }
  throw notUnderstood('a list of connections', output);
}

/* JSON */

type JsonObject = Readonly<Record<string, unknown>>;

/* A host that is not well, or not ours any more, may print anything: reading it stays cheap. */
const MOST_TRIES = 20;
const LONGEST_LINE = 4096;

/** The JSON in an output: from a line that begins with a bracket to the line that ends with the one that closes it. */
function findJson(output: string): unknown {
  let tries = 0;
  for (const { index } of output.matchAll(/^[ \t]*[[{]/gm)) {
    if (++tries > MOST_TRIES) return undefined;
    try {
      return JSON.parse(output.slice(index, closingBracket(output, index)));
    } catch {
      continue; // a warning that begins with a bracket
    }
  }
  return undefined;
}

/** Behind the line in which the first bracket after `start` is closed. Brackets in strings count for nothing. */
function closingBracket(output: string, start: number): number {
  const token = /"(?:[^"\\]+|\\.?)*(?:"|$)|[[{]|[\]}]/gs;
  token.lastIndex = start;
  let depth = 0;
  for (let found = token.exec(output); found !== null; found = token.exec(output)) {
    if (found[0].startsWith('"')) continue;
    depth += /[[{]/.test(found[0]) ? 1 : -1;
    if (depth > 0) continue;
    const end = output.indexOf('\n', token.lastIndex);
    return end === -1 ? output.length : end;
  }
  return output.length;
}

/** An array, one object alone, or an object that holds the array under `key` (as the documentation of 2017 shows it). */
function listOf(json: unknown, key: string): unknown[] {
  if (Array.isArray(json)) return json;
  const held = asObject(json)[key];
  return Array.isArray(held) ? held : [json];
}

function sessionFromJson(value: unknown): DcvSession[] {
  const json = asObject(value);
  const id = text(json['id']);
  if (id === undefined) return [];
  return [
    {
      id,
      owner: text(json['owner']) ?? '',
      type: sessionType(text(json['type'])),
      name: text(json['name']) ?? '',
      user: text(json['user']),
      connections: count(json['num-of-connections']),
      createdAt: moment(json['creation-time']),
      lastDisconnectedAt: moment(json['last-disconnection-time']),
      status: text(json['status'])?.toLowerCase(),
      licences: asList(json['licenses']).map(licenceFromJson),
      storageRoot: text(json['storage-root']),
      display: text(json['x11-display']),
      xAuthority: text(json['x11-authority']),
      heads: asList(json['display-layout']).flatMap(headFromJson),
    },
  ];
}

function licenceFromJson(value: unknown): DcvLicence {
  const json = asObject(value);
  return {
    product: text(json['product']) ?? '',
    status: text(json['status'])?.toLowerCase() ?? '',
    expiresAt: moment(json['expiration-date']),
  };
}

function headFromJson(value: unknown): DisplayHead[] {
  const json = asObject(value);
  const [width, height, x, y] = [json['width'], json['height'], json['x'], json['y']].map(count);
  return width === undefined || height === undefined ? [] : [{ width, height, x: x ?? 0, y: y ?? 0 }];
}

function connectionFromJson(value: unknown): DcvConnection[] {
  const json = asObject(value);
  const id = text(json['id']);
  if (id === undefined) return [];
  return [
    {
      id,
      username: text(json['username']) ?? '',
      ...clientAddress(text(json['client-address']) ?? ''),
      client: text(json['user-agent']) ?? '',
      connectedAt: moment(json['connection-time']),
      lastInteractionAt: moment(json['last-interaction-time']),
      transport: text(json['transport']),
    },
  ];
}

/** `10.0.0.38:2098 (forwarded for 106.131.85.110)`, as DCV logs it behind a gateway. */
function clientAddress(told: string): Pick<DcvConnection, 'address' | 'forwardedFor'> {
  const [, address = '', forwardedFor] = /^(.*?)(?: \(forwarded for (.*)\))?$/s.exec(told) ?? [];
  return { address, forwardedFor };
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Both forms that are known (`…50Z` and `….262883Z`); '' means never. */
function moment(value: unknown): Date | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function sessionType(value: string | undefined): SessionType | undefined {
  const lower = value?.toLowerCase();
  return lower === 'virtual' || lower === 'console' ? lower : undefined;
}

/* Text */

/** All that text tells of a session: id, owner, type and name, and in a description where its display is. */
function sessionFromText(id: string, owner: string, more: Partial<DcvSession> = {}): DcvSession {
  return {
    id,
    owner,
    type: undefined,
    name: '',
    user: undefined,
    connections: undefined,
    createdAt: undefined,
    lastDisconnectedAt: undefined,
    status: undefined,
    licences: [],
    storageRoot: undefined,
    display: undefined,
    xAuthority: undefined,
    heads: [],
    ...more,
  };
}

/** `Session: 'id' (owner:o type:virtual name:'n')`; id and name with or without quotes, a name may hold anything. */
const LIST_LINE =
  /^Session:\s+(?<id>.+?)\s+\(owner:\s*(?<owner>.*?)(?:\s+type:(?<type>virtual|console)(?:\s+name:(?<name>.*))?.*?)?\)$/i;

function sessionFromLine(line: string): DcvSession[] {
  const found = LIST_LINE.exec(line)?.groups;
  if (found?.['id'] === undefined) return [];
  const { id, owner = '', type, name = '' } = found;
  return [sessionFromText(unquoted(id), owner, { type: sessionType(type), name: unquoted(name) })];
}

/** `Connection: 1 (username:jane client-address:10.0.0.9:4711 (forwarded for 10.0.0.1) transport:websocket)`. */
function connectionFromLine(line: string): DcvConnection[] {
  const [, id, facts = ''] = /^Connection:\s+(\S+)\s*(?:\((.*)\))?$/i.exec(line) ?? [];
  if (id === undefined) return [];
  const fact = (key: string): string =>
    new RegExp(`(?:^|\\s)${key}:\\s*(.*?)(?=\\s+[a-z][a-z-]*:|$)`, 'i').exec(facts)?.[1] ?? '';
  return [
    {
      id: unquoted(id),
      username: unquoted(fact('username')),
      ...clientAddress(fact('client-address')),
      client: fact('user-agent'),
      connectedAt: moment(fact('connection-time')),
      lastInteractionAt: moment(fact('last-interaction-time')),
      transport: fact('transport') || undefined,
    },
  ];
}

/** `Session: ID` or `Session:`, then `key: value` lines. */
function sessionFromDescription(text: readonly string[]): DcvSession | undefined {
  const heading = text.findIndex((line) => line.startsWith('Session:'));
  if (heading === -1) return undefined;
  const facts = new Map<string, string>();
  for (const line of text.slice(heading + 1)) {
    const [, key, value] = /^\s*([a-z0-9 _-]+?)\s*:\s*(.*)$/i.exec(line) ?? [];
    if (key !== undefined && value !== undefined) facts.set(key.toLowerCase(), value);
  }
  const id = unquoted(text[heading]?.replace(/^Session:\s*/, '') ?? '') || facts.get('id');
  if (id === undefined || id === '') return undefined;
  return sessionFromText(id, facts.get('owner') ?? '', {
    type: sessionType(facts.get('type')),
    name: unquoted(facts.get('name') ?? ''),
    display: facts.get('x display'),
    xAuthority: facts.get('x authority'),
    heads: (facts.get('display layout') ?? '').split(',').flatMap(headFromText),
  });
}

function headFromText(text: string): DisplayHead[] {
  const head = readHead(text);
  return head === undefined ? [] : [head];
}

function unquoted(text: string): string {
  return /^'(.*)'$/s.exec(text)?.[1] ?? text;
}

function lines(output: string): string[] {
  return output
    .split(/\r?\n/)
    .map((line) => line.slice(0, LONGEST_LINE).trimEnd())
    .filter((line) => line !== '');
}

function notUnderstood(what: string, output: string): DcvopsError {
  const shown = lines(output)[0] ?? '';
  return new DcvopsError('failed', `dcv did not print ${what} but "${shown.slice(0, 200)}"`);
}
