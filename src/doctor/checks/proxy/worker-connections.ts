import { proxyCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import { FEW_CONNECTIONS, errorsSinceLoad } from './error-lines.ts';

/** What nginx takes when nginx.conf sets nothing. */
const DEFAULT = 512;
const NEARLY_FULL = 0.8;

/** nginx's workers may hold fewer connections than the inventory wants, or have hardly any left. */
export const workerConnections = proxyCheck({
  id: 'proxy/worker-connections',
  severity: 'warning',
  title: 'nginx may hold too few connections',
  why: 'An open desktop takes about twenty. When they run out, new desktops do not open and nginx does not say why.',
  remedy: 'dcvops deploy --prepare-host PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/not-deployed'],
  look: (view) => {
    const { name, proxy, set } = view;
    const limit = proxy.workerConnections ?? DEFAULT;
    const wanted = set.inventory.gateway.workerConnections;
    const busiest = Math.max(0, ...proxy.workers.map(({ connections = 0 }) => connections));
    const refused = errorsSinceLoad(view).filter(({ line }) => FEW_CONNECTIONS.test(line));
    const isFull = refused.length > 0 || busiest >= limit * NEARLY_FULL;
    if (limit >= wanted && !isFull) return undefined;
    return {
      severity: isFull ? 'error' : 'warning',
      seen: `worker_connections is ${limit}${limit < wanted ? `, and the inventory wants ${wanted}` : ''}; the busiest worker has ${busiest}`,
      evidence: refused.map(({ line }) => line).slice(-2),
      remedy: steps(
        limit >= wanted
          ? `raise gateway.worker_connections in ${set.inventory.file} (now ${wanted}), then:`
          : undefined,
        `dcvops deploy --prepare-host ${name}`,
      ),
    };
  },
});
