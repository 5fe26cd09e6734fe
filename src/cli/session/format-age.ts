import { formatDuration } from '../../report/quantity.ts';

/** How long something has been so, by the clock it is measured with: `2 h 13 min`; `?` where that is not told. */
export function formatAge(since: Date | undefined, now: Date | undefined): string {
  if (since === undefined || now === undefined) return '?';
  const seconds = Math.round((now.getTime() - since.getTime()) / 1000);
  return seconds < 1 ? '0 s' : formatDuration(seconds * 1000);
}
