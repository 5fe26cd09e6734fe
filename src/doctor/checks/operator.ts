import type { Check } from '../check.ts';

export const OPERATOR_CHECKS: readonly Check[] = [];
