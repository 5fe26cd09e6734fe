import { POOL_FILE } from '../../../gateway/config/default-agents.ts';
import { proxyCheck } from '../../check.ts';

/** The servers of the default pool lie beside the gateway's file, and are not what was deployed. */
export const poolFile = proxyCheck({
  id: 'proxy/pool-file',
  severity: 'error',
  title: 'The servers of the pool are missing or were changed',
  why: 'Without them nginx does not start; others lead people to agents that the inventory has not chosen.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/pending', 'proxy/not-deployed'],
  look: ({ name, proxy: { pool } }) => {
    if (pool === undefined || pool.asReleased) return undefined;
    return {
      severity: pool.isThere ? 'warning' : 'error',
      seen: `${POOL_FILE} ${pool.isThere ? 'has other servers than were deployed' : 'is missing'}`,
      remedy: `dcvops deploy ${name}`,
    };
  },
});
