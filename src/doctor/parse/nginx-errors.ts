import { formatIso } from '../../logs/clock.ts';
import { mask } from '../../logs/mask.ts';
import { parserOf } from '../../logs/parse.ts';
import type { ProxyFacts } from '../facts/proxy.ts';

const DAY_US = 86_400e6;
const MAX_LINE = 300;
const MOST = 60;

/**
 * Reads lines of nginx's error logs and of its journal (`journalctl -o short-iso`) that are bad enough, those of the last 24
 * hours, oldest first. What nginx says to both, as when it is started, is told once. Pure.
 */
export function parseNginxErrors(
  lines: readonly string[],
  now: Date,
  utcOffsetMinutes: number,
): ProxyFacts['errors'] {
  const nowUs = now.getTime() * 1000;
  const read = lines
    .flatMap((line) => readLine(line, utcOffsetMinutes))
    .filter(({ timeUs = nowUs }) => timeUs > nowUs - DAY_US)
    .sort((one, other) => (one.timeUs ?? 0) - (other.timeUs ?? 0));
  const once = read.filter((error, index) => read.findIndex((other) => isSame(error, other)) === index);
  return once.slice(-MOST).map(({ timeUs, level, line }) => ({
    at: timeUs === undefined ? undefined : (formatIso(timeUs) ?? undefined),
    level,
    line: mask(line).slice(0, MAX_LINE),
  }));
}

interface ErrorLine {
  /** Microseconds since 1970. */
  readonly timeUs: number | undefined;
  readonly level: string;
  readonly line: string;
  /** What it says, without time and process. */
  readonly message: string;
}

/** `2026/11/25 12:49:13 [emerg] 123#123: bind() …`, or in the journal `… nginx[123]: nginx: [emerg] bind() …`. */
function readLine(line: string, utcOffsetMinutes: number): ErrorLine[] {
  const [, level, message = ''] = /\[(emerg|alert|crit)\] (?:\d+#\d+: )?(.*)$/.exec(line) ?? [];
  if (level === undefined) return [];
  const context = { utcOffsetMinutes };
  const entry = parserOf('nginx-error')(line, context) ?? parserOf('text')(line, context);
  return [{ timeUs: entry?.timeUs, level, line, message }];
}

/** A start takes a moment, and the journal knows whole seconds. */
function isSame(one: ErrorLine, other: ErrorLine): boolean {
  return one.message === other.message && Math.abs((one.timeUs ?? 0) - (other.timeUs ?? 0)) <= 2e6;
}
