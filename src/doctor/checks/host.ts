import type { Check } from '../check.ts';
import { clock } from './host/clock.ts';
import { commandHangs } from './host/command-hangs.ts';
import { diskFilling } from './host/disk-filling.ts';
import { diskFull } from './host/disk-full.ts';
import { inodesFull } from './host/inodes-full.ts';
import { memory } from './host/memory.ts';
import { operatorClock } from './host/operator-clock.ts';
import { outOfMemory } from './host/out-of-memory.ts';
import { selinuxDenials } from './host/selinux-denials.ts';

/** What can be wrong with any host, whatever it is for. */
export const HOST_CHECKS: readonly Check[] = [
  operatorClock,
  clock,
  diskFull,
  inodesFull,
  diskFilling,
  memory,
  outOfMemory,
  selinuxDenials,
  commandHangs,
];
