import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Expectation, Served } from '../../gateway/decide.ts';
import {
  type GatewayTarget,
  type HealthAnswer,
  type Probe,
  dialDirectly,
  probeAgent,
  probeAgentWebSocket,
  probeHealth,
} from '../../gateway/probe.ts';
import type { AgentHost, Inventory, ProxyHost } from '../../inventory/types.ts';
import type { Remote } from '../../ssh/remote.ts';
import { loginCookie } from './way.ts';

/** How the gateway answers right now. */
export interface Sight {
  /** The way it was reached; `none` where nothing answers either way. */
  readonly way: Way;
  readonly served: Served | undefined;
}

/** How an agent answers through the gateway. */
export interface AgentSight {
  readonly agent: AgentHost;
  /** HTTP status of its `/version`, or undefined for no answer. */
  readonly status: number | undefined;
  /** DCV itself answered, not the gateway for it. */
  readonly alive: boolean;
  /** A WebSocket to its `/auth` opens. */
  readonly webSocket: boolean;
  /** The gateway doesn't let this address in. */
  readonly refusedHere: boolean;
  /** The gateway asks for a login first: nothing is known of the agent. */
  readonly asksLogin: boolean;
}

export type Way = 'direct' | 'tunnel' | 'none';

/** A proxy's gateway as its users see it. */
export interface GatewayView {
  /** Asks `/health` once. */
  readonly look: () => Promise<Sight>;
  /**
   * Asks every agent of the inventory through the gateway; an empty list where the gateway itself is out of reach. One
   * that was dead before is not asked again: its silence costs seconds, and a host waits for the word.
   */
  readonly lookAtAgents: (before?: readonly AgentSight[]) => Promise<readonly AgentSight[]>;
  /**
   * Waits until fresh connections, several in a row, are answered as expected.
   * @param certificate SHA-256 of the one that has to be served, where it is known
   */
  readonly waitFor: (
    expected: Expectation,
    certificate?: string,
  ) => Promise<{ ok: true; way: Way } | { ok: false; problem: string }>;
}

/** Directly, the gateway is given this long: a firewall that drops packets would cost more with each look. */
const DIRECT_TIMEOUT_MS = 3_000;
/** An agent that was asleep answers later than this; nothing here depends on it. */
const AGENT_TIMEOUT_MS = 3_000;
/** nginx tries to bind a taken port for 2.5 s before it gives up and stays with its old configuration. */
const RELEASE_TIMEOUT_MS = 8_000;
/** One answer may still come from an old worker; so many fresh connections in a row don't (measured: 40 to 55 ms). */
const ANSWERS_IN_A_ROW = 3;
const AGENTS_AT_ONCE = 16;

/** Looks at a proxy from outside: directly, or through the SSH connection where its port is out of reach from here. */
export function viewGateway(inventory: Inventory, proxy: ProxyHost, remote: Promise<Remote>): GatewayView {
  const { listen } = inventory.gateway;
  const host = proxy.host.includes(':') ? `[${proxy.host}]` : proxy.host;
  const url = `https://${host}:${listen.port}`;
  const direct: GatewayTarget = {
    url,
    dial: dialDirectly(proxy.host, listen.port, DIRECT_TIMEOUT_MS),
    timeoutMs: DIRECT_TIMEOUT_MS,
  };
  const tunnel: GatewayTarget = {
    url,
    dial: async () => (await remote).tunnel(listen.address ?? '127.0.0.1', listen.port),
    timeoutMs: DIRECT_TIMEOUT_MS,
  };
  let way: Way = 'none';

  async function health(): Promise<Probe<HealthAnswer>> {
    if (way !== 'tunnel') {
      const answer = await probeHealth(direct);
      if (answer.answered || answer.stage !== 'connect') {
        way = 'direct';
        return answer;
      }
    }
    const answer = await probeHealth(tunnel);
    way = answer.answered ? 'tunnel' : 'none';
    return answer;
  }

  async function look(): Promise<Sight> {
    const answer = await health();
    if (!answer.answered) return { way, served: undefined };
    return { way, served: { releaseId: answer.release, certificate: answer.certificate.sha256 } };
  }

  async function lookAtAgents(before: readonly AgentSight[] = []): Promise<readonly AgentSight[]> {
    const target = { ...(way === 'tunnel' ? tunnel : direct), timeoutMs: AGENT_TIMEOUT_MS };
    if (way === 'none') return [];
    const limit = pLimit(AGENTS_AT_ONCE);
    const inside = remembered(async (): Promise<GatewayTarget> => {
      const cookie = await loginCookie(inventory, await remote);
      return { ...tunnel, timeoutMs: AGENT_TIMEOUT_MS, ...(cookie === undefined ? {} : { cookie }) };
    });
    return Promise.all(
      inventory.agents.map((agent) =>
        limit(async () => {
          const dead = before.find((sight) => sight.agent.name === agent.name && !sight.alive);
          if (dead !== undefined) return dead;
          const sight = await lookAtAgent(target, agent);
          // Whoever deploys need not be somebody who may connect; the host itself always may, and has the login's cookie.
          return sight.refusedHere || sight.asksLogin ? lookAtAgent(await inside(), agent) : sight;
        }),
      ),
    );
  }

  async function waitFor(expected: Expectation, certificate?: string): ReturnType<GatewayView['waitFor']> {
    if (expected.kind === 'silence') return { ok: true, way };
    const started = Date.now();
    const deadline = started + RELEASE_TIMEOUT_MS;
    let inARow = 0;
    let last = 'nothing answers';
    while (Date.now() < deadline) {
      const answer = await health();
      const differs = differenceOf(answer, expected, certificate);
      if (differs === undefined) inARow += 1;
      else {
        inARow = 0;
        last = differs;
        await delay(pauseAfter(Date.now() - started));
      }
      if (inARow === ANSWERS_IN_A_ROW) return { ok: true, way };
    }
    const wanted = expected.kind === 'release' ? `release ${expected.id}` : 'what was there before';
    return { ok: false, problem: `${wanted} is not served on ${url}: ${last}` };
  }

  return { look, lookAtAgents, waitFor };
}

/** Does something once, when its result is first asked for. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/**
 * nginx lets its old workers answer for 100 ms beside the new ones. So little is not to be missed by much, and a gateway that takes
 * longer is not to be asked as often: a tenth of what has passed.
 */
function pauseAfter(elapsedMs: number): number {
  return Math.min(200, Math.max(10, elapsedMs / 10));
}

/** In what the answer is not the expected one. What was there before dcvops has no release to tell: any answer will do. */
function differenceOf(
  answer: Probe<HealthAnswer>,
  expected: Expectation,
  certificate: string | undefined,
): string | undefined {
  if (!answer.answered) return answer.reason;
  if (expected.kind === 'release' && answer.release !== expected.id) {
    return `release ${answer.release ?? 'of something else'} answers`;
  }
  if (certificate !== undefined && answer.certificate.sha256 !== certificate) {
    return 'it still answers with the old certificate';
  }
  return undefined;
}

async function lookAtAgent(target: GatewayTarget, agent: AgentHost): Promise<AgentSight> {
  const [http, webSocket] = await Promise.all([
    probeAgent(target, agent.host),
    probeAgentWebSocket(target, agent.host),
  ]);
  return {
    agent,
    status: http.answered ? http.status : undefined,
    // The old scripts' gateway puts nginx's own name into the Server header, whoever answered.
    alive: http.answered && (http.server === 'dcv' || http.status === 200),
    webSocket: webSocket.answered && webSocket.status === 101,
    refusedHere: http.answered && http.status === 403 && http.refusal?.stage === 'access',
    asksLogin: http.answered && http.status === 401 && http.refusal?.stage === 'access',
  };
}

/** What answered before and doesn't now, in words. An agent that was silent before never counts. Pure. */
export function worseThan(before: readonly AgentSight[], after: readonly AgentSight[]): string[] {
  return after.flatMap((now) => {
    const earlier = before.find((sight) => sight.agent.name === now.agent.name);
    if (earlier === undefined || now.asksLogin) return [];
    if (earlier.alive && !now.alive)
      return [`${now.agent.name} ${statusOf(now)} (${statusOf(earlier)} before)`];
    if (earlier.webSocket && !now.webSocket) return [`${now.agent.name} opens no WebSocket any more`];
    return [];
  });
}

/** "agent1 200, agent2 502 (as before; not counted)". Pure. */
export function describeAgents(before: readonly AgentSight[], after: readonly AgentSight[]): string {
  return after
    .map((now) => {
      const earlier = before.find((sight) => sight.agent.name === now.agent.name);
      if (now.asksLogin) return `${now.agent.name} not looked at (the gateway asks for a login)`;
      if (now.alive) return `${now.agent.name} ${statusOf(now)}`;
      const compared = earlier === undefined ? 'not compared' : 'as before; not counted';
      return `${now.agent.name} ${statusOf(now)} (${compared})`;
    })
    .join(', ');
}

function statusOf(sight: AgentSight): string {
  return sight.status === undefined ? 'no answer' : String(sight.status);
}
