/** Each reload leaves workers behind for as long as their desktops are open: so long, in seconds, lies between two. */
export const RELOAD_PAUSE_SECONDS = 300;

/**
 * How many seconds a reload that nobody typed has to wait; 0: none. Pure.
 * @param lastReload the last one by dcvops, by the same clock as `now`; undefined: there was none
 */
export function reloadWait(lastReload: Date | undefined, now: Date): number {
  if (lastReload === undefined) return 0;
  const passed = (now.getTime() - lastReload.getTime()) / 1000;
  // a clock that was set back tells nothing, and could put it off for years; the reload that comes now has the new time
  if (passed < 0) return 0;
  return Math.max(0, Math.ceil(RELOAD_PAUSE_SECONDS - passed));
}
