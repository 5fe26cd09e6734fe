import { AGENT_PORT } from '../gateway/ports.ts';
import type { FactSet } from './facts/fleet.ts';
import type { PathFacts, StepFacts } from './facts/path.ts';
import { closedByHost } from './open-port.ts';

/** On whose side a fault is. `path`: between the proxy and the agent, where firewalls and routes are. */
export type Place = 'operator network' | 'proxy' | 'path' | 'agent';

/** The first step of a way that failed. */
export interface BrokenStep {
  readonly name: 'gateway' | 'route' | 'page' | 'WebSocket';
  readonly place: Place;
}

/** Where a way is broken first, and on whose side; undefined: nowhere. Pure. */
export function brokenStep(path: PathFacts, set: FactSet): BrokenStep | undefined {
  const { route, page, webSocket } = path;
  if (path.way === 'none') return { name: 'gateway', place: placeOfGateway(path, set) };
  if (route?.ok === false) return { name: 'route', place: placeOfRoute(path, route, set) };
  if (page?.ok === false) return { name: 'page', place: placeOfAnswer(page) };
  if (webSocket?.ok === false) return { name: 'WebSocket', place: placeOfAnswer(webSocket) };
  return undefined;
}

/** On whose side the first broken step of a way is; undefined: none is broken. Pure. */
export function placeOf(path: PathFacts, set: FactSet): Place | undefined {
  return brokenStep(path, set)?.place;
}

/** "broken at: WebSocket, fault: agent"; empty for a way that is whole. Pure. */
export function whereBroken(path: PathFacts, set: FactSet): string {
  const broken = brokenStep(path, set);
  return broken === undefined ? '' : `broken at: ${broken.name}, fault: ${broken.place}`;
}

/** A gateway that answers on its own host is fine; one that nobody could ask there may be. */
function placeOfGateway({ proxy }: PathFacts, { gateways, hosts }: FactSet): Place {
  const tunnel = gateways.find((sight) => sight.proxy === proxy)?.tunnel;
  if (tunnel?.status !== undefined) return 'operator network';
  if (tunnel !== undefined) return 'proxy';
  return hosts.find(({ name }) => name === proxy)?.reach.ok === true ? 'proxy' : 'operator network';
}

function placeOfRoute(path: PathFacts, route: StepFacts, set: FactSet): Place {
  const isWaiting = route.obstacle === 'silent' && path.fromProxy !== undefined;
  if (isAgentUnreached(route) || isWaiting) return placeOfAgent(path, set);
  return placeOfAnswer(route);
}

/** Did the gateway try the agent, and get nothing of use? Its words are `gateway/config/actions.ts`. */
export function isAgentUnreached({ status, server, refusal }: StepFacts): boolean {
  const isBadGateway = status === 502 || status === 503 || status === 504;
  return server !== 'dcv' && isBadGateway && (refusal === undefined || refusal === 'agent');
}

/** The same was asked without nginx, and on the agent itself: what differs is to blame. */
function placeOfAgent({ agent, fromProxy, fromAgent }: PathFacts, { hosts }: FactSet): Place {
  if (fromProxy !== undefined && isFromDcv(fromProxy)) return 'proxy';
  const host = hosts.find(({ name }) => name === agent);
  if (closedByHost(host, AGENT_PORT) !== undefined) return 'agent';
  if (fromAgent !== undefined && !isFromDcv(fromAgent)) return 'agent';
  const isLost = fromProxy?.obstacle === 'filtered' || fromProxy?.obstacle === 'unreachable';
  // a machine that refuses or breaks off has been reached
  return isLost ? 'path' : 'agent';
}

/** Did dcvserver answer, whatever it said? */
export function isFromDcv({ status, server }: StepFacts): boolean {
  return status !== undefined && server === 'dcv';
}

/** Who answers is to blame for the answer. Where none came, it was lost on the way. */
function placeOfAnswer(step: StepFacts): Place {
  if (step.refusal === 'access' || step.obstacle === 'forward-proxy') return 'operator network';
  if (isFromDcv(step)) return 'agent';
  return step.status === undefined ? 'path' : 'proxy';
}
