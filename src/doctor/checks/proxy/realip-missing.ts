import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';

/** The inventory names load balancers, and this nginx can't take a client's address from them. */
export const realipMissing = proxyCheck({
  id: 'proxy/realip-missing',
  severity: 'error',
  title: 'nginx cannot tell who is behind the load balancer',
  why: 'access.real_ip_from needs http_realip_module; without it the deploy is refused. The packages of distributions and of nginx.org have it.',
  remedy:
    'install nginx from the distribution or nginx.org, or take real_ip_from out of the inventory\ndcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing'],
  look: ({ name, proxy, set }) => {
    const { realIpFrom = [] } = set.inventory.gateway;
    if (realIpFrom.length === 0 || proxy.nginx?.modules.realip !== false) return undefined;
    return {
      seen: `nginx ${proxy.nginx.version.join('.')} was built without http_realip_module, and gateway.access.real_ip_from names load balancers`,
      remedy: steps(
        asRoot(name, 'nginx', '-V'),
        `install nginx from the distribution or nginx.org, or take real_ip_from out of ${set.inventory.file}`,
        `dcvops deploy ${name}`,
      ),
    };
  },
});
