import { hostCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { isOutOfInodes, neededDisks } from '../../disks.ts';

/** Room is left, but no more files can be made. */
export const inodesFull = hostCheck({
  id: 'host/inodes-full',
  severity: 'error',
  title: 'A disk has no inodes left',
  why: 'No more files can be made there, though there is room: sessions and logs fail with "No space left on device".',
  remedy: `dcvops exec --sudo HOST -- sh -c 'du -x --inodes "$0" | sort -n | tail -n 20' /`,
  symptoms: ['session', 'desktop'],
  look: ({ host, name }) =>
    neededDisks(host)
      .filter(isOutOfInodes)
      .map(({ mount, device, inodesUsedPercent }) => ({
        seen: `${inodesUsedPercent ?? 100} % of the inodes of ${mount} (${device}) are used`,
        remedy: asRoot(name, 'sh', '-c', 'du -x --inodes "$0" | sort -n | tail -n 20', mount),
      })),
});
