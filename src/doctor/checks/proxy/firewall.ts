import { proxyCheck } from '../../check.ts';
import { closedByHost } from '../../open-port.ts';
import { sightOf } from './view.ts';

/**
 * The host's own firewall lets nobody in on the gateway's port. Where the gateway was tried from here and did not answer,
 * `path/gateway-unreachable` says so; this is for gateways that nobody tried.
 */
export const firewall = proxyCheck({
  id: 'proxy/firewall',
  severity: 'error',
  title: 'The proxy’s firewall closes the gateway’s port',
  why: 'Only the host itself reaches the gateway.',
  remedy: 'dcvops exec --sudo PROXY -- ufw allow 8443/tcp',
  symptoms: ['nginx', 'network'],
  follows: ['path/gateway-unreachable'],
  look: (view) => {
    const { name, host, set } = view;
    const sight = sightOf(view);
    // who gets an answer was let in
    if (sight?.direct.status !== undefined) return undefined;
    const { port } = set.inventory.gateway;
    const closed = closedByHost(host, port);
    if (closed === undefined) return undefined;
    return {
      seen: `the host firewall (${closed.tool}) lets nobody in on TCP ${port}`,
      remedy: `${closed.commands}\ndcvops doctor ${name}`,
    };
  },
});
