import pLimit from 'p-limit';
import { bare } from '../gateway/probe-connection.ts';
import {
  type GatewayTarget,
  probeAgent,
  probeAgentWebSocket,
  probeForbidden,
  probeHttp2,
  probePath,
} from '../gateway/probe.ts';
import { contains } from '../inventory/addresses.ts';
import type { AgentHost, GatewaySettings, Inventory, ProxyHost } from '../inventory/types.ts';
import type { Emit, NoteEvent } from '../report/events.ts';
import {
  type CheckRow,
  agentRow,
  certificateRow,
  defaultRow,
  forbiddenRow,
  healthRow,
  http2Row,
  outOfReachRow,
  redirectRow,
  webSocketRow,
} from './check-rows.ts';
import { type Door, type Obstacle, type Way, type WayContext, tryWays, urlOfGateway } from './gateway/way.ts';

export interface CheckContext extends WayContext {
  readonly emit: Emit;
}

/** What the connection test of one proxy found. */
export interface ProxyCheck {
  readonly proxy: string;
  /** What people open, and what was asked. */
  readonly url: string;
  /** `tunnel`: through SSH, from the proxy itself. */
  readonly way: 'direct' | 'tunnel' | 'none';
  readonly rows: readonly CheckRow[];
}

const AGENTS_AT_ONCE = 16;

/**
 * Tests the way to every desktop as people have it: TLS, HTTP/2, each agent and its WebSocket, the default route, and that
 * a forbidden address is refused. Where this machine can't reach the gateway, or may not use it, the same is asked through
 * SSH from the proxy, and a note says so. A proxy that fails never stops the others; each ends with an outcome.
 */
export async function check(context: CheckContext, proxies: readonly ProxyHost[]): Promise<ProxyCheck[]> {
  return Promise.all(
    proxies.map(async (proxy) => {
      const result = await checkProxy(context, proxy, urlOfGateway(context.inventory, proxy));
      const passed = result.rows.filter((row) => row.ok).length;
      const message = `${passed} of ${result.rows.length} ${result.way === 'tunnel' ? '(through SSH)' : ''}`;
      const outcome = passed === result.rows.length ? 'done' : 'failed';
      context.emit({ type: 'outcome', host: proxy.name, outcome, message: message.trimEnd() });
      return result;
    }),
  );
}

async function checkProxy(context: CheckContext, proxy: ProxyHost, url: string): Promise<ProxyCheck> {
  const way = await findWay(context, proxy, url);
  if (way.kind === 'none') return { proxy: proxy.name, url, way: 'none', rows: [way.row] };
  const rows = [
    healthRow(way.health),
    certificateRow(way.health.certificate, bare(new URL(url).hostname)),
    ...(await askEverything(context.inventory, way.target)),
  ];
  return { proxy: proxy.name, url, way: way.kind, rows };
}

/** All questions side by side, an agent's WebSocket only where the agent itself answers. */
async function askEverything(inventory: Inventory, target: GatewayTarget): Promise<CheckRow[]> {
  const { gateway, agents } = inventory;
  const forbidden = addressOutside(gateway.agentNetworks);
  const limit = pLimit(AGENTS_AT_ONCE);
  const [http2, byDefault, refused, ...ofAgents] = await Promise.all([
    probeHttp2(target).then(http2Row),
    askDefault(target, gateway),
    probeForbidden(target, forbidden).then((answer) => forbiddenRow(forbidden, answer)),
    ...agents.map((agent) => limit(() => askAgent(target, agent))),
  ]);
  return [http2, ...ofAgents.flat(), byDefault, refused];
}

/** With a redirect, only the front page leads to an agent. */
async function askDefault(target: GatewayTarget, gateway: GatewaySettings): Promise<CheckRow> {
  return gateway.defaultBy === 'redirect'
    ? redirectRow(gateway.default, await probePath(target, '/'))
    : defaultRow(gateway.default, await probePath(target, '/version'));
}

async function askAgent(target: GatewayTarget, agent: AgentHost): Promise<CheckRow[]> {
  const route = agentRow(agent, await probeAgent(target, agent.host));
  if (!route.ok || agent.state === 'maintenance') return [route];
  return [route, webSocketRow(agent, await probeAgentWebSocket(target, agent.host))];
}

/** Addresses for documentation are nobody's; the metadata service is refused whatever the networks are. */
function addressOutside(networks: readonly string[]): string {
  const candidates = ['192.0.2.1', '198.51.100.1', '203.0.113.1'];
  return candidates.find((address) => !networks.some((one) => contains(one, address))) ?? '169.254.169.254';
}

interface NoWay {
  readonly kind: 'none';
  readonly row: CheckRow;
}

/** Directly where that works; else through SSH, with a note that says why. */
async function findWay(context: CheckContext, proxy: ProxyHost, url: string): Promise<Way | NoWay> {
  const { direct, door, tunnel } = await tryWays(context, proxy, url);
  if (tunnel?.kind === 'tunnel') {
    context.emit({ type: 'note', host: proxy.name, ...detour(url, direct, door) });
    return tunnel;
  }
  if (direct.kind !== 'obstacle') return direct;
  return { kind: 'none', row: outOfReachRow(proxy.name, direct.message, tunnel ?? direct) };
}

function detour(
  url: string,
  direct: Way | Obstacle,
  door: Door | undefined,
): Pick<NoteEvent, 'level' | 'message' | 'hint'> {
  const { host, port } = new URL(url);
  if (direct.kind === 'obstacle') {
    return {
      level: 'warning',
      message: `${host} is out of reach from here (${direct.message}), fine on the host; asked through SSH`,
      hint: `open TCP ${port === '' ? '443' : port} for your network, then: dcvops check`,
    };
  }
  if (door === 'login') {
    return { level: 'info', message: `${host} asks for a login; asked through SSH, with the proxy’s own` };
  }
  return {
    level: 'warning',
    message: `${host} is not open to this machine (gateway.access.allow); asked through SSH`,
    hint: 'add your network to gateway.access.allow, then: dcvops deploy',
  };
}
