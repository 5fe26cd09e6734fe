import { hostCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { describeDisk, isFull, neededDisks } from '../../disks.ts';

/** No room on a file system that the host needs. */
export const diskFull = hostCheck({
  id: 'host/disk-full',
  severity: 'error',
  title: 'A disk is full',
  why: 'Desktops end or do not start when /tmp or /home is full; logs and deploys fail without room in /var.',
  remedy: `dcvops exec --sudo HOST -- sh -c 'du -xk "$0" | sort -n | tail -n 20' /`,
  symptoms: ['session', 'desktop'],
  look: ({ host, name }) =>
    neededDisks(host)
      .filter(isFull)
      .map((disk) => ({ seen: describeDisk(disk), remedy: showLargest(name, disk.mount) })),
});

/** Shows the twenty largest folders below a mount point. */
export function showLargest(host: string, mount: string): string {
  return asRoot(host, 'sh', '-c', 'du -xk "$0" | sort -n | tail -n 20', mount);
}
