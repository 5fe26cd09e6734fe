import { agentCheck } from '../../check.ts';
import { enableUnit } from '../../fixes.ts';
import { agentService } from '../../service/typed.ts';
import { unitOf } from '../../units.ts';

/** dcvserver runs until the host's next start. */
export const serviceDisabled = agentCheck({
  id: 'agent/service-disabled',
  severity: 'warning',
  title: 'dcvserver does not start at boot',
  why: 'After the host’s next start there are no desktops until somebody starts dcvserver.',
  remedy: 'dcvops service enable AGENT',
  fix: 'enables dcvserver; undone with systemctl disable',
  symptoms: ['service'],
  follows: ['agent/dcv-missing'],
  look: ({ name, system }) =>
    unitOf(system, 'dcvserver.service')?.enabled === 'disabled'
      ? {
          seen: 'dcvserver.service is disabled',
          remedy: agentService('enable', name),
          fix: enableUnit(name, 'dcvserver.service'),
        }
      : undefined,
});
