import { AGENT_FAULTS } from './agent.ts';
import { HOST_FAULTS } from './host.ts';
import { LEFTOVER_FAULTS } from './leftovers.ts';
import { LOGIN_FAULTS } from './login.ts';
import { MARK_FAULTS } from './marks.ts';
import { OPERATOR_FAULTS } from './operator.ts';
import { PATH_FAULTS } from './path.ts';
import { PIN_FAULTS } from './pins.ts';
import { PROXY_FAULTS } from './proxy.ts';
import { REACH_FAULTS } from './reach.ts';
import type { SeededFault } from './seeded-fault.ts';

/** Every seeded fault, in the catalogue's order of families. */
export const FAULTS: readonly SeededFault[] = [
  ...OPERATOR_FAULTS,
  ...REACH_FAULTS,
  ...HOST_FAULTS,
  ...PROXY_FAULTS,
  ...LOGIN_FAULTS,
  ...MARK_FAULTS,
  ...AGENT_FAULTS,
  ...PIN_FAULTS,
  ...PATH_FAULTS,
  ...LEFTOVER_FAULTS,
];
