import { DcvopsError } from '../../errors.ts';
import { parseLoginCookie, readLoginCookie } from '../../gateway/login-script.ts';
import { bare } from '../../gateway/probe-connection.ts';
import {
  type GatewayTarget,
  type HealthAnswer,
  type Probe,
  dialDirectly,
  probeForbidden,
  probeHealth,
} from '../../gateway/probe.ts';
import { urlOf } from '../../inventory/endpoints.ts';
import type { Host, Inventory, ProxyHost } from '../../inventory/types.ts';
import { parseRecords } from '../../shell/records.ts';
import type { Secret } from '../../shell/secret.ts';
import type { Remote } from '../../ssh/remote.ts';

/** What looking for a way to a gateway works with. */
export interface WayContext {
  readonly inventory: Inventory;
  readonly connect: (host: Host) => Promise<Remote>;
  /** For each question, in milliseconds; default 10 s. */
  readonly timeoutMs?: number;
  /** Who may sign the gateway's certificate, in PEM. */
  readonly roots: readonly string[];
  /** How this machine opens connections; tests have a network of their own. */
  readonly dialFromHere?: typeof dialDirectly;
}

/** A way by which the gateway answers. `tunnel`: through SSH, from the proxy itself. */
export interface Way<Kind extends 'direct' | 'tunnel' = 'direct' | 'tunnel'> {
  readonly kind: Kind;
  readonly target: GatewayTarget;
  readonly health: Extract<Probe<HealthAnswer>, { answered: true }>;
}

/** What is in the way, and what to do about it. */
export interface Obstacle {
  readonly kind: 'obstacle';
  readonly message: string;
  readonly hint: string | undefined;
  /** The question that was not answered; undefined where SSH failed, so that none was asked. */
  readonly unanswered: Extract<Probe<HealthAnswer>, { answered: false }> | undefined;
}

/** A firewall that drops packets is found out after this; a retransmitted SYN still gets through. */
const DIAL_TIMEOUT_MS = 5_000;

/** People open `gateway.url`; with several proxies that is whatever stands before them, so each is asked by its own. */
export function urlOfGateway({ gateway, proxies }: Inventory, proxy: ProxyHost): string {
  if (gateway.url !== undefined && proxies.length === 1) return gateway.url;
  return urlOf(proxy.host, gateway.listen.port);
}

/** Asks `/health` as a browser on this machine would, and with it for the certificate. */
export function lookFromHere(context: WayContext, url: string): Promise<Way<'direct'> | Obstacle> {
  return look(context, 'direct', directTarget(context, url));
}

/** The gateway as this machine reaches it. */
export function directTarget(context: WayContext, url: string): GatewayTarget {
  const { dialFromHere = dialDirectly, timeoutMs } = context;
  const { hostname, port } = new URL(url);
  const dial = dialFromHere(bare(hostname), port === '' ? 443 : Number(port), DIAL_TIMEOUT_MS);
  return { url, dial, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

/**
 * Asks the same on the proxy itself. The login comes first: it may ask for a passphrase, which takes longer than a
 * question may.
 * @throws DcvopsError `interrupted`; every other failure is an obstacle
 */
export async function lookThroughSsh(
  context: WayContext,
  proxy: ProxyHost,
  url: string,
): Promise<Way<'tunnel'> | Obstacle> {
  try {
    const remote = await context.connect(proxy);
    return await look(context, 'tunnel', await tunnelTarget(context, remote, url));
  } catch (error) {
    if (!(error instanceof DcvopsError) || error.code === 'interrupted') throw error;
    return { kind: 'obstacle', message: error.message, hint: error.hint, unanswered: undefined };
  }
}

/** The gateway as the proxy itself reaches it, past its login where it has one. @throws DcvopsError of the connection */
export async function tunnelTarget(
  { inventory, timeoutMs }: WayContext,
  remote: Pick<Remote, 'tunnel' | 'run'>,
  url: string,
): Promise<GatewayTarget> {
  const { address, port } = inventory.gateway.listen;
  const dial: GatewayTarget['dial'] = () => remote.tunnel(address ?? '127.0.0.1', port);
  const cookie = await loginCookie(inventory, remote);
  return {
    url,
    dial,
    ...(cookie === undefined ? {} : { cookie }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** What opens a proxy's login; undefined where it has none, or nobody can log in yet. @throws DcvopsError of the connection */
export async function loginCookie(
  { gateway }: Inventory,
  remote: Pick<Remote, 'run'>,
): Promise<Secret | undefined> {
  if (!gateway.access.basic) return undefined;
  const { stdout } = await remote.run(readLoginCookie());
  return parseLoginCookie(parseRecords(stdout));
}

/** How the gateway receives whoever asks: `network`: access.allow does not hold them; `login`: it asks for a password. */
export type Door = 'open' | 'network' | 'login';

/** Knocks at the gateway. No agent has the address that is asked for, so none is bothered. */
export async function knock(target: GatewayTarget): Promise<Door> {
  const answer = await probeForbidden(target, '169.254.169.254');
  if (!answer.answered || answer.refusal?.stage !== 'access') return 'open';
  return answer.status === 401 ? 'login' : 'network';
}

/** The ways to a gateway that were tried: from here, and through SSH where that is not open. */
export interface TriedWays {
  readonly direct: Way<'direct'> | Obstacle;
  /** Undefined where nothing answers from here. */
  readonly door: Door | undefined;
  /** Undefined where the door is open from here. */
  readonly tunnel: Way<'tunnel'> | Obstacle | undefined;
}

/** Looks for a way: from here where that is open to whoever asks, else through SSH. @throws DcvopsError `interrupted` */
export async function tryWays(context: WayContext, proxy: ProxyHost, url: string): Promise<TriedWays> {
  const direct = await lookFromHere(context, url);
  const door = direct.kind === 'direct' ? await knock(direct.target) : undefined;
  return {
    direct,
    door,
    tunnel: door === 'open' ? undefined : await lookThroughSsh(context, proxy, url),
  };
}

async function look<Kind extends 'direct' | 'tunnel'>(
  { roots }: WayContext,
  kind: Kind,
  target: GatewayTarget,
): Promise<Way<Kind> | Obstacle> {
  const health = await probeHealth({ ...target, roots });
  return health.answered
    ? { kind, target, health }
    : { kind: 'obstacle', message: health.reason, hint: undefined, unanswered: health };
}
