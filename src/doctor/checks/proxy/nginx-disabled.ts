import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { enableUnit } from '../../fixes.ts';
import { proxyService } from '../../service/typed.ts';
import { unitOf } from '../../units.ts';

/** nginx runs until the host's next start. */
export const nginxDisabled = proxyCheck({
  id: 'proxy/nginx-disabled',
  severity: 'warning',
  title: 'nginx does not start at boot',
  why: 'After the host’s next start nobody gets to any desktop until somebody starts nginx.',
  remedy: 'dcvops service enable PROXY',
  fix: 'enables nginx; undone with systemctl disable',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/nginx-unmanaged'],
  look: ({ name, system }) => {
    const unit = unitOf(system, 'nginx.service');
    const enable = proxyService('enable', name);
    if (unit?.load === 'masked' && unit.active === 'active') {
      return {
        seen: 'nginx.service runs, but is masked: it cannot be started again',
        remedy: steps(asRoot(name, 'systemctl', 'unmask', 'nginx'), enable),
      };
    }
    return unit?.enabled === 'disabled'
      ? { seen: 'nginx.service is disabled', remedy: enable, fix: enableUnit(name, 'nginx.service') }
      : undefined;
  },
});
