import type { Check } from '../check.ts';

export const LEFTOVER_CHECKS: readonly Check[] = [];
