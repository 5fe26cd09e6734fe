import pLimit, { type LimitFunction } from 'p-limit';
import type { GatewaySightFacts, PathFacts, StepFacts } from '../../doctor/facts/path.ts';
import { DcvopsError } from '../../errors.ts';
import { AGENT_PORT } from '../../gateway/ports.ts';
import {
  type GatewayTarget,
  probeAgent,
  probeAgentWebSocket,
  probeHttp2,
  probePath,
} from '../../gateway/probe.ts';
import { urlOf } from '../../inventory/endpoints.ts';
import type { AgentHost, Host, ProxyHost } from '../../inventory/types.ts';
import type { Remote } from '../../ssh/remote.ts';
import {
  type Obstacle,
  type Way,
  type WayContext,
  directTarget,
  knock,
  lookFromHere,
  lookThroughSsh,
  tunnelTarget,
  urlOfGateway,
} from '../gateway/way.ts';
import { rememberFailures } from './remember-failures.ts';
import { healthStep, pageStep, webSocketStep } from './steps.ts';

/** Ways that are gone at the same time, and questions beside them about ways that are broken. */
const AT_ONCE = 16;

/** For an agent that the gateway has given up already: a retransmitted SYN still gets through. */
const ASIDE_TIMEOUT_MS = 5_000;

/**
 * Looks at each gateway as a browser on this machine would; where it does not answer, or is not open to this machine, also
 * from its own host through SSH. Side by side, in the order of the proxies.
 * @throws DcvopsError `interrupted`; everything else that goes wrong is a fact
 */
export function lookAtGateways(
  context: WayContext,
  proxies: readonly ProxyHost[],
): Promise<GatewaySightFacts[]> {
  return Promise.all(proxies.map((proxy) => lookAtGateway(context, proxy)));
}

async function lookAtGateway(context: WayContext, proxy: ProxyHost): Promise<GatewaySightFacts> {
  const url = urlOfGateway(context.inventory, proxy);
  const fromHere = await lookFromHere(context, url);
  const door = fromHere.kind === 'direct' ? await knock(fromHere.target) : undefined;
  const isOpen = door === 'open';
  const onHost = isOpen ? undefined : await lookThroughSsh(context, proxy, url);
  const tunnel = onHost === undefined ? undefined : healthStep(onHost);
  return {
    proxy: proxy.name,
    url,
    direct: directStep(fromHere),
    ...(tunnel === undefined ? {} : { tunnel }),
    refusedHere: door === 'network',
    ...(door === 'login' ? { asksLogin: true } : {}),
    ...(await seenBy([fromHere, onHost].find((look) => look !== undefined && look.kind !== 'obstacle'))),
  };
}

function directStep(look: Way | Obstacle): StepFacts {
  const step = healthStep(look);
  if (step === undefined) throw new TypeError('a question from here is asked in any case');
  return step;
}

/** What only an answer can tell. */
async function seenBy(
  way: Way | Obstacle | undefined,
): Promise<Pick<GatewaySightFacts, 'release' | 'http2' | 'certificate'>> {
  if (way === undefined || way.kind === 'obstacle') return {};
  const { release, certificate } = way.health;
  const { pem, chainError } = certificate;
  const http2 = await probeHttp2(way.target);
  return {
    ...(release === undefined ? {} : { release }),
    ...(http2.answered ? { http2: http2.offered && http2.status === 200 } : {}),
    certificate: { chain: [pem], ...(chainError === undefined ? {} : { chainError }) },
  };
}

/** By which a gateway can be asked; undefined: by none. */
interface Entrance {
  readonly kind: 'direct' | 'tunnel';
  readonly target: GatewayTarget;
}

/**
 * Goes the way to each agent through each gateway as a browser does: its `/version`, its page, its WebSocket, each timed, up
 * to the first that fails. Where already the route fails, the same is asked from the proxy straight to the agent, and on the
 * agent itself. In the order of the proxies, then of the agents.
 * @param gateways what `lookAtGateways` found: it tells whether to ask from here or through SSH
 * @throws DcvopsError `interrupted`; everything else that goes wrong is a fact
 */
export async function lookAtPaths(
  context: WayContext,
  gateways: readonly GatewaySightFacts[],
  proxies: readonly ProxyHost[],
  agents: readonly AgentHost[],
): Promise<PathFacts[]> {
  const connect = rememberFailures(context.connect);
  const limits = { ways: pLimit(AT_ONCE), aside: pLimit(AT_ONCE) };
  const paths = await Promise.all(
    proxies.map(async (proxy) => {
      const sight = gateways.find((gateway) => gateway.proxy === proxy.name);
      const entrance = sight === undefined ? undefined : await enter({ ...context, connect }, sight, proxy);
      // in maintenance, a 503 is what people are meant to get
      const served = agents.filter(({ state }) => state !== 'maintenance');
      return Promise.all(served.map((agent) => goTo(connect, limits, { proxy, agent, entrance })));
    }),
  );
  return paths.flat();
}

async function enter(
  context: WayContext,
  { url, direct, tunnel, refusedHere, asksLogin }: GatewaySightFacts,
  proxy: ProxyHost,
): Promise<Entrance | undefined> {
  // a forward proxy's answer (407) is none of the gateway's
  const answers = (step: StepFacts | undefined): boolean =>
    step?.status !== undefined && step.obstacle === undefined;
  if (answers(direct) && !refusedHere && asksLogin !== true)
    return { kind: 'direct', target: directTarget(context, url) };
  if (!answers(tunnel)) return undefined;
  const remote = await reached(context.connect, proxy);
  if (remote === undefined) return undefined;
  const target = await orNothing(tunnelTarget(context, remote, url));
  return target === undefined ? undefined : { kind: 'tunnel', target };
}

interface Journey {
  readonly proxy: ProxyHost;
  readonly agent: AgentHost;
  readonly entrance: Entrance | undefined;
}

type Connect = (host: Host) => Promise<Remote>;

async function goTo(
  connect: Connect,
  limits: { readonly ways: LimitFunction; readonly aside: LimitFunction },
  { proxy, agent, entrance }: Journey,
): Promise<PathFacts> {
  const ends = { proxy: proxy.name, agent: agent.name };
  if (entrance === undefined) return { ...ends, way: 'none' };
  const steps = await limits.ways(() => walk(entrance.target, agent));
  const path = { ...ends, way: entrance.kind, ...steps };
  if (steps.route.ok) return path;
  return { ...path, ...(await limits.aside(() => askAside(connect, proxy, agent))) };
}

async function walk(
  target: GatewayTarget,
  agent: AgentHost,
): Promise<Pick<PathFacts, 'page' | 'webSocket'> & { readonly route: StepFacts }> {
  const route = pageStep(agent, await probeAgent(target, agent.host));
  if (!route.ok) return { route };
  const page = pageStep(agent, await probePath(target, `/${agent.host}/`));
  if (!page.ok) return { route, page };
  return { route, page, webSocket: webSocketStep(agent, await probeAgentWebSocket(target, agent.host)) };
}

/** How the agent answers its proxy without nginx in between, and how it answers itself. */
async function askAside(
  connect: Connect,
  proxy: ProxyHost,
  agent: AgentHost,
): Promise<Pick<PathFacts, 'fromProxy' | 'fromAgent'>> {
  const [fromProxy, fromAgent] = await Promise.all([
    askFrom(connect, proxy, agent, agent.host),
    askFrom(connect, agent, agent, '127.0.0.1'),
  ]);
  return {
    ...(fromProxy === undefined ? {} : { fromProxy }),
    ...(fromAgent === undefined ? {} : { fromAgent }),
  };
}

/** Asks for the agent's version at an address, from a host; undefined where that host cannot be logged in to. */
async function askFrom(
  connect: Connect,
  host: Host,
  agent: AgentHost,
  address: string,
): Promise<StepFacts | undefined> {
  const remote = await reached(connect, host);
  if (remote === undefined) return undefined;
  const target: GatewayTarget = {
    url: urlOf(agent.host, AGENT_PORT),
    dial: () => remote.tunnel(address, AGENT_PORT),
    timeoutMs: ASIDE_TIMEOUT_MS,
  };
  return pageStep(agent, await probePath(target, `${agent.webUrlPath ?? ''}/version`));
}

/** Why a host is not reached is told by its own facts. */
function reached(connect: Connect, host: Host): Promise<Remote | undefined> {
  return orNothing(connect(host));
}

/** A failure of a connection is told elsewhere. @throws DcvopsError `interrupted` */
async function orNothing<T>(attempt: Promise<T>): Promise<T | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (!(error instanceof DcvopsError) || error.code === 'interrupted') throw error;
    return undefined;
  }
}
