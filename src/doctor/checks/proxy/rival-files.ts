import { NGINX_CONF } from '../../../gateway/nginx-conf.ts';
import { proxyCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import { sightOf } from './view.ts';

/** Other files that nginx reads answer the gateway's port. Those that are in nobody's way are `leftovers/older-nginx-files`. */
export const rivalFiles = proxyCheck({
  id: 'proxy/rival-files',
  severity: 'warning',
  title: 'Another file of nginx answers the gateway’s port',
  why: 'Which of the two answers depends on their names and on the name that people open.',
  remedy: 'dcvops deploy --take-over PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/not-deployed'],
  look: (view) => {
    const { name, proxy, set } = view;
    const rivals = proxy.rivals.filter(({ active, why }) => active && why === 'port').map(({ path }) => path);
    if (rivals.length === 0) return undefined;
    const { port } = set.inventory.gateway;
    const sight = sightOf(view);
    const isAhead = sight?.direct.status !== undefined && sight.release === undefined;
    return {
      severity: isAhead ? 'error' : 'warning',
      seen: `${rivals.join(', ')} ${rivals.length === 1 ? 'listens' : 'listen'} on ${port}, too${isAhead ? ', and answers instead of the gateway' : ''}`,
      remedy: steps(
        rivals.includes(NGINX_CONF)
          ? `move the server block with ${port} from ${NGINX_CONF} to a file in /etc/nginx/conf.d`
          : undefined,
        `dcvops deploy --take-over ${name}`,
      ),
    };
  },
});
