import { agreedAge, readChain } from '../../certificate-facts.ts';
import { agentCheck } from '../../check.ts';
import { steps } from '../../commands.ts';

/** With verify_agents on, nginx takes the pinned certificate and no other. */
export const pin = agentCheck({
  id: 'agent/pin',
  severity: 'error',
  title: 'The agent’s certificate is not the pinned one, or has expired',
  why: 'With verify_agents on, the gateway refuses the agent: nobody gets to its desktops.',
  remedy: 'dcvops agent pin AGENT --replace\ndcvops deploy',
  symptoms: ['nginx'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent, system, set }) => {
    if (set.inventory.gateway.verifyAgents !== true) return undefined;
    const [served] = readChain(agent.certificate?.chain ?? []);
    if (served === undefined) return undefined;
    const pinned = set.inventory.agents.find((one) => one.name === name)?.pinned;
    if (pinned === undefined) {
      return {
        seen: 'verify_agents is on, and no certificate of this agent is pinned',
        remedy: steps(`dcvops agent pin ${name}`, 'dcvops deploy'),
      };
    }
    if (readChain([pinned])[0]?.fingerprint !== served.fingerprint) {
      return {
        seen: `/etc/dcv/dcv.pem (${served.subject}) is not the certificate that is pinned`,
        remedy: steps(`dcvops agent pin ${name} --replace`, 'dcvops deploy'),
      };
    }
    const age = agreedAge(served, new Date(set.collectedAt), system.clock.offset);
    if (age?.is !== 'expired') return undefined;
    return {
      seen: `/etc/dcv/dcv.pem (${served.subject}), which is pinned, ended on ${age.on}`,
      remedy: renewal(name),
    };
  },
});

/** What replaces a certificate that is pinned. */
export function renewal(agent: string): string {
  return steps(
    `renew /etc/dcv/dcv.pem and its key on ${agent}, then: dcvops agent pin ${agent} --replace`,
    'dcvops deploy',
  );
}
