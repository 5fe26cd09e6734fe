import { leftoversCheck } from '../../check.ts';
import { isOfBroker } from '../../retire/dcv-conf.ts';

/**
 * dcv.conf still lets a Session Manager Broker decide who may log in. Seen in the field: with it, the WebSocket /auth was
 * answered with 302 and 404; without it, logins worked.
 */
export const tokenVerifier = leftoversCheck({
  id: 'leftovers/token-verifier',
  severity: 'error',
  title: 'DCV asks a broker who may log in',
  why: 'Passwords do not count then, and nobody has a token of that broker: the page loads, and the login fails.',
  remedy: 'dcvops retire broker AGENT --restart',
  symptoms: ['session'],
  look: ({ name, host, leftovers }) => {
    const verifier = host.agent?.conf['security/auth-token-verifier'] ?? '';
    if (!isOfBroker(verifier, leftovers.sessionManagerAgent?.brokerHost)) return undefined;
    return {
      seen: `dcv.conf sets auth-token-verifier="${verifier}"`,
      remedy: `dcvops retire broker ${name} --restart`,
    };
  },
});
