import { sanitiseLine } from '../report/sanitise.ts';
import type { Style } from '../report/style.ts';
import { createClock } from './clock.ts';
import { formatAccess } from './format-access.ts';
import { parserOf } from './parse.ts';
import type { Alert } from './watch-rules.ts';

export interface AlertOptions {
  readonly style: Style;
  /** Times in UTC; else in local time. */
  readonly utc: boolean;
  /** The name in the inventory of the agent with this address. */
  readonly nameOfAgent: (address: string) => string | undefined;
}

/** Of a line of the log, in characters. */
const LONGEST_LINE = 94;

/**
 * Formats alerts for people: when, where and which rule; who did what; the last lines that were counted; what to type.
 *
 *     ! 2026-11-25 12:49:13.123  gateway  agents
 *       10.213.0.10 tried 20 agents’ addresses, 20 of them without an agent that answers within 5 min
 *         10.213.0.10 502 10.150.248.20 / 3 ms 150 B
 *       → dcvops logs --client 10.213.0.10
 *
 * All that came from a host is safe for a terminal.
 */
export function createAlertFormatter(options: AlertOptions): (alert: Alert) => string {
  const { style, utc, nameOfAgent } = options;
  const clock = createClock(utc);
  return ({ rule, proxy, lastUs, message, sample }) => {
    const { what, next } = partsOf(message);
    return [
      `${style.warning('!')} ${clock.format(lastUs)}  ${style.bold(sanitiseLine(proxy))}  ${rule}`,
      `  ${sanitiseLine(what)}`,
      ...sample.map((line) => `    ${style.dim(shorten(readable(line, nameOfAgent)))}`),
      ...(next === '' ? [] : [`  → ${sanitiseLine(next)}`]),
    ]
      .map((line) => `${line}\n`)
      .join('');
  };
}

/** An alert's message ends with what to type. */
function partsOf(message: string): { readonly what: string; readonly next: string } {
  const at = message.lastIndexOf(': dcvops ');
  return at === -1
    ? { what: message, next: '' }
    : { what: message.slice(0, at), next: message.slice(at + 2) };
}

/** A line of the access or the error log in words; one that was cut, as it is. */
function readable(line: string, nameOfAgent: AlertOptions['nameOfAgent']): string {
  const context = { utcOffsetMinutes: 0 };
  const access = parserOf('nginx-json')(line, context)?.access;
  if (access !== undefined) return formatAccess(access, nameOfAgent).text;
  return sanitiseLine(parserOf('nginx-error')(line, context)?.message ?? line);
}

function shorten(line: string): string {
  const characters = Array.from(line);
  return characters.length <= LONGEST_LINE ? line : `${characters.slice(0, LONGEST_LINE - 1).join('')}…`;
}
