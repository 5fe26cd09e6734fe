import type { Reading } from './addresses.ts';

/* What `resolve.ts` takes out of a file that has passed every check. */

/** The value of a reading that the checks have seen to be right. @throws TypeError when they let a wrong one pass */
export function value<T>(reading: { readonly value: T } | { readonly allowed: string }): T {
  if ('value' in reading) return reading.value;
  throw new TypeError(`the inventory's checks let a wrong value pass: ${reading.allowed}`);
}

/** Something that the checks have seen to be there. @throws TypeError when they let a gap pass */
export function checked<T>(found: T | undefined): T {
  if (found === undefined) throw new TypeError("the inventory's checks let a gap pass");
  return found;
}

/** The canonical forms of texts that the checks have seen, each once. */
export function distinct(texts: readonly string[], read: (text: string) => Reading): string[] {
  return [...new Set(texts.map((text) => value(read(text))))];
}
