import { proxyCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { MAY_NOT_CONNECT, errorsSinceLoad } from './error-lines.ts';
import { letConnect } from './fixes.ts';

/** SELinux keeps nginx from connecting to agents. Where a way to an agent is open all the same, another rule lets it. */
export const selinux = proxyCheck({
  id: 'proxy/selinux',
  severity: 'error',
  title: 'SELinux keeps nginx from the agents',
  why: 'Every request for a desktop ends with 502, though the host itself reaches the agents.',
  remedy: 'dcvops exec --sudo PROXY -- setsebool -P httpd_can_network_connect on',
  fix: 'sets the boolean for good; undone with setsebool -P httpd_can_network_connect off',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing'],
  look: (view) => {
    const { name, proxy, system, set } = view;
    if (system.selinux?.mode !== 'enforcing' || proxy.mayConnect !== false) return undefined;
    if (set.paths.some((path) => path.proxy === name && path.route?.ok === true)) return undefined;
    return {
      seen: 'SELinux is enforcing, and httpd_can_network_connect is off',
      evidence: errorsSinceLoad(view)
        .map(({ line }) => line)
        .filter((line) => MAY_NOT_CONNECT.test(line))
        .slice(-3),
      remedy: asRoot(name, 'setsebool', '-P', 'httpd_can_network_connect', 'on'),
      fix: letConnect(name),
    };
  },
});
