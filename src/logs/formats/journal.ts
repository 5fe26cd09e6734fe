import type { LogEntry, LogValue, ParseContext } from '../record.ts';
import { levelOfPriority } from './levels.ts';
import { parseObject } from './nginx-json.ts';
import { parseText } from './text.ts';

/** `journalctl -o json` writes null for a value of more than 4096 bytes, unless it runs with `--all`. */
const LEFT_OUT = '(journalctl left this message out: it is too long)';

/**
 * Understands what `journalctl -o json` prints (systemd.journal-fields(7)). A line that is no JSON object is an entry of plain
 * text. Never undefined: a line is an entry.
 */
export function parseJournal(line: string, context: ParseContext): LogEntry {
  const json = parseObject(line);
  if (json === undefined) return parseText(line, context);
  const time = numberOf(json['__REALTIME_TIMESTAMP']);
  const priority = numberOf(json['PRIORITY']);
  const identifier = textOf(json['SYSLOG_IDENTIFIER']);
  return {
    timeUs: time,
    level: priority === undefined ? undefined : levelOfPriority(priority),
    component: identifier ?? textOf(json['_COMM']),
    message: json['MESSAGE'] === null ? LEFT_OUT : (textOf(json['MESSAGE']) ?? ''),
    fields: fieldsOf(json, identifier),
    access: undefined,
  };
}

const CURSOR = /"__CURSOR" ?: ?"([^"\\]+)"/;

/** Where in the journal a line of `journalctl -o json` stands, for `--after-cursor`; undefined for any other line. */
export function cursorOf(line: string): string | undefined {
  return CURSOR.exec(line)?.[1];
}

/** What systemd says of a unit names it in UNIT; what a program says is told by the unit that it runs in. */
function fieldsOf(
  json: Readonly<Record<string, unknown>>,
  identifier: string | undefined,
): Readonly<Record<string, LogValue>> {
  const fields: Record<string, LogValue> = {};
  const unit = textOf(json['UNIT']) ?? textOf(json['_SYSTEMD_UNIT']);
  const pid = numberOf(json['_PID']) ?? numberOf(json['SYSLOG_PID']);
  if (unit !== undefined) fields['unit'] = unit;
  if (pid !== undefined) fields['pid'] = pid;
  if (identifier !== undefined) fields['identifier'] = identifier;
  return fields;
}

/** A value is text, its bytes when it is not UTF-8 or holds control characters, or a list when an entry has it several times. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const list: readonly unknown[] = value;
  return isBytes(list) ? textOfBytes(list) : list.map(textOfOne).join('\n');
}

function textOfOne(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) && isBytes(value) ? textOfBytes(value) : '';
}

function textOfBytes(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('utf8');
}

function isBytes(list: readonly unknown[]): list is readonly number[] {
  return list.every((item) => typeof item === 'number');
}

function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  return Number.isNaN(number) ? undefined : number;
}
