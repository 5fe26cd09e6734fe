import type { Check } from '../check.ts';

export const HOST_CHECKS: readonly Check[] = [];
