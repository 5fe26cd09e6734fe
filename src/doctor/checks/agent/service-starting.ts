import { agentCheck } from '../../check.ts';
import { serviceState, sinceWhen, unitOf } from '../../units.ts';

/** dcvserver is on its way up. */
export const serviceStarting = agentCheck({
  id: 'agent/service-starting',
  severity: 'error',
  title: 'dcvserver is still starting',
  why: 'There are no desktops until it is up.',
  remedy: 'dcvops doctor AGENT',
  symptoms: ['service'],
  follows: ['agent/dcv-missing', 'agent/port-taken', 'agent/service-crash-loops'],
  look: ({ name, system, set }) => {
    const unit = unitOf(system, 'dcvserver.service');
    if (unit === undefined || serviceState(unit, Date.parse(set.collectedAt) / 1000) !== 'starting')
      return undefined;
    return { seen: `dcvserver is starting${sinceWhen(unit)}`, remedy: `dcvops doctor ${name}` };
  },
});
