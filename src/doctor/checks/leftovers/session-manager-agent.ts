import { leftoversCheck } from '../../check.ts';
import { listsAgent } from '../../retire/dcv-conf.ts';
import { stillRuns } from './still-runs.ts';

/** The Session Manager agent runs, or DCV still counts its account among its administrators. */
export const sessionManagerAgent = leftoversCheck({
  id: 'leftovers/session-manager-agent',
  severity: 'warning',
  title: 'The Session Manager agent is still there',
  why: 'It lets a broker create and close sessions of this host, and DCV counts its account among the administrators.',
  remedy: 'dcvops retire broker AGENT',
  symptoms: ['session'],
  // the same command takes both away
  follows: ['leftovers/token-verifier'],
  look: ({ name, host, system, leftovers }) => {
    const running = stillRuns(system, 'dcv-session-manager-agent.service');
    const administrators = host.agent?.conf['security/administrators'] ?? '';
    const seen = [
      ...(running === undefined ? [] : [running]),
      ...(listsAgent(administrators) ? [`dcv.conf sets administrators=${administrators}`] : []),
    ];
    if (seen.length === 0) return undefined;
    const { brokerHost, brokerPort } = leftovers.sessionManagerAgent ?? {};
    return {
      seen: seen.join('; '),
      evidence:
        brokerHost === undefined
          ? []
          : [`broker_host: ${brokerHost}${brokerPort === undefined ? '' : `, broker_port: ${brokerPort}`}`],
      remedy: `dcvops retire broker ${name}`,
    };
  },
});
