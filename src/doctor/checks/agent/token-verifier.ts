import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';

/** The program that knows which tokens are good cannot be reached from the agent. */
export const tokenVerifier = agentCheck({
  id: 'agent/token-verifier',
  severity: 'error',
  title: 'DCV’s token verifier cannot be reached',
  why: 'DCV asks it about every login: nobody gets in while it does not answer.',
  remedy: 'dcvops exec --sudo AGENT -- grep -n -e auth-token-verifier -e no-tls-strict /etc/dcv/dcv.conf',
  symptoms: ['session'],
  follows: ['agent/dcv-missing', 'leftovers/token-verifier'],
  look: ({ name, agent }) => {
    const { verifier } = agent;
    if (verifier === undefined || verifier.reachable) return undefined;
    return {
      seen: `no connection to ${verifier.url}${verifier.reason === undefined ? '' : `: ${verifier.reason}`}`,
      remedy: asRoot(
        name,
        'grep',
        '-n',
        '-e',
        'auth-token-verifier',
        '-e',
        'no-tls-strict',
        '/etc/dcv/dcv.conf',
      ),
    };
  },
});
