import type { Check } from '../check.ts';

export const REACH_CHECKS: readonly Check[] = [];
