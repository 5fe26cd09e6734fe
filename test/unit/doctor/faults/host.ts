import type { SeededFault } from './seeded-fault.ts';

export const HOST_FAULTS: readonly SeededFault[] = [];
