import type { GatewayTarget } from '../../gateway/probe-connection.ts';
import { probeAgent } from '../../gateway/probe.ts';
import type { AgentHost, ProxyHost } from '../../inventory/types.ts';
import type { GatewaySight, PathStatus } from '../../status/types.ts';
import { agentRow } from '../check-rows.ts';
import {
  type Obstacle,
  type Way,
  type WayContext,
  knock,
  lookFromHere,
  lookThroughSsh,
  urlOfGateway,
} from '../gateway/way.ts';

/** What a look at a gateway gave. */
export interface Look {
  readonly sight: GatewaySight;
  /** By which its agents can be asked; undefined: by none. */
  readonly entrance: { readonly way: Way['kind']; readonly target: GatewayTarget } | undefined;
}

/**
 * Looks at a gateway as a browser on this machine would; where it does not answer, or is not open to this machine, from its
 * own host through SSH.
 * @param hasSsh whether that host is logged in to; nobody waits for one that is not
 * @param before what the last look gave: the way that led somewhere is gone first
 * @throws DcvopsError `interrupted`; every other failure is a sight
 */
export async function lookAtGateway(
  context: WayContext,
  proxy: ProxyHost,
  hasSsh: boolean,
  before: Look | undefined,
): Promise<Look> {
  const url = urlOfGateway(context.inventory, proxy);
  const known = before?.entrance?.way;
  if (known === 'tunnel' && hasSsh) {
    const again = await lookThroughSsh(context, proxy, url);
    if (again.kind === 'tunnel') return enter(again);
  }
  const fromHere = await lookFromHere(context, url);
  if (fromHere.kind === 'direct' && (known === 'direct' || (await knock(fromHere.target)) === 'open')) {
    return enter(fromHere);
  }
  const onHost = hasSsh && known !== 'tunnel' ? await lookThroughSsh(context, proxy, url) : undefined;
  if (onHost?.kind === 'tunnel') return enter(onHost);
  return { sight: seen(fromHere), entrance: undefined };
}

function enter(way: Way): Look {
  return { sight: seen(way), entrance: { way: way.kind, target: way.target } };
}

function seen(look: Way | Obstacle): GatewaySight {
  if (look.kind === 'obstacle') return { way: 'none', reason: look.message };
  const { elapsedMs, release, certificate } = look.health;
  return { way: look.kind, elapsedMs, releaseId: release, certificateEnds: certificate.validTo };
}

/** Asks an agent for its version through a gateway; undefined where the gateway itself cannot be asked. */
export async function goTo(
  agent: AgentHost,
  proxy: ProxyHost,
  { entrance }: Look,
): Promise<PathStatus | undefined> {
  if (entrance === undefined) return undefined;
  const answer = await probeAgent(entrance.target, agent.host);
  const { ok, detail } = agentRow(agent, answer);
  return { proxy: proxy.name, way: entrance.way, ok, detail, elapsedMs: answer.elapsedMs };
}
