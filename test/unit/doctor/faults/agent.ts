import type { SeededFault } from './seeded-fault.ts';

export const AGENT_FAULTS: readonly SeededFault[] = [];
