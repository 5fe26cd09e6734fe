const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes for people, in powers of 1000, with up to three significant digits: `999 B`, `4.5 kB`, `1.21 GB`. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  // 999.5 would be rounded to 1000
  while (amount >= 999.5 && unit < BYTE_UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  const rounded = amount < 100 ? Number(amount.toPrecision(3)) : Math.round(amount);
  return `${rounded} ${BYTE_UNITS[unit] ?? 'B'}`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Milliseconds for people, in the two units that tell most: `12 ms`, `1.2 s`, `2 min 5 s`, `2 h 13 min`, `3 d 4 h`. What is
 * below the second unit is rounded.
 */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < SECOND) return `${Math.round(ms)} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${tenths / 10} s`;
  const seconds = roundTo(ms, SECOND);
  if (seconds < HOUR) return inTwoUnits(seconds, MINUTE, 'min', SECOND, 's');
  const minutes = roundTo(ms, MINUTE);
  if (minutes < DAY) return inTwoUnits(minutes, HOUR, 'h', MINUTE, 'min');
  return inTwoUnits(roundTo(ms, HOUR), DAY, 'd', HOUR, 'h');
}

function roundTo(ms: number, unit: number): number {
  return Math.round(ms / unit) * unit;
}

function inTwoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = (ms % large) / small;
  const first = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}
