import { formatBytes } from '../report/quantity.ts';
import type { HostFacts } from './facts/fleet.ts';
import type { DiskFacts } from './facts/system.ts';

/** The folders that a host cannot work without, by what it is for: desktops write below /home and /tmp, nginx does not. */
const NEEDED: Record<HostFacts['role'], readonly string[]> = {
  agent: ['/', '/var/log', '/tmp', '/home'],
  proxy: ['/', '/var/log'],
};

const FULL_PERCENT = 97;
const FILLING_PERCENT = 90;
const FULL_KIB = 100 * 1024;
/** On a file system that is small by design, little room is no sign of anything. */
const LARGE_KIB = 1024 * 1024;

/** File systems of a host on which something lies that it needs. Pure. */
export function neededDisks({ role, system }: Pick<HostFacts, 'role' | 'system'>): readonly DiskFacts[] {
  return (system?.disks ?? []).filter(({ folders }) =>
    folders.some((folder) => NEEDED[role].includes(folder)),
  );
}

/** Can hardly anything more be written there? */
export function isFull({ usedPercent, availableKiB, sizeKiB }: DiskFacts): boolean {
  return usedPercent >= FULL_PERCENT || (sizeKiB > LARGE_KIB && availableKiB < FULL_KIB);
}

/** Are there hardly any inodes left, so that no more files can be made? */
export function isOutOfInodes({ inodesUsedPercent = 0 }: DiskFacts): boolean {
  return inodesUsedPercent >= FULL_PERCENT;
}

/** Not full yet, in room or in inodes, but nearly. */
export function isFilling(disk: DiskFacts): boolean {
  if (isFull(disk) || isOutOfInodes(disk)) return false;
  return disk.usedPercent >= FILLING_PERCENT || (disk.inodesUsedPercent ?? 0) >= FILLING_PERCENT;
}

/** "/home (/dev/sdb1) is 98 % full, 300 MB are left", with the folders that lie there. Pure. */
export function describeDisk({ mount, device, usedPercent, availableKiB, folders }: DiskFacts): string {
  const others = folders.filter((folder) => folder !== mount);
  const holds = others.length === 0 ? '' : `, which holds ${others.join(', ')},`;
  return `${mount} (${device})${holds} is ${usedPercent} % full, ${formatBytes(availableKiB * 1024)} are left`;
}
