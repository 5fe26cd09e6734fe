import type { Access, Level, LogEntry, LogValue, ParseContext } from '../record.ts';
import { levelOfPriority, levelOfStatus, levelOfWord } from './levels.ts';
import { requestInWords, withoutQuery } from './requests.ts';
import { parseText, timeAtStart } from './text.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Understands the gateway's access log (`gateway/config/logs.ts`) and, as far as their keys are usual, the JSON lines of other
 * programs. A line that is no JSON object is an entry of plain text. Never undefined: such logs have one entry a line.
 */
export function parseNginxJson(line: string, context: ParseContext): LogEntry {
  const json = parseObject(line);
  if (json === undefined) return parseText(line, context);
  return typeof json['msec'] === 'number' && typeof json['client'] === 'string'
    ? gatewayEntry(json, json['msec'])
    : foreignEntry(json, line, context);
}

/** The JSON object that a text is; undefined for anything else. */
export function parseObject(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}

/* The gateway's own */

function gatewayEntry(json: JsonObject, seconds: number): LogEntry {
  const access = accessOf(json);
  return {
    timeUs: Math.round(seconds * 1000) * 1000,
    level: levelOfStatus(access.status),
    component: undefined,
    message: requestInWords(access.method, access.path, access.status),
    fields: fieldsOf(json),
    access,
  };
}

function accessOf(json: JsonObject): Access {
  const status = numberOf(json['status']) ?? 0;
  return {
    client: textOf(json['client']),
    user: textOf(json['user']),
    method: textOf(json['method']),
    path: withoutQuery(textOf(json['uri'])),
    status,
    agent: textOf(json['agent']),
    upstream: textOf(json['upstream']),
    action: textOf(json['action']),
    stage: textOf(json['stage']),
    webSocket: status === 101 && json['ws'] === 'websocket',
    durationMs: milliseconds(json['time']),
    connectMs: milliseconds(json['up_connect']),
    upstreamStatus: lastNumber(json['up_status']),
    sentBytes: numberOf(json['sent']),
    receivedBytes: lastNumber(json['up_sent']),
    limited: limitedBy(json['limit_req'], json['limit_conn']),
    userAgent: textOf(json['ua']),
  };
}

/** What a dry run would have refused was not refused; a request that a limit let pass is no news. */
function limitedBy(requests: unknown, connections: unknown): string | undefined {
  if (requests === 'REJECTED' || connections === 'REJECTED') return 'REJECTED';
  return requests === 'DELAYED' ? 'DELAYED' : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** nginx lists a value for each server that it tried, `502, 200`, and after an internal redirect `502 : 200`: the last counts. */
function lastNumber(value: unknown): number | undefined {
  if (typeof value !== 'string') return numberOf(value);
  return numberOf(value.slice(Math.max(value.lastIndexOf(','), value.lastIndexOf(':')) + 1).trim());
}

function milliseconds(seconds: unknown): number | undefined {
  const number = lastNumber(seconds);
  return number === undefined ? undefined : Math.round(number * 1000);
}

/** The object itself, which costs nothing, unless it holds lists or objects: those are given as JSON. */
function fieldsOf(json: JsonObject): Readonly<Record<string, LogValue>> {
  return isFlat(json)
    ? json
    : Object.fromEntries(
        Object.entries(json).map(([key, value]) => [key, isValue(value) ? value : asJson(value)]),
      );
}

/** JSON.parse reads what is nested too deep for JSON.stringify to write. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '…';
  }
}

function isFlat(json: JsonObject): json is Readonly<Record<string, LogValue>> {
  for (const key in json) if (!isValue(json[key])) return false;
  return true;
}

/** Of what JSON holds. */
function isValue(value: unknown): value is LogValue {
  return typeof value !== 'object' || value === null;
}

/* Other programs' */

const TIME_KEYS = ['time', 'ts', 'timestamp', '@timestamp'];
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'log.level'];
const MESSAGE_KEYS = ['message', 'msg', 'error'];
const COMPONENT_KEYS = ['component', 'logger', 'module'];

function foreignEntry(json: JsonObject, line: string, context: ParseContext): LogEntry {
  const component = firstOf(json, COMPONENT_KEYS);
  const message = firstOf(json, MESSAGE_KEYS);
  return {
    timeUs: timeUsOf(firstOf(json, TIME_KEYS), context),
    level: levelOf(firstOf(json, LEVEL_KEYS)),
    component: typeof component === 'string' ? component : undefined,
    message: typeof message === 'string' ? message : line,
    fields: fieldsOf(json),
    access: undefined,
  };
}

function firstOf(json: JsonObject, keys: readonly string[]): unknown {
  for (const key of keys) if (json[key] !== undefined) return json[key];
  return undefined;
}

/** Words, or numbers as pino and bunyan have them (10 is trace, 60 is fatal), or syslog's (0 to 7). */
function levelOf(value: unknown): Level | undefined {
  if (typeof value === 'string') return levelOfWord(value);
  if (typeof value !== 'number') return undefined;
  return value < 10 ? levelOfPriority(value) : LEVEL_OF_PINO[value / 10 - 1];
}

const LEVEL_OF_PINO: readonly Level[] = ['debug', 'debug', 'info', 'warn', 'error', 'critical'];

/** A date and time, or a number since 1970 whose size tells its unit: seconds, or milli-, micro- or nanoseconds. */
function timeUsOf(value: unknown, context: ParseContext): number | undefined {
  if (typeof value === 'string') return timeAtStart(value, context)?.timeUs;
  if (typeof value !== 'number' || !(value > 0)) return undefined;
  if (value < 1e11) return Math.round(value * 1e6);
  if (value < 1e14) return Math.round(value * 1e3);
  return Math.round(value < 1e17 ? value : value / 1e3);
}
