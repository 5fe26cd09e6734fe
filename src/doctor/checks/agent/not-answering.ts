import { explainSilence } from '../../../dcv/failures.ts';
import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { agentService } from '../../service/typed.ts';
import { NO_SERVICE } from './causes.ts';

/** dcvserver seems to run, but `dcv` gets no answer from it. */
export const notAnswering = agentCheck({
  id: 'agent/not-answering',
  severity: 'error',
  title: 'DCV does not answer',
  why: 'Sessions can neither be seen nor created. A restart of dcvserver mends it mostly, and ends its sessions.',
  remedy: 'dcvops exec --sudo AGENT -- tail -n 50 /var/log/dcv/server.log\n' + 'dcvops service restart AGENT',
  symptoms: ['service'],
  follows: [...NO_SERVICE, 'host/disk-full', 'host/inodes-full', 'host/memory'],
  look: ({ name, host, agent }) => {
    if (agent.dcv === undefined || agent.sessions !== undefined) return undefined;
    const hung = host.hung.find((command) => command.startsWith('dcv '));
    return {
      seen: hung === undefined ? `dcv says: ${explainSilence(agent.silence)}` : `it hangs: ${hung}`,
      remedy: steps(
        asRoot(name, 'tail', '-n', '50', '/var/log/dcv/server.log'),
        agentService('restart', name),
      ),
    };
  },
});
