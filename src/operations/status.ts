import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { agentKey } from '../gateway/state.ts';
import type { AgentHost, Host, ProxyHost } from '../inventory/types.ts';
import { agentStatus, problemsFirst, proxyStatus } from '../status/hosts.ts';
import type {
  AgentFigures,
  FleetStatus,
  HostStatus,
  PathStatus,
  ProxyFigures,
  Reading,
} from '../status/types.ts';
import type { WayContext } from './gateway/way.ts';
import { type Look, goTo, lookAtGateway } from './status/gateways.ts';
import { askAgain } from './status/patience.ts';
import { readAgentFigures, readProxyFigures } from './status/read-host.ts';

export interface StatusContext extends WayContext {
  /** How many hosts are read at once. */
  readonly concurrency: number;
}

/** A look at the fleet, and how its hosts could be read. */
export interface StatusLook extends FleetStatus {
  /** Why hosts could not be read, as exit codes name it. */
  readonly failures: readonly Extract<Reading<never>, { ok: false }>['code'][];
}

/** Looks at hosts as often as it is asked to. */
export interface StatusReader {
  /** @param patienceMs a host that takes longer is shown with what it told last; default: each is waited for */
  readonly look: (patienceMs?: number) => Promise<StatusLook>;
}

/** Ways that are gone at the same time. */
const WAYS_AT_ONCE = 16;

/**
 * For looks at these hosts: each is read by one script over a connection that stays, its gateway and the ways to the agents
 * as a browser goes them. With agents alone, the ways lead through every proxy. A host that cannot be read is told as such
 * and never stops the others; it is connected to anew with the next look.
 */
export function createStatusReader(context: StatusContext, hosts: readonly Host[]): StatusReader {
  const { inventory, connect } = context;
  const atOnce = pLimit(context.concurrency);
  const proxiesShown = hosts.filter((host) => host.role === 'proxy');
  const agents = hosts.filter((host) => host.role === 'agent');
  const { port } = inventory.gateway.listen;
  const gateways = (proxiesShown.length === 0 ? inventory.proxies : proxiesShown).map((proxy) =>
    watchGateway(
      context,
      proxy,
      askAgain(() => atOnce(() => readProxyFigures(connect, proxy, port))),
    ),
  );
  const readers = agents.map((agent) => ({
    agent,
    read: askAgain(() => atOnce(() => readAgentFigures(connect, agent))),
  }));

  async function look(patienceMs?: number): Promise<StatusLook> {
    const goingOn = gateways.map((gateway) => gateway.look(patienceMs));
    const ways = pLimit(WAYS_AT_ONCE);
    const waysTo = async (agent: AgentHost): Promise<PathStatus[]> => {
      const looks = await Promise.all(goingOn);
      const paths = looks.map(({ proxy, seen }) => ways(() => goTo(agent, proxy, seen)));
      return (await Promise.all(paths)).filter((path) => path !== undefined);
    };
    const [ofProxies, ofAgents] = await Promise.all([
      Promise.all(goingOn),
      Promise.all(
        readers.map(async ({ agent, read }) => {
          const [reading, paths] = await Promise.all([read(patienceMs), waysTo(agent)]);
          return { agent, reading, paths };
        }),
      ),
    ]);
    const at = new Date();
    const shown = ofProxies.filter(({ proxy }) => proxiesShown.includes(proxy));
    const statuses: readonly HostStatus[] = [
      ...shown.map(({ proxy, reading, seen }) => proxyStatus(proxy, reading, seen.sight, at)),
      ...ofAgents.map(({ agent, reading, paths }) =>
        agentStatus(agent, reading, paths, downOn(agent, ofProxies)),
      ),
    ];
    return {
      at,
      hosts: problemsFirst(inOrderOf(hosts, statuses)),
      failures: [...shown, ...ofAgents].flatMap(({ reading }) => failureOf(reading)),
    };
  }

  return { look };
}

/** The proxies that could be read and have this agent marked down. */
function downOn(
  agent: AgentHost,
  proxies: readonly { readonly proxy: ProxyHost; readonly reading: Reading<ProxyFigures> }[],
): string[] {
  const key = agentKey(agent);
  return proxies
    .filter(({ reading }) => reading.ok && reading.figures.down.includes(key))
    .map(({ proxy }) => proxy.name);
}

interface GatewayWatch {
  readonly look: (patienceMs?: number) => Promise<{
    readonly proxy: ProxyHost;
    readonly reading: Reading<ProxyFigures>;
    readonly seen: Look;
  }>;
}

/** The host is read before its gateway is asked anything: those questions are no connections of people. */
function watchGateway(
  context: StatusContext,
  proxy: ProxyHost,
  read: (patienceMs?: number) => Promise<Reading<ProxyFigures>>,
): GatewayWatch {
  let seen: Look | undefined;
  return {
    async look(patienceMs) {
      const reading = await read(patienceMs);
      seen = await lookAtGateway(context, proxy, isLoggedIn(reading), seen);
      return { proxy, reading, seen };
    },
  };
}

/** What fails behind the login is in nobody's way to the gateway. */
function isLoggedIn(reading: Reading<ProxyFigures>): boolean {
  return reading.ok || reading.code === 'sudo' || reading.code === 'failed';
}

function inOrderOf(hosts: readonly Host[], statuses: readonly HostStatus[]): HostStatus[] {
  return hosts.flatMap(({ name }) => statuses.filter((status) => status.name === name));
}

function failureOf(reading: Reading<ProxyFigures | AgentFigures>): StatusLook['failures'] {
  return reading.ok ? [] : [reading.code];
}

/**
 * Looks again and again until the signal: every `intervalMs`, or as soon as the look before is over. The first look waits for
 * every host; later ones do not wait for those that are lost.
 * @throws DcvopsError what no host is to blame for
 */
export async function* watchStatus(
  reader: StatusReader,
  intervalMs: number,
  signal: AbortSignal,
): AsyncGenerator<StatusLook, undefined> {
  let patienceMs: number | undefined;
  while (!signal.aborted) {
    const next = performance.now() + intervalMs;
    const look = await untilAborted(reader.look(patienceMs), signal);
    if (look === undefined) return;
    yield look;
    patienceMs = Math.max(LEAST_PATIENCE_MS, intervalMs);
    await delay(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined);
  }
}

/** Hosts that are well answer in less. */
const LEAST_PATIENCE_MS = 3_000;

/** Whoever presses Ctrl-C does not wait for a host. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let stop = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => {
      resolve(undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
