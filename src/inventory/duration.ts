const UNITS = [
  { letter: 'h', ms: 3_600_000 },
  { letter: 'm', ms: 60_000 },
  { letter: 's', ms: 1000 },
] as const;

/** How a duration is written: `30s`, `5m`, `1h`. */
export const DURATION_PATTERN = /^[1-9][0-9]{0,5}[smh]$/;

/** Reads a duration such as `5m`; gives milliseconds. */
export function readDuration(text: string): { readonly value: number } | undefined {
  const unit = DURATION_PATTERN.test(text) ? UNITS.find(({ letter }) => text.endsWith(letter)) : undefined;
  return unit === undefined ? undefined : { value: Number(text.slice(0, -1)) * unit.ms };
}

/** Writes a duration of whole seconds as `readDuration` reads it, in the largest unit that needs no fraction. */
export function showDuration(ms: number): string {
  const { letter, ms: size } = UNITS.find((unit) => ms % unit.ms === 0) ?? UNITS[2];
  return `${ms / size}${letter}`;
}
