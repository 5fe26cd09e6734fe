import { agreedAge, readChain } from '../../certificate-facts.ts';
import { agentCheck } from '../../check.ts';
import { renewal } from './pin.ts';

const SOON_DAYS = 30;

/** The gateway looks at the date of a pinned certificate, as it does not at that of others. */
export const pinExpires = agentCheck({
  id: 'agent/pin-expires',
  severity: 'warning',
  title: 'The agent’s pinned certificate ends soon',
  why: 'From that day on the gateway refuses the agent: nobody gets to its desktops.',
  remedy:
    'renew /etc/dcv/dcv.pem and its key on AGENT, then: dcvops agent pin AGENT --replace\ndcvops deploy',
  follows: ['agent/pin', 'agent/dcv-missing'],
  look: ({ name, agent, system, set }) => {
    if (set.inventory.gateway.verifyAgents !== true) return undefined;
    const [served] = readChain(agent.certificate?.chain ?? []);
    if (served === undefined) return undefined;
    const age = agreedAge(served, new Date(set.collectedAt), system.clock.offset);
    if (age?.is !== 'valid' || age.days > SOON_DAYS) return undefined;
    return {
      seen: `/etc/dcv/dcv.pem (${served.subject}), which is pinned, ends on ${age.on}`,
      remedy: renewal(name),
    };
  },
});
