import type { PathFacts } from '../../facts/path.ts';
import { isAgentUnreached, isFromDcv } from '../../place.ts';

/** What a route that failed means; each is a check of this family. */
export type RouteFailure = 'agent-unreachable' | 'host-refused' | 'page' | 'route';

/** Tells failures of the route apart by who answered what; undefined: it did not fail, or was not asked. Pure. */
export function routeFailure({ route, fromProxy }: PathFacts): RouteFailure | undefined {
  if (route === undefined || route.ok) return undefined;
  // as it should be, or else a finding about the mark
  if (route.refusal === 'maintenance') return undefined;
  if (isFromDcv(route)) return route.status === 403 ? 'host-refused' : 'page';
  // the proxy's host reaches what its nginx does not
  if (fromProxy !== undefined && isFromDcv(fromProxy)) return 'route';
  // nginx may still be waiting for an agent that the proxy does not reach
  const isWaiting = route.obstacle === 'silent' && fromProxy !== undefined;
  return isAgentUnreached(route) || isWaiting ? 'agent-unreachable' : 'route';
}
