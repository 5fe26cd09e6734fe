import type { LogEntry, LogValue, ParseContext } from '../record.ts';
import { levelOfWord } from './levels.ts';
import { dateTimeUs } from './times.ts';

/** `2026/11/25 12:49:13 [error] 123#123: *45 message` */
const HEADER = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[([a-z]+)\] (\d+)#(\d+): (?:\*(\d+) )?/;

/**
 * Understands nginx's error log: local time. Lines without one belong to the entry before them. The message is all of the text;
 * what nginx appends about the request (`client: …, server: …`) is in the fields as well.
 */
export function parseNginxError(line: string, context: ParseContext): LogEntry | undefined {
  const found = HEADER.exec(line);
  if (found === null) return undefined;
  const [header, level = '', pid, tid, connection] = found;
  const message = line.slice(header.length);
  return {
    timeUs: dateTimeUs(line, 0, context.utcOffsetMinutes),
    level: levelOfWord(level),
    component: undefined,
    message,
    fields: fieldsOf(Number(pid), Number(tid), connection, message),
    access: undefined,
  };
}

function fieldsOf(
  pid: number,
  tid: number,
  connection: string | undefined,
  message: string,
): Readonly<Record<string, LogValue>> {
  const fields: Record<string, LogValue> = { pid, tid };
  if (connection !== undefined) fields['connection'] = Number(connection);
  addRequest(fields, message);
  return fields;
}

const CLIENT = ', client: ';
const KEYS = 'client|server|request|subrequest|upstream|host|referrer|login';
const STRICT = new RegExp(`, (${KEYS}): (?:"([^"]*)"|([^",]*))`, 'y');
/** A value in quotes may hold quotes, for nginx escapes none; and a line that nginx cut (at 2048 bytes) lacks the last one. */
const LENIENT = new RegExp(`, (${KEYS}): (?:"([^"]*(?:"(?!, (?:${KEYS}): |$)[^"]*)*)"?|([^",]*))`, 'y');

/** So that a line made to be slow is not. */
const MOST_TRIES = 8;

/**
 * Part of a message may come from a client: a path that it asked for, or a referrer, may read `, client: 10.0.0.1`. So the fields
 * begin where they fit up to the end of the line, and the first value of a key counts.
 */
function addRequest(fields: Record<string, LogValue>, message: string): void {
  const first = message.indexOf(CLIENT);
  let start = first;
  for (let tries = 0; start !== -1 && tries < MOST_TRIES; tries++) {
    const request = readRequest(STRICT, message, start);
    if (request !== undefined) {
      Object.assign(fields, request);
      return;
    }
    start = message.indexOf(CLIENT, start + 1);
  }
  if (first !== -1) Object.assign(fields, readRequest(LENIENT, message, first));
}

function readRequest(pattern: RegExp, message: string, start: number): Record<string, string> | undefined {
  const request: Record<string, string> = {};
  let at = start;
  while (at < message.length) {
    pattern.lastIndex = at;
    const found = pattern.exec(message);
    if (found === null) return undefined;
    const [all, key = '', quoted, bare = ''] = found;
    request[key] ??= quoted ?? bare;
    at += all.length;
  }
  return request;
}
