import type { SeededFault } from './seeded-fault.ts';

export const PROXY_FAULTS: readonly SeededFault[] = [];
