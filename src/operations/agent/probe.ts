import { type GatewayTarget, probeAgent } from '../../gateway/probe.ts';
import type { AgentHost, ProxyHost } from '../../inventory/types.ts';
import { type CheckRow, agentRow } from '../check-rows.ts';
import { type Obstacle, type WayContext, tryWays, urlOfGateway } from '../gateway/way.ts';

/**
 * Asks an agent through a proxy's gateway: from here, or through SSH where this machine can't reach the gateway or may not
 * use it. What goes wrong is a row, too.
 */
export async function askThroughGateway(
  context: WayContext,
  proxy: ProxyHost,
  agent: AgentHost,
): Promise<CheckRow> {
  const target = await findTarget(context, proxy);
  if (target.kind === 'found') return agentRow(agent, await probeAgent(target.target, agent.host));
  const { message, hint } = target;
  return { name: `agent ${agent.name}`, ok: false, detail: message, elapsedMs: undefined, hint };
}

/**
 * Did a proxy's gateway pass a request on to an agent? False where it refused it itself, and where nothing is known.
 */
export async function reachesAgent(
  context: WayContext,
  proxy: ProxyHost,
  agent: AgentHost,
): Promise<boolean> {
  const target = await findTarget(context, proxy);
  if (target.kind !== 'found') return false;
  const answer = await probeAgent(target.target, agent.host);
  return answer.answered && (answer.server === 'dcv' || answer.refusal?.stage === 'agent');
}

async function findTarget(
  context: WayContext,
  proxy: ProxyHost,
): Promise<{ readonly kind: 'found'; readonly target: GatewayTarget } | Obstacle> {
  const { direct, tunnel } = await tryWays(context, proxy, urlOfGateway(context.inventory, proxy));
  const way = tunnel ?? direct;
  if (way.kind !== 'obstacle') return { kind: 'found', target: way.target };
  return direct.kind === 'obstacle' ? direct : way;
}
