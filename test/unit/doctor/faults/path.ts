import type { SeededFault } from './seeded-fault.ts';

export const PATH_FAULTS: readonly SeededFault[] = [];
