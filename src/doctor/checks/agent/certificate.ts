import { agentCheck } from '../../check.ts';
import { agreedAge, firstToEnd, readChain } from '../../certificate-facts.ts';
import { asRoot } from '../../commands.ts';

const SOON_DAYS = 30;

/**
 * The dates of the agent's own certificate. The gateway looks at those of pinned ones only; native clients inside the
 * network do.
 */
export const certificate = agentCheck({
  id: 'agent/certificate',
  severity: 'warning',
  title: 'The agent’s certificate is out of date',
  why: 'Who connects to the agent past the gateway is warned or refused; the gateway itself does not mind.',
  remedy: 'dcvops exec --sudo AGENT -- openssl x509 -in /etc/dcv/dcv.pem -noout -subject -dates',
  follows: ['agent/dcv-missing', 'agent/pin', 'agent/pin-expires'],
  look: ({ name, agent, system, set }) => {
    const first = firstToEnd(readChain(agent.certificate?.chain ?? []));
    if (first === undefined) return undefined;
    const age = agreedAge(first, new Date(set.collectedAt), system.clock.offset);
    if (age === undefined || (age.is === 'valid' && age.days > SOON_DAYS)) return undefined;
    return {
      severity: age.is === 'valid' ? 'note' : 'warning',
      seen: `/etc/dcv/dcv.pem (${first.subject}) ${TEXT[age.is]} ${age.on}`,
      remedy: asRoot(name, 'openssl', 'x509', '-in', '/etc/dcv/dcv.pem', '-noout', '-subject', '-dates'),
    };
  },
});

const TEXT = { early: 'is not valid before', valid: 'ends on', expired: 'ended on' } as const;
