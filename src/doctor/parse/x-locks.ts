import type { XLockFacts } from '../facts/agent.ts';
import type { ProcessFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';

/** Names of X servers' programs, as the kernel tells them. */
const X_SERVER = /^(?:X|Xorg(?:\.bin)?|Xdcv|Xvnc|Xtigervnc|Xvfb|Xwayland|Xephyr)$/;

/**
 * Reads the locks and sockets of X displays, by display. A server that left no lock (it may be started so) is known by the
 * display in its command line. Pure.
 */
export function parseXLocks(
  locks: string | undefined,
  sockets: string | undefined,
  processes: readonly ProcessFacts[],
): XLockFacts[] {
  const displays = new Map<string, XLockFacts>();
  for (const line of linesOf(locks)) {
    const [, file, number, pid, program = ''] = /^(\/.*\/\.X(\d{1,5})-lock) (\d+|-) ?(.*)$/.exec(line) ?? [];
    if (number === undefined) continue;
    const display = `:${number}`;
    displays.set(display, {
      display,
      file,
      socket: false,
      pid: pid === '-' ? undefined : Number(pid),
      alive: X_SERVER.test(program),
    });
  }
  for (const line of linesOf(sockets)) {
    const number = /\/X(\d{1,5})$/.exec(line)?.[1];
    if (number === undefined) continue;
    const display = `:${number}`;
    displays.set(display, {
      ...(displays.get(display) ?? unlocked(display, processes)),
      socket: true,
    });
  }
  return [...displays.values()];
}

function unlocked(display: string, processes: readonly ProcessFacts[]): XLockFacts {
  const server = processes.find(({ command }) => {
    const [program = '', ...options] = command.split(' ');
    return X_SERVER.test(program.split('/').at(-1) ?? '') && options.includes(display);
  });
  return { display, file: undefined, socket: false, pid: server?.pid, alive: server !== undefined };
}
