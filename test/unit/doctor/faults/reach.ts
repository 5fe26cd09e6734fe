import type { SeededFault } from './seeded-fault.ts';

export const REACH_FAULTS: readonly SeededFault[] = [];
