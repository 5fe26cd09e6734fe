import type { Reading } from './addresses.ts';

/** The canonical form of a text as `read` sees it; undefined for one that is missing or wrong. */
export function canonical(text: string | undefined, read: (text: string) => Reading): string | undefined {
  const reading = text === undefined ? undefined : read(text);
  return reading !== undefined && 'value' in reading ? reading.value : undefined;
}
