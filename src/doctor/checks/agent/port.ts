import { AGENT_PORT } from '../../../gateway/ports.ts';
import { agentCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import { webEndpoints } from '../../conf.ts';
import { unsetAndRestart } from '../../dcv-settings.ts';
import type { AgentFacts } from '../../facts/agent.ts';
import type { FactSet } from '../../facts/fleet.ts';
import type { SystemFacts } from '../../facts/system.ts';
import { agentService } from '../../service/typed.ts';
import { createAgain } from '../../sessions.ts';
import { NO_ANSWER } from './causes.ts';

/** dcvserver listens on another port than the one that the gateway dials. */
export const port = agentCheck({
  id: 'agent/port',
  severity: 'error',
  title: `DCV does not listen on TCP ${AGENT_PORT}`,
  why: `The gateway passes requests to port ${AGENT_PORT} of an agent. The change needs a restart of dcvserver, which ends its sessions.`,
  remedy: 'dcvops dcv config unset AGENT connectivity/web-port --restart\ndcvops session create AGENT',
  symptoms: ['service', 'network'],
  follows: NO_ANSWER,
  look: ({ name, system, agent, set }) => {
    const wanted = [...new Set(webEndpoints(agent.conf).map((endpoint) => endpoint.port))];
    const now = listening(system, agent);
    const isSet = !wanted.includes(AGENT_PORT);
    if (now === undefined || now.includes(AGENT_PORT)) {
      if (!isSet) return undefined;
      return {
        severity: now === undefined ? 'error' : 'warning',
        seen:
          now === undefined
            ? `dcv.conf has dcvserver listen on port ${wanted.join(', ')}`
            : `dcv.conf has dcvserver listen on port ${wanted.join(', ')} from its next start on`,
        remedy: unset(name, agent, set),
      };
    }
    return {
      seen:
        now.length === 0 ? 'dcvserver listens on no TCP port' : `dcvserver listens on port ${now.join(', ')}`,
      remedy: isSet ? unset(name, agent, set) : steps(agentService('restart', name), createAgain(name, set)),
    };
  },
});

/** The TCP ports of dcvserver; undefined where ss is missing or could not tell whose they are. */
function listening({ listeners, units }: SystemFacts, { processes }: AgentFacts): number[] | undefined {
  if (listeners === undefined) return undefined;
  const tcp = listeners.filter(({ protocol }) => protocol === 'tcp');
  const pids = new Set([
    units?.['dcvserver.service']?.mainPid,
    ...processes.filter(({ command }) => /\bdcvserver\b/.test(command)).map(({ pid }) => pid),
  ]);
  const own = tcp.filter(
    ({ program, pid }) => program === 'dcvserver' || (pid !== undefined && pids.has(pid)),
  );
  if (own.length === 0 && tcp.some(({ program }) => program === undefined)) return undefined;
  return [...new Set(own.map((listener) => listener.port))];
}

/** An endpoint with a port of its own counts for more than `web-port`. */
function unset(name: string, { conf }: AgentFacts, set: FactSet): string {
  const endpoints = conf['connectivity/web-listen-endpoints'] ?? '';
  const key = /:\d+['"]/.test(endpoints) ? 'web-listen-endpoints' : 'web-port';
  return unsetAndRestart(name, `connectivity/${key}`, set);
}
