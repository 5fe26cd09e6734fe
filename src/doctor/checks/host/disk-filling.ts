import { hostCheck } from '../../check.ts';
import { describeDisk, isFilling, neededDisks } from '../../disks.ts';
import { showLargest } from './disk-full.ts';

/** A file system that will be full soon. It is a check of its own, for nothing follows from it yet. */
export const diskFilling = hostCheck({
  id: 'host/disk-filling',
  severity: 'warning',
  title: 'A disk is nearly full',
  why: 'Once it is full, desktops end and nothing can be deployed or logged.',
  remedy: `dcvops exec --sudo HOST -- sh -c 'du -xk "$0" | sort -n | tail -n 20' /`,
  look: ({ host, name }) =>
    neededDisks(host)
      .filter(isFilling)
      .map((disk) => ({
        seen: `${describeDisk(disk)}${inodes(disk.inodesUsedPercent)}`,
        remedy: showLargest(name, disk.mount),
      })),
});

function inodes(percent: number | undefined): string {
  return percent === undefined || percent < 90 ? '' : `; ${percent} % of its inodes are used`;
}
