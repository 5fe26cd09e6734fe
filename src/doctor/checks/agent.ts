import type { Check } from '../check.ts';

export const AGENT_CHECKS: readonly Check[] = [];
