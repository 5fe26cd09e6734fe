import type { LogEntry, LogValue, ParseContext } from '../record.ts';
import { levelOfWord } from './levels.ts';
import { dateTimeUs, fractionUs } from './times.ts';

/** `2021-08-10 05:32:44,161016 [  3517:3517  ] WARN  frontend-handler - Invalid connection request …` */
const ENTRY =
  /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[,.](\d{1,6}))? \[ *(\d+):(\d+) *\] ([A-Za-z]+) +(\S+) -(?: (.*))?$/s;

const CLIENT = /client '([^' ]+)(?: \(forwarded for ([^')]+)\))?'/;

/** Understands the logs in `/var/log/dcv`: local time, and lines without one that belong to the entry before them. */
export function parseDcv(line: string, context: ParseContext): LogEntry | undefined {
  const found = ENTRY.exec(line);
  if (found === null) return undefined;
  const [, fraction, pid, tid, level = '', component, message = ''] = found;
  return {
    timeUs:
      dateTimeUs(line, 0, context.utcOffsetMinutes) + (fraction === undefined ? 0 : fractionUs(fraction)),
    level: levelOfWord(level),
    component,
    message,
    fields: fieldsOf(Number(pid), Number(tid), message),
    access: undefined,
  };
}

function fieldsOf(pid: number, tid: number, message: string): Readonly<Record<string, LogValue>> {
  const found = message.includes("client '") ? CLIENT.exec(message) : null;
  if (found === null) return { pid, tid };
  const [, client = '', forwardedFor] = found;
  return forwardedFor === undefined ? { pid, tid, client } : { pid, tid, client, forwardedFor };
}
