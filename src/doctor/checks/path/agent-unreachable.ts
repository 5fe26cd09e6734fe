import { AGENT_PORT } from '../../../gateway/ports.ts';
import { type Sighting, pathCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import type { FactSet } from '../../facts/fleet.ts';
import type { PathFacts } from '../../facts/path.ts';
import { closedByHost } from '../../open-port.ts';
import { isFromDcv, whereBroken } from '../../place.ts';
import { agentService } from '../../service/typed.ts';
import { isNoAnswer } from '../reach/why-not.ts';
import { routeFailure } from './route-failure.ts';

export const agentUnreachable = pathCheck({
  id: 'path/agent-unreachable',
  severity: 'error',
  title: 'The proxy does not reach the agent',
  why: 'The gateway works, but has nobody to pass this desktop’s requests on to.',
  remedy: 'dcvops service status AGENT',
  symptoms: ['service', 'network'],
  follows: [
    'agent/dcv-missing',
    'agent/service-down',
    'agent/service-crash-loops',
    'agent/not-answering',
    'agent/service-starting',
    'agent/port',
    'agent/port-taken',
    'agent/listens-locally',
    'path/gateway-foreign',
  ],
  look(path, set) {
    if (routeFailure(path) !== 'agent-unreachable') return undefined;
    // one that answers nobody is told by reach/no-answer; where only its proxy answers no SSH, this is another matter
    if (set.hosts.some((host) => host.name === path.agent && isNoAnswer(host))) return undefined;
    const cause = causeOf(path, set);
    return {
      seen: `${cause.what}; ${whereBroken(path, set)}`,
      evidence: evidenceOf(path),
      remedy: steps(cause.remedy, 'dcvops check'),
    };
  },
});

interface Cause {
  readonly what: string;
  readonly remedy: Sighting['remedy'];
}

function causeOf(path: PathFacts, { hosts }: FactSet): Cause {
  const { agent, proxy, fromProxy, fromAgent } = path;
  const host = hosts.find(({ name }) => name === agent);
  const closed = closedByHost(host, AGENT_PORT);
  if (closed !== undefined) {
    return {
      what: `the host firewall of ${agent} (${closed.tool}) lets nobody in on TCP ${AGENT_PORT}`,
      remedy: closed.commands,
    };
  }
  const service = agentService('status', agent);
  if (fromAgent !== undefined && !isFromDcv(fromAgent)) {
    return {
      what: `on ${agent} itself dcvserver does not answer on TCP ${AGENT_PORT} either (${fromAgent.detail})`,
      remedy: service,
    };
  }
  const obstacle = fromProxy?.obstacle;
  if (obstacle === 'filtered' || obstacle === 'unreachable') {
    return {
      what:
        fromAgent === undefined
          ? `${agent} does not answer ${proxy} on TCP ${AGENT_PORT}: it is down, or a firewall (security group) drops the packets`
          : `${agent} is fine, but a firewall (security group) does not let ${proxy} through to its TCP ${AGENT_PORT}`,
      remedy: `in the security group of ${agent}: let TCP ${AGENT_PORT} in from ${proxy}`,
    };
  }
  const listeners = asRoot(agent, 'ss', '-ltnp');
  if (obstacle === 'refused') {
    return {
      what: `${agent} refuses ${proxy}’s connections on TCP ${AGENT_PORT}: dcvserver does not run, or listens elsewhere`,
      remedy: steps(listeners, service),
    };
  }
  if (obstacle === 'tls' || obstacle === 'silent') {
    return {
      what: `what listens on TCP ${AGENT_PORT} of ${agent} is not a DCV server, or hangs`,
      remedy: steps(listeners, service),
    };
  }
  return { what: `the gateway gets no answer from ${agent}`, remedy: service };
}

/** The same question from three places. */
function evidenceOf({ proxy, agent, route, fromProxy, fromAgent }: PathFacts): string[] {
  return [
    ...(route === undefined ? [] : [`through the gateway: ${route.detail}`]),
    ...(fromProxy === undefined ? [] : [`from ${proxy} straight to ${agent}: ${fromProxy.detail}`]),
    ...(fromAgent === undefined ? [] : [`on ${agent} itself: ${fromAgent.detail}`]),
  ];
}
