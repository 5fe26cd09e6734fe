import type { SeededFault } from './seeded-fault.ts';

export const OPERATOR_FAULTS: readonly SeededFault[] = [];
