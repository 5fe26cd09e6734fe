import { explainLine } from '../../dcv/signatures.ts';
import { formatIso } from '../../logs/clock.ts';
import { mask } from '../../logs/mask.ts';
import { parserOf } from '../../logs/parse.ts';
import type { SignatureFacts } from '../facts/agent.ts';

/** The end of one log. */
export interface LogEnd {
  /** As the facts name it: its path, or "journal of dcvserver". */
  readonly log: string;
  /** When it was last written to, in seconds since 1970; this is taken for the time of lines that tell none. */
  readonly changed: number;
  readonly lines: readonly string[];
}

/** What counts of the logs. Times are in seconds since 1970, by the host's clock. */
export interface Period {
  readonly now: number;
  readonly utcOffsetMinutes: number;
  /** When dcvserver was started; undefined: it does not run, or that is not known. */
  readonly startedAt: number | undefined;
}

const DAY = 86_400;
const MAX_LINE = 300;

/** What a restart of dcvserver, or of the host, may have mended: licences are read anew, what crashed is gone. */
const OVER_WITH_RESTART = /licence|^crash$/;

/** A line that says that an earlier sign of trouble is over. */
const CURES: Readonly<Record<string, RegExp>> = {
  'licence-s3': /Retrieved license object from AWS S3 bucket/i,
};

interface Sign {
  readonly id: string;
  readonly log: string;
  readonly line: string;
  /** Seconds since 1970; where the line tells none, that of the log. */
  readonly at: number;
  readonly timeUs: number | undefined;
}

/** Finds the known signs of trouble of the last 24 hours: each kind once, with the last such line; newest last. Pure. */
export function findSignatures(logs: readonly LogEnd[], period: Period): SignatureFacts[] {
  const signs = logs
    .flatMap((log) => signsOf(log, period))
    .filter(({ id, at }) => at > period.now - DAY && !isOver(id, at, period))
    .sort((one, other) => one.at - other.at);
  const kinds = [...new Set(signs.map(({ id }) => id).reverse())].reverse();
  return kinds.flatMap((id) => {
    const all = signs.filter((sign) => sign.id === id);
    const last = all.at(-1);
    if (last === undefined) return [];
    const { log, line, timeUs } = last;
    const at = timeUs === undefined ? undefined : (formatIso(timeUs) ?? undefined);
    return [{ id, log, at, line: mask(line).slice(0, MAX_LINE), count: all.length }];
  });
}

function isOver(id: string, at: number, { startedAt }: Period): boolean {
  return startedAt !== undefined && at < startedAt && OVER_WITH_RESTART.test(id);
}

/** Lines without a time go on with the entry before them. */
function signsOf({ log, changed, lines }: LogEnd, { utcOffsetMinutes }: Period): Sign[] {
  let signs: Sign[] = [];
  let timeUs: number | undefined;
  for (const line of lines) {
    const context = { utcOffsetMinutes };
    const entry = parserOf('dcv')(line, context) ?? parserOf('text')(line, context);
    timeUs = entry?.timeUs ?? timeUs;
    signs = signs.filter(({ id }) => CURES[id]?.test(line) !== true);
    const id = explainLine(line, { host: '' })?.id;
    if (id !== undefined)
      signs.push({ id, log, line, at: timeUs === undefined ? changed : timeUs / 1e6, timeUs });
  }
  return signs;
}
