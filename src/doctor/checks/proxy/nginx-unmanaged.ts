import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { proxyService } from '../../service/typed.ts';
import { isRunning, nginxState } from './view.ts';

/** nginx was started by hand: systemd does not know of it. */
export const nginxUnmanaged = proxyCheck({
  id: 'proxy/nginx-unmanaged',
  severity: 'warning',
  title: 'nginx runs, but not as a service',
  why: 'Nothing starts it after a boot, and a deploy tries to start a second one.',
  remedy: 'dcvops exec --sudo PROXY -- nginx -s quit\ndcvops service start PROXY',
  symptoms: ['nginx'],
  look: (view) => {
    const { name } = view;
    if (!isRunning(view)) return undefined;
    switch (nginxState(view)) {
      case 'missing':
        return {
          seen: 'nginx runs, and there is no unit nginx.service that starts it at boot',
          remedy: steps(
            'install nginx from the distribution or from nginx.org, whose packages have a unit',
            `dcvops doctor ${name}`,
          ),
        };
      case 'stopped':
      case 'failed':
        return {
          seen: 'nginx runs, but systemd has not started it',
          remedy: steps(asRoot(name, 'nginx', '-s', 'quit'), proxyService('start', name)),
        };
      case undefined:
      case 'runs':
      case 'starting':
      case 'masked':
      case 'loops':
        return undefined;
    }
  },
});
