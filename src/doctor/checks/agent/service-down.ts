import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { startUnit } from '../../fixes.ts';
import { agentService } from '../../service/typed.ts';
import { serviceState, sinceWhen, unitOf } from '../../units.ts';

/** dcvserver does not run: it was stopped, has failed, is masked, or has no unit. */
export const serviceDown = agentCheck({
  id: 'agent/service-down',
  severity: 'error',
  title: 'dcvserver does not run',
  why: 'Nobody gets to a desktop of this agent.',
  remedy: 'dcvops service start AGENT',
  fix: 'starts dcvserver where it is stopped or has failed; undone with systemctl stop',
  symptoms: ['service'],
  follows: ['agent/dcv-missing', 'agent/port-taken', 'agent/service-crash-loops'],
  look: ({ name, system, set }) => {
    const unit = unitOf(system, 'dcvserver.service');
    if (unit === undefined) return undefined;
    const start = agentService('start', name);
    switch (serviceState(unit, Date.parse(set.collectedAt) / 1000)) {
      case 'stopped':
        return {
          seen: `dcvserver is ${unit.active}${sinceWhen(unit)}`,
          remedy: start,
          fix: startUnit(name, 'dcvserver.service'),
        };
      case 'failed':
        return {
          seen: `dcvserver has failed (${unit.result})${sinceWhen(unit)}`,
          remedy: steps(start, asRoot(name, 'journalctl', '--no-pager', '-u', 'dcvserver', '-n', '50')),
          fix: startUnit(name, 'dcvserver.service'),
        };
      case 'masked':
        return {
          seen: 'dcvserver is masked: somebody keeps it from being started',
          remedy: steps(asRoot(name, 'systemctl', 'unmask', 'dcvserver'), start),
        };
      case 'missing':
        return {
          seen: 'there is a program dcv, but no unit dcvserver.service',
          remedy: steps('install DCV’s server again (nice-dcv-server)', `dcvops doctor ${name}`),
        };
      case 'runs':
      case 'starting':
      case 'loops':
        return undefined;
    }
  },
});
