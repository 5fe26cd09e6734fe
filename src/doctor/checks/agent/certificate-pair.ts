import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';

/** Key and certificate do not belong together. */
export const certificatePair = agentCheck({
  id: 'agent/certificate-pair',
  severity: 'error',
  title: 'The agent’s key does not belong to its certificate',
  why: 'dcvserver has no TLS with these files: at the latest after its next start nobody can connect.',
  remedy:
    'dcvops exec --sudo AGENT -- openssl x509 -in /etc/dcv/dcv.pem -noout -subject -dates\n' +
    'put the key that belongs to it into /etc/dcv/dcv.key',
  symptoms: ['service'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent }) =>
    agent.certificate?.pair === false
      ? {
          seen: '/etc/dcv/dcv.key is not the key of /etc/dcv/dcv.pem',
          remedy: steps(
            asRoot(name, 'openssl', 'x509', '-in', '/etc/dcv/dcv.pem', '-noout', '-subject', '-dates'),
            'put the key that belongs to it into /etc/dcv/dcv.key',
          ),
        }
      : undefined,
});
