import { formatIso } from './clock.ts';
import { mask } from './mask.ts';
import type { Access, LogRecord, LogValue } from './record.ts';

/** What JSON leaves as it is and a terminal may obey: DEL, C1 controls, bidi controls, line separators, byte order marks. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A record as one line of NDJSON, its end included: the same keys in the same order for every record, but for `file` and
 * `access`, which are there when the record has them; what a log does not tell is null. Times are RFC 3339 in UTC with
 * microseconds. Secrets are masked; whatever a terminal might obey is escaped as JSON has it, so that nothing is lost.
 */
export function formatJson(record: LogRecord): string {
  const document = {
    time: record.timeUs === undefined ? null : formatIso(record.timeUs),
    host: record.host,
    source: record.source,
    ...(record.file === undefined ? {} : { file: record.file }),
    level: record.level ?? null,
    component: record.component === undefined ? null : mask(record.component),
    message: mask(record.message),
    fields: Object.fromEntries(
      Object.entries(record.fields).map(([name, value]) => [name, maskField(name, value)]),
    ),
    ...(record.access === undefined ? {} : { access: accessDocument(record.access) }),
  };
  return `${JSON.stringify(document).replace(UNSAFE, escapeCharacter)}\n`;
}

/** In this order whatever the order of the record's own keys is. */
function accessDocument(access: Access): Record<string, LogValue> {
  return {
    client: mask(access.client),
    user: mask(access.user),
    method: mask(access.method),
    path: mask(access.path),
    status: access.status,
    agent: mask(access.agent),
    upstream: mask(access.upstream),
    action: mask(access.action),
    stage: mask(access.stage),
    webSocket: access.webSocket,
    durationMs: access.durationMs ?? null,
    connectMs: access.connectMs ?? null,
    upstreamStatus: access.upstreamStatus ?? null,
    sentBytes: access.sentBytes ?? null,
    receivedBytes: access.receivedBytes ?? null,
    limited: access.limited === undefined ? null : mask(access.limited),
    userAgent: mask(access.userAgent),
  };
}

/** A field's name may be what tells that its value is a secret: `authToken`. */
function maskField(name: string, value: LogValue): LogValue {
  if (typeof value !== 'string') return value;
  const start = `${name}=`;
  const masked = mask(start + value);
  return masked.startsWith(start) ? masked.slice(start.length) : mask(value);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
