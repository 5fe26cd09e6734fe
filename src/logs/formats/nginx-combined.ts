import type { Access, LogEntry, LogValue, ParseContext } from '../record.ts';
import { levelOfStatus } from './levels.ts';
import { agentOfPath, requestInWords, withoutQuery } from './requests.ts';
import { parseText } from './text.ts';
import { fourDigits, momentUs, twoDigits, zoneMinutes } from './times.ts';

/**
 * nginx's own `combined`, with or without further fields behind it, and `common`, which ends before the referrer. nginx writes a
 * quote within a quoted value as `\x22`; a user may hold anything else.
 */
const COMBINED =
  /^(\S+) \S+ ([^"]*?) \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d) ([+-]\d{4})\] "([^"]*)" (\d{3}) (\d+|-)(?: "([^"]*)" "([^"]*)")?(?: (.*))?$/;

const REQUEST = /^([A-Z][A-Z_-]*) (.*?)(?: (HTTP\/[\d.]+))?$/s;

/** Understands nginx's usual access log. Another line is an entry of plain text. Never undefined: a line is an entry. */
export function parseNginxCombined(line: string, context: ParseContext): LogEntry {
  const found = COMBINED.exec(line);
  if (found === null) return parseText(line, context);
  const [
    ,
    client = '',
    user = '',
    time = '',
    zone = '',
    request = '',
    statusText,
    sent,
    referrer,
    userAgent,
    extra,
  ] = found;
  const status = Number(statusText);
  const [, method = '', target = request, protocol] = REQUEST.exec(request) ?? [];
  const path = withoutQuery(target);
  return {
    timeUs: timeUsOf(time, zone),
    level: levelOfStatus(status),
    component: undefined,
    message: requestInWords(method, path, status),
    fields: fieldsOf(protocol, referrer, extra),
    access: accessOf(client, user, method, path, status, sent, userAgent),
  };
}

function accessOf(
  client: string,
  user: string,
  method: string,
  path: string,
  status: number,
  sent: string | undefined,
  userAgent: string | undefined,
): Access {
  return {
    client,
    user: orEmpty(user),
    method,
    path,
    status,
    agent: agentOfPath(path),
    upstream: '',
    action: '',
    stage: '',
    webSocket: status === 101,
    durationMs: undefined,
    connectMs: undefined,
    upstreamStatus: undefined,
    sentBytes: sent === undefined || sent === '-' ? undefined : Number(sent),
    receivedBytes: undefined,
    limited: undefined,
    userAgent: orEmpty(userAgent),
  };
}

/** nginx writes `-` for nothing. */
function orEmpty(value: string | undefined): string {
  return value === undefined || value === '-' ? '' : value;
}

/** What stands behind the usual fields is `extra`: the format `main` has the client's X-Forwarded-For there, others a time. */
function fieldsOf(
  protocol: string | undefined,
  referrer: string | undefined,
  extra: string | undefined,
): Readonly<Record<string, LogValue>> {
  const fields: Record<string, LogValue> = {};
  if (protocol !== undefined) fields['protocol'] = protocol;
  if (orEmpty(referrer) !== '') fields['referrer'] = orEmpty(referrer);
  if (extra !== undefined && extra !== '"-"') fields['extra'] = extra.replace(/^"([^"]*)"$/, '$1');
  return fields;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Of `25/Nov/2026:12:49:13` and `+0100`. */
function timeUsOf(time: string, zone: string): number {
  const day = Date.UTC(fourDigits(time, 7), MONTHS.indexOf(time.slice(3, 6)) / 3, twoDigits(time, 0));
  return momentUs(day, time, 12, zoneMinutes(zone));
}
