/** What reading a point in time gave: microseconds since 1970 UTC, or what would have been right. */
export type WhenReading = { readonly valueUs: number } | { readonly allowed: string };

export interface WhenContext {
  readonly now: Date;
  /** Whether a time without a zone is UTC; else it is local, as the operator's clock has it. */
  readonly utc: boolean;
}

/** The fields of a calendar and a clock; a month counts from 1. */
interface CalendarTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const ALLOWED =
  'how long ago (10m, 90s, 2h, 1d, 1w, 1h30m), a time (09:00, 2026-11-23, "2026-11-23 09:00", 2026-11-23T09:00:30Z), ' +
  'or now, today, yesterday';

/** Largest unit first, each at most once. */
const DURATION = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const UNIT_SECONDS = [604_800, 86_400, 3_600, 60, 1] as const;

const DATE = /(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)/;
/** The comma is DCV's, whose times are pasted from its logs. */
const CLOCK = /(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)?/;
const ZONE = /(?<zone>z|[+-]\d\d:\d\d)/;
const TIMESTAMP = new RegExp(`^${DATE.source}(?:[t ]${CLOCK.source}${ZONE.source}?)?$`, 'i');
const TIME_OF_DAY = new RegExp(`^${CLOCK.source}$`);

/**
 * Reads the time of `--since` and `--until`: how long ago (`1h30m`), a date with or without a time of day, a time of day
 * (today's), RFC 3339, `now`, `today`, `yesterday` (the two begin at midnight). What a change of the clock leaves out is
 * moved as Date moves it. Nothing is before 1970.
 */
export function readWhen(text: string, context: WhenContext): WhenReading {
  const words = text.trim();
  return (
    readWord(words, context) ??
    readDuration(words, context) ??
    readTimestamp(words, context) ?? { allowed: ALLOWED }
  );
}

function readWord(text: string, context: WhenContext): WhenReading | undefined {
  switch (text) {
    case 'now':
      return { valueUs: context.now.getTime() * 1000 };
    case 'today':
      return { valueUs: toUs(today(context), context.utc) };
    case 'yesterday': {
      const { day, ...rest } = today(context);
      // the 0th of a month is the last of the month before
      return { valueUs: toUs({ ...rest, day: day - 1 }, context.utc) };
    }
    default:
      return undefined;
  }
}

function readDuration(text: string, { now }: WhenContext): WhenReading | undefined {
  const amounts = DURATION.exec(text)?.slice(1) as (string | undefined)[] | undefined;
  if (amounts === undefined || text === '') return undefined;
  const seconds = amounts.reduce(
    (sum, amount, unit) => sum + Number(amount ?? 0) * (UNIT_SECONDS[unit] ?? 0),
    0,
  );
  return { valueUs: Math.max(0, now.getTime() * 1000 - seconds * 1e6) };
}

function readTimestamp(text: string, context: WhenContext): WhenReading | undefined {
  const groups = (TIMESTAMP.exec(text) ?? TIME_OF_DAY.exec(text))?.groups;
  if (groups === undefined) return undefined;
  const date = groups['year'] === undefined ? today(context) : undefined;
  const time: CalendarTime = {
    year: date?.year ?? Number(groups['year']),
    month: date?.month ?? Number(groups['month']),
    day: date?.day ?? Number(groups['day']),
    hour: Number(groups['hour'] ?? 0),
    minute: Number(groups['minute'] ?? 0),
    second: Number(groups['second'] ?? 0),
  };
  const zone = groups['zone'];
  const impossible = whatIsImpossible(time) ?? (zone === undefined ? undefined : whatIsWrongWithZone(zone));
  if (impossible !== undefined) return { allowed: impossible };
  const fractionUs = Number((groups['fraction'] ?? '').padEnd(6, '0').slice(0, 6));
  const zoneUs = zone === undefined ? 0 : zoneMinutes(zone) * 60e6;
  return { valueUs: toUs(time, context.utc || zone !== undefined) + fractionUs - zoneUs };
}

function whatIsImpossible({ year, month, day, hour, minute, second }: CalendarTime): string | undefined {
  if (year < 1970) return 'a year from 1970 on';
  if (month < 1 || month > 12) return 'a month from 01 to 12';
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day < 1 || day > days) return `a day from 01 to ${days} in ${year}-${String(month).padStart(2, '0')}`;
  if (hour > 23 || minute > 59 || second > 59) return 'a time of day from 00:00 to 23:59:59';
  return undefined;
}

function whatIsWrongWithZone(zone: string): string | undefined {
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number);
  return hours > 23 || minutes > 59 ? 'a zone such as Z or +01:00' : undefined;
}

/** East of UTC. */
function zoneMinutes(zone: string): number {
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function today({ now, utc }: WhenContext): CalendarTime {
  const midnight = { hour: 0, minute: 0, second: 0 };
  return utc
    ? { year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate(), ...midnight }
    : { year: now.getFullYear(), month: now.getMonth() + 1, day: now.getDate(), ...midnight };
}

function toUs({ year, month, day, hour, minute, second }: CalendarTime, utc: boolean): number {
  const ms = utc
    ? Date.UTC(year, month - 1, day, hour, minute, second)
    : new Date(year, month - 1, day, hour, minute, second).getTime();
  return ms * 1000;
}
