import { AGENT_PORT } from '../../../gateway/ports.ts';
import { agentCheck } from '../../check.ts';
import { webEndpoints } from '../../conf.ts';
import { unsetAndRestart } from '../../dcv-settings.ts';
import { NO_ANSWER } from './causes.ts';

/** dcvserver takes connections of its own host only. */
export const listensLocally = agentCheck({
  id: 'agent/listens-locally',
  severity: 'error',
  title: 'DCV listens on loopback only',
  why: 'The gateway cannot reach it. The change needs a restart of dcvserver, which ends its sessions.',
  remedy:
    'dcvops dcv config unset AGENT connectivity/web-listen-endpoints --restart\ndcvops session create AGENT',
  symptoms: ['service', 'network'],
  follows: [...NO_ANSWER, 'agent/port'],
  look: ({ name, system, agent, set }) => {
    const heard = (system.listeners ?? []).filter(
      ({ protocol, port }) => protocol === 'tcp' && port === AGENT_PORT,
    );
    const endpoints = heard.length > 0 ? heard : webEndpoints(agent.conf);
    if (endpoints.length === 0 || !endpoints.every(({ address }) => isLoopback(address))) return undefined;
    return {
      seen: `dcvserver listens on ${endpoints.map(({ address }) => address).join(' and ')} only`,
      remedy: unsetAndRestart(name, 'connectivity/web-listen-endpoints', set),
    };
  },
});

function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || address.startsWith('127.');
}
