import { formatBytes } from '../../../report/quantity.ts';
import { hostCheck } from '../../check.ts';
import { onHost } from '../../commands.ts';

const LOW_PERCENT = 5;

/** Hardly any memory left. */
export const memory = hostCheck({
  id: 'host/memory',
  severity: 'warning',
  title: 'Memory runs out',
  why: 'Desktops become slow, then the kernel ends whatever is largest: often somebody’s session.',
  remedy: 'dcvops exec HOST -- ps aux --sort=-rss',
  symptoms: ['desktop'],
  look: ({ name, system }) => {
    const { totalKiB, availableKiB, swapTotalKiB, swapFreeKiB } = system.memory;
    if (totalKiB === 0 || (availableKiB / totalKiB) * 100 >= LOW_PERCENT) return undefined;
    const swap = swapTotalKiB === 0 ? 'no swap' : `${size(swapFreeKiB)} of ${size(swapTotalKiB)} swap free`;
    return {
      seen: `${size(availableKiB)} of ${size(totalKiB)} memory are left, ${swap}`,
      remedy: onHost(name, 'ps', 'aux', '--sort=-rss'),
    };
  },
});

const size = (kib: number): string => formatBytes(kib * 1024);
