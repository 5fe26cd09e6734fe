import { proxyCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';
import { nameOfKey, statedAgents, strangersOf } from './marks.ts';

/** Marks outlive the agents that they were about. */
export const marksLeft = proxyCheck({
  id: 'proxy/marks-left',
  severity: 'note',
  title: 'The gateway has marks of agents that the inventory does not name',
  why: 'Whoever gets such an address next is in maintenance or passed by from the first day, and nobody knows why.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/not-deployed', 'proxy/pending'],
  look: ({ name, proxy, set }) => {
    const left = strangersOf(statedAgents(set), proxy.state ?? []);
    if (left.length === 0 || proxy.live === undefined) return undefined;
    return {
      seen: `marked, and not in the inventory: ${someOf(left.map((key) => nameOfKey(set, key)))}`,
      remedy: `dcvops deploy ${name}`,
    };
  },
});
