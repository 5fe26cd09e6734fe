import { mask } from '../../logs/mask.ts';
import type { ProcessFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';

const MAX_COMMAND = 300;

/** Reads rows of `ps -o pid=,user=,etimes=,args=`. Pure. */
export function parseProcesses(output: string | undefined): ProcessFacts[] {
  return linesOf(output).flatMap((line) => {
    const [, pid, user, elapsed, command] = /^\s*(\d{1,10})\s+(\S+)\s+(\d{1,12})\s+(\S.*)$/.exec(line) ?? [];
    if (user === undefined || command === undefined) return [];
    return [
      { pid: Number(pid), user, elapsed: Number(elapsed), command: mask(command).slice(0, MAX_COMMAND) },
    ];
  });
}
