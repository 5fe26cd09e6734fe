import type { Sighting } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import type { HostFacts } from '../../facts/fleet.ts';
import { gatewaysBehindForwardProxy, hostOf } from '../../forward-proxy.ts';
import { closedByHost } from '../../open-port.ts';
import { proxyService } from '../../service/typed.ts';
import { type GatewayView, gatewayCheck, isAnswered } from './gateway-check.ts';

export const gatewayUnreachable = gatewayCheck({
  id: 'path/gateway-unreachable',
  severity: 'error',
  title: 'The gateway does not answer',
  why: 'Nobody who is where this machine is gets to any desktop.',
  remedy: 'dcvops service status PROXY',
  symptoms: ['nginx', 'network'],
  follows: [
    'operator/network',
    'reach/dns',
    'reach/no-answer',
    'proxy/nginx-missing',
    'proxy/nginx-stopped',
    'proxy/not-deployed',
    'proxy/port-taken',
  ],
  look(view) {
    const { direct, tunnel, url } = view.sight;
    if (isAnswered(direct)) return undefined;
    const cause = tunnel !== undefined && isAnswered(tunnel) ? onTheWay(view) : onTheHost(view);
    return {
      seen: `${url} from here: ${direct.detail}; ${cause.what}`,
      remedy: steps(cause.remedy, 'dcvops check'),
    };
  },
});

interface Cause {
  readonly what: string;
  readonly remedy: Sighting['remedy'];
}

/** On its own host the gateway answers: what is in between is asked for, nearest to the gateway first. */
function onTheWay({ sight, host, set }: GatewayView): Cause {
  const { direct, url } = sight;
  const port = portOf(url);
  const isFine = `on ${host.name} itself it answers`;
  const closed = closedByHost(host, port);
  if (closed !== undefined) {
    return {
      what: `${isFine}, and the host firewall (${closed.tool}) lets nobody in on TCP ${port}`,
      remedy: closed.commands,
    };
  }
  if (direct.obstacle === 'dns') {
    return {
      what: `${isFine}: the name in gateway.url is unknown here`,
      remedy: `getent hosts ${hostOf(url)}`,
    };
  }
  const forwarded = gatewaysBehindForwardProxy(set).find((one) => one.host === hostOf(url));
  if (direct.obstacle === 'forward-proxy' || forwarded !== undefined) {
    return {
      what: `${isFine}: a forward proxy${forwarded === undefined ? '' : ` (${forwarded.proxy})`} is in between, and direct connections do not get out`,
      remedy: `have ${hostOf(url)} let through there, or opened for direct connections`,
    };
  }
  if (listensLocally(host, set.inventory.gateway.port)) {
    return {
      what: `${isFine}, where nginx listens for that host only`,
      remedy: steps(
        asRoot(host.name, 'ss', '-ltnp'),
        `set gateway.listen in ${set.inventory.file}, then: dcvops deploy ${host.name}`,
      ),
    };
  }
  const wall = host.system?.ec2 === true ? 'its security group' : 'a firewall on the way (security group)';
  return {
    what: `${isFine}: ${wall} does not let this machine in`,
    remedy: `open TCP ${port} of ${host.name} for your network`,
  };
}

/** It does not answer on its own host either, or nobody could ask there. */
function onTheHost({ sight, host, set }: GatewayView): Cause {
  const remedy = proxyService('status', host.name);
  if (sight.tunnel === undefined) return { what: `on ${host.name} itself nobody could ask`, remedy };
  const { port } = set.inventory.gateway;
  const listeners = host.system?.listeners;
  const isListening = listeners?.some((one) => one.protocol === 'tcp' && one.port === port) ?? true;
  if (!isListening) {
    return {
      what: `on ${host.name} itself nothing listens on TCP ${port}`,
      remedy: steps(remedy, `dcvops deploy ${host.name}`),
    };
  }
  return { what: `on ${host.name} itself: ${sight.tunnel.detail}`, remedy };
}

function listensLocally({ system }: HostFacts, port: number): boolean {
  const listeners = system?.listeners?.filter((one) => one.protocol === 'tcp' && one.port === port) ?? [];
  return listeners.length > 0 && listeners.every(({ address }) => /^127\.|^::1$/.test(address));
}

function portOf(url: string): number {
  const { port } = new URL(url);
  return port === '' ? 443 : Number(port);
}
