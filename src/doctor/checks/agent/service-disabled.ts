import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { enableUnit } from '../../fixes.ts';
import { unitOf } from '../../units.ts';

/** dcvserver runs until the host's next start. */
export const serviceDisabled = agentCheck({
  id: 'agent/service-disabled',
  severity: 'warning',
  title: 'dcvserver does not start at boot',
  why: 'After the host’s next start there are no desktops until somebody starts dcvserver.',
  remedy: 'dcvops exec --sudo AGENT -- systemctl enable dcvserver',
  fix: 'enables dcvserver; undone with systemctl disable',
  symptoms: ['service'],
  follows: ['agent/dcv-missing'],
  look: ({ name, system }) =>
    unitOf(system, 'dcvserver.service')?.enabled === 'disabled'
      ? {
          seen: 'dcvserver.service is disabled',
          remedy: asRoot(name, 'systemctl', 'enable', 'dcvserver'),
          fix: enableUnit(name, 'dcvserver.service'),
        }
      : undefined,
});
