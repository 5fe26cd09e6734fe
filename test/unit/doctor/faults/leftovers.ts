import type { SeededFault } from './seeded-fault.ts';

export const LEFTOVER_FAULTS: readonly SeededFault[] = [];
