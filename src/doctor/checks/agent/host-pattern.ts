import { patternMatches } from '../../../dcv/conf/patterns.ts';
import { agentCheck } from '../../check.ts';
import { hostPattern } from '../../conf.ts';
import { hardenAndRestart } from '../../dcv-settings.ts';
import { gatewayNames } from '../../gateway-names.ts';

/** DCV does not take requests for the gateway's name. With or without the port: which of them DCV looks at is not known. */
export const hostPatternRefuses = agentCheck({
  id: 'agent/host-pattern',
  severity: 'error',
  title: 'DCV refuses the gateway’s host name',
  why: 'Browsers ask for the gateway’s name, and DCV answers 403 to what allowed-http-host-regex does not match. The change needs a restart of dcvserver, which ends its sessions.',
  remedy: 'dcvops dcv harden AGENT --restart\ndcvops session create AGENT',
  symptoms: ['service', 'network'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent, set }) => {
    const pattern = hostPattern(agent.conf);
    const names = gatewayNames(set.inventory);
    const refused = names.filter(({ host, hostname, port }) =>
      [host, hostname, `${hostname}:${port}`].every((text) => patternMatches(pattern, text) === false),
    );
    if (refused.length === 0) return undefined;
    return {
      seen: `allowed-http-host-regex="${pattern}" does not match ${refused.map(({ host }) => host).join(', ')}`,
      remedy: hardenAndRestart(name, set),
    };
  },
});
