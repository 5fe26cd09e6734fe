import { patternMatches } from '../../../dcv/conf/patterns.ts';
import { agentCheck } from '../../check.ts';
import { originPattern } from '../../conf.ts';
import { hardenAndRestart } from '../../dcv-settings.ts';
import { gatewayNames } from '../../gateway-names.ts';

/** DCV does not take WebSockets of the gateway's pages. */
export const originPatternRefuses = agentCheck({
  id: 'agent/origin-pattern',
  severity: 'error',
  title: 'DCV refuses the gateway’s pages',
  why: 'The page loads, but its WebSockets are answered with 403: allowed-ws-origin-regex does not match the gateway’s address. The change needs a restart of dcvserver, which ends its sessions.',
  remedy: 'dcvops dcv harden AGENT --restart\ndcvops session create AGENT',
  symptoms: ['service', 'network'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent, set }) => {
    const pattern = originPattern(agent.conf);
    const origins = gatewayNames(set.inventory).map(({ origin }) => origin);
    const refused = origins.filter((origin) => patternMatches(pattern, origin) === false);
    if (refused.length === 0) return undefined;
    return {
      seen: `allowed-ws-origin-regex="${pattern}" does not match ${refused.join(', ')}`,
      remedy: hardenAndRestart(name, set),
    };
  },
});
