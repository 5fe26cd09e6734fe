/** Writes a record's time in one width; a time that is unknown, or that no calendar has, as blanks. */
export interface Clock {
  readonly width: number;
  readonly format: (timeUs: number | undefined) => string;
}

/** How many seconds are remembered: hosts that are followed side by side are some seconds apart at most. */
const REMEMBERED = 64;

/** `2026-11-25 12:49:13.123` in local time, or with a `Z` behind in UTC. The calendar is asked once a second of the log. */
export function createClock(utc: boolean): Clock {
  const zone = utc ? 'Z' : '';
  const blank = ' '.repeat('2026-11-25 12:49:13.123'.length + zone.length);
  const seconds = new Map<number, string>();

  function formatSecond(second: number): string {
    const known = seconds.get(second);
    if (known !== undefined) return known;
    if (seconds.size >= REMEMBERED) seconds.clear();
    const text = formatDate(new Date(second * 1000), utc);
    seconds.set(second, text);
    return text;
  }

  return {
    width: blank.length,
    format: (timeUs) => {
      if (timeUs === undefined || !isInCalendar(timeUs)) return blank;
      const second = Math.floor(timeUs / 1e6);
      const ms = Math.floor((timeUs - second * 1e6) / 1000);
      return `${formatSecond(second)}.${pad(ms, 3)}${zone}`;
    },
  };
}

/** RFC 3339 in UTC with microseconds: `2026-11-25T12:49:13.123456Z`; null for a time that no calendar has. */
export function formatIso(timeUs: number): string | null {
  if (!isInCalendar(timeUs)) return null;
  const ms = Math.floor(timeUs / 1000);
  const us = Math.floor(timeUs - ms * 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${pad(us, 3)}Z`;
}

/** The years 1 to 9999 in any zone: a log may have any number for a time. */
function isInCalendar(timeUs: number): boolean {
  return timeUs > -62e15 && timeUs < 253_402_200e9;
}

function formatDate(date: Date, utc: boolean): string {
  if (utc) return date.toISOString().slice(0, 19).replace('T', ' ');
  const day = `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
  return `${day} ${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}`;
}

function pad(amount: number, width: number): string {
  return String(amount).padStart(width, '0');
}
