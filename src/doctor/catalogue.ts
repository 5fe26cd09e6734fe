import type { Check } from './check.ts';
import { AGENT_CHECKS } from './checks/agent.ts';
import { HOST_CHECKS } from './checks/host.ts';
import { LEFTOVER_CHECKS } from './checks/leftovers.ts';
import { OPERATOR_CHECKS } from './checks/operator.ts';
import { PATH_CHECKS } from './checks/path.ts';
import { PROXY_CHECKS } from './checks/proxy.ts';
import { REACH_CHECKS } from './checks/reach.ts';

/** Every check, in the order in which a person would look. */
export const CATALOGUE: readonly Check[] = [
  ...OPERATOR_CHECKS,
  ...REACH_CHECKS,
  ...HOST_CHECKS,
  ...PROXY_CHECKS,
  ...AGENT_CHECKS,
  ...PATH_CHECKS,
  ...LEFTOVER_CHECKS,
];
