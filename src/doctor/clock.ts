import { formatDuration } from '../report/quantity.ts';

/** By how many seconds a clock may be off before it is told, and before people are kept out by it. */
export const secondsOff = { note: 1, warning: 30, error: 300 } as const;

/** Is this offset (in seconds) one to warn of? */
export function tooFar(offset: number): boolean {
  return Math.abs(offset) > secondsOff.warning;
}

/** An offset in seconds for people: "2 min 5 s ahead of", "31 s behind". */
export function clocksOff(offset: number): string {
  return `${formatDuration(Math.abs(offset) * 1000)} ${offset > 0 ? 'ahead of' : 'behind'}`;
}
