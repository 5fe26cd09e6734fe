import type { DiskFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';
import type { Probe } from './probes.ts';

/** `FILE SIZE AVAIL USE% INODES IFREE SOURCE TARGET`; a source may have spaces, a target begins with a slash. */
const ROW = /^(\/\S*)\s+(\d+)\s+(\d+)\s+(?:(\d+)%|-)\s+(\d+|-)\s+(\d+|-)\s+(\S.*?)\s+(\/.*)$/;

/** Reads what `df --output=…` printed of some folders: their file systems, each once. Pure. */
export function parseDisks(probes: readonly Probe[]): DiskFacts[] {
  const disks = new Map<string, DiskFacts>();
  for (const line of probes.flatMap(({ output }) => linesOf(output))) {
    const row = ROW.exec(line);
    if (row === null) continue;
    const [, folder = '', size, available, percent, inodes, freeInodes, device = '', mount = ''] = row;
    const known = disks.get(mount);
    disks.set(mount, {
      mount,
      device,
      sizeKiB: Number(size),
      availableKiB: Number(available),
      usedPercent: Number(percent ?? 0),
      inodesUsedPercent: usedPercent(Number(inodes), Number(freeInodes)),
      folders: [...(known?.folders ?? []), folder],
    });
  }
  return [...disks.values()];
}

/** Rounded up, as df does it; btrfs and others have no number of inodes and say 0 or "-". */
function usedPercent(all: number, free: number): number | undefined {
  return all > 0 && free <= all ? Math.ceil(((all - free) / all) * 100) : undefined;
}
