import { agentCheck } from '../../check.ts';
import { showSettings } from '../../dcv-settings.ts';

/** The program that knows which tokens are good cannot be reached from the agent. */
export const tokenVerifier = agentCheck({
  id: 'agent/token-verifier',
  severity: 'error',
  title: 'DCV’s token verifier cannot be reached',
  why: 'DCV asks it about every login: nobody gets in while it does not answer.',
  remedy: 'dcvops dcv config get AGENT security/auth-token-verifier security/no-tls-strict',
  symptoms: ['session'],
  follows: ['agent/dcv-missing', 'leftovers/token-verifier'],
  look: ({ name, agent }) => {
    const { verifier } = agent;
    if (verifier === undefined || verifier.reachable) return undefined;
    return {
      seen: `no connection to ${verifier.url}${verifier.reason === undefined ? '' : `: ${verifier.reason}`}`,
      remedy: showSettings(name, 'security/auth-token-verifier', 'security/no-tls-strict'),
    };
  },
});
