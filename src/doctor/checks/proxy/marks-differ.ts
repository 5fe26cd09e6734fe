import { markOf, marksDiffer as areDifferent } from '../../../gateway/agent-marks.ts';
import { agentKey } from '../../../gateway/state.ts';
import { proxyCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';
import { filesAbout, statedAgents } from './marks.ts';

const WORDS = { maintenance: 'in maintenance', draining: 'draining', 'in-service': 'in service' } as const;

/** An agent's state in the inventory has not reached the proxy, or was changed there by hand. */
export const marksDiffer = proxyCheck({
  id: 'proxy/marks-differ',
  severity: 'warning',
  title: 'The gateway has other states of agents than the inventory',
  why: 'People are led to an agent that somebody works on, or kept from one that could serve them.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/nginx-missing', 'proxy/not-deployed', 'proxy/pending'],
  look: ({ name, proxy, set }) => {
    const agents = statedAgents(set);
    const state = filesAbout(agents, proxy.state ?? []);
    // facts of before it was told have none
    if (proxy.state === undefined || proxy.live === undefined || !areDifferent(agents, state))
      return undefined;
    const others = agents.flatMap((agent) => {
      const mark = markOf(state, agentKey(agent));
      const there = mark === undefined || mark === 'down' ? 'in-service' : mark;
      return there === agent.state
        ? []
        : [`${agent.name} is ${WORDS[agent.state]} in the inventory, and ${WORDS[there]} here`];
    });
    return {
      seen: others.length === 0 ? 'what is made of the agents’ marks is not complete' : someOf(others),
      remedy: `dcvops deploy ${name}`,
    };
  },
});
