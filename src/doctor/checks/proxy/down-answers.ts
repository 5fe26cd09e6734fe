import { markOf } from '../../../gateway/agent-marks.ts';
import { agentKey } from '../../../gateway/state.ts';
import { proxyCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';
import { statedAgents } from './marks.ts';

/** Nobody puts an agent back that is well again: the watch over the agents has ended. */
export const downAnswers = proxyCheck({
  id: 'proxy/down-answers',
  severity: 'warning',
  title: 'An agent is marked down, and answers',
  why: 'The default route passes it by, and the portal calls it dead. A mark is taken away by dcvops only, not by nginx.',
  remedy: 'dcvops health apply PROXY',
  symptoms: ['nginx'],
  follows: ['proxy/not-deployed', 'proxy/pending'],
  look: ({ name, proxy, set }) => {
    const answering = statedAgents(set)
      .filter((agent) => markOf(proxy.state ?? [], agentKey(agent)) === 'down')
      .filter((agent) => {
        const path = set.paths.find((one) => one.proxy === name && one.agent === agent.name);
        // an agent without a session may have been marked for that
        const facts = set.hosts.find((host) => host.name === agent.name)?.agent;
        return path?.route?.ok === true && facts?.sessions?.length !== 0;
      });
    if (answering.length === 0) return undefined;
    return {
      seen: `${someOf(answering.map((agent) => agent.name))}: marked down here, and reached through this gateway`,
      remedy: `dcvops health apply ${name}`,
    };
  },
});
