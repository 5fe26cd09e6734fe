import { contains } from '../../../inventory/addresses.ts';
import { pathCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import type { FactSet } from '../../facts/fleet.ts';
import type { PathFacts, StepFacts } from '../../facts/path.ts';
import { isAgentUnreached, whereBroken } from '../../place.ts';
import { routeFailure } from './route-failure.ts';

export const route = pathCheck({
  id: 'path/route',
  severity: 'error',
  title: 'The gateway does not pass requests on to the agent',
  why: 'The agent may be fine: its requests end at the gateway.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: [
    'path/gateway-foreign',
    'proxy/config-invalid',
    'proxy/not-deployed',
    'proxy/port-taken',
    'proxy/rival-files',
    'proxy/not-live',
    'proxy/selinux',
    'agent/port',
    'agent/pin',
  ],
  look(path, set) {
    if (routeFailure(path) !== 'route' || path.route === undefined) return undefined;
    const { what, remedy } = causeOf(path, path.route, set);
    return { seen: `${what}; ${whereBroken(path, set)}`, evidence: [path.route.detail], remedy };
  },
});

interface Cause {
  readonly what: string;
  readonly remedy: string;
}

/** By the gateway's own words (`gateway/config/actions.ts`), else by the status. */
function causeOf(path: PathFacts, asked: StepFacts, set: FactSet): Cause {
  const { agent, proxy } = path;
  const deploy = `dcvops deploy ${proxy}`;
  const logs = `dcvops logs ${proxy} --since 10m`;
  if (asked.status === 508) {
    return {
      what: `the address of ${agent} leads back to a gateway`,
      remedy: `name the address of ${agent} itself in ${set.inventory.file}: host: …\n${deploy}`,
    };
  }
  if (asked.status === 429)
    return { what: 'the gateway says that there are too many requests', remedy: logs };
  if (asked.refusal === 'access') {
    return {
      what: 'the gateway does not take requests from where they were asked (gateway.access.allow)',
      remedy: `add the network to gateway.access.allow in ${set.inventory.file}, then: ${deploy}`,
    };
  }
  if (asked.refusal === 'deny') return denied(path, set, deploy);
  if (asked.refusal === 'noaddr' || asked.refusal === 'nodefault') {
    return { what: `the live release does not take the address of ${agent} for an agent’s`, remedy: deploy };
  }
  if (isAgentUnreached(asked)) {
    return {
      what: `nginx does not get through to ${agent}, though its host does (SELinux, or a limit of nginx)`,
      remedy: steps(logs, asRoot(proxy, 'getsebool', 'httpd_can_network_connect')),
    };
  }
  if (asked.status === undefined) return { what: `the gateway does not answer for ${agent}`, remedy: logs };
  return { what: `something else than the route to ${agent} answers`, remedy: steps(deploy, logs) };
}

function denied({ agent }: PathFacts, { inventory }: FactSet, deploy: string): Cause {
  const address = inventory.agents.find(({ name }) => name === agent)?.address;
  const isServed =
    address !== undefined && inventory.gateway.agentNetworks.some((network) => contains(network, address));
  const what = `the live release does not serve ${address ?? agent}`;
  if (isServed) return { what: `${what}, though gateway.agent_networks holds it`, remedy: deploy };
  return {
    what: `${what}, which is outside of gateway.agent_networks`,
    remedy: `add ${address ?? agent} to gateway.agent_networks in ${inventory.file}, then: ${deploy}`,
  };
}
