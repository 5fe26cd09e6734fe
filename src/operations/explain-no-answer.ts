import { DcvopsError } from '../errors.ts';
import type { Host, Inventory } from '../inventory/types.ts';
import { isNoAnswer } from '../ssh/connect-errors.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Remote } from '../ssh/remote.ts';
import { within } from '../within.ts';
import { type Target, showAddress } from '../ssh/target.ts';

/** Connections to hosts of the inventory, and how they are reached. */
export interface HostPool extends Pick<Pool, 'route' | 'connectTimeoutMs'> {
  readonly connect: (host: Host) => Promise<Remote>;
}

/** A proxy that reaches an agent which does not answer from here. */
export interface WayThroughProxy {
  readonly proxy: string;
  readonly target: Target;
}

/** A connection, or why there is none. */
export type Reached =
  { readonly remote: Remote } | { readonly error: unknown; readonly way: WayThroughProxy | undefined };

/** A proxy that is fine answers well within this; nobody waits long for an explanation. */
const LOOK_MS = 3_000;

/**
 * Connects to a host. For an agent that gives no answer from here it looks whether a proxy reaches it, which is how most
 * fleets are built. It looks while the agent's time to answer still runs, so that a dead host costs its limit and no more.
 */
export async function reachHost(pool: HostPool, inventory: Inventory, host: Host): Promise<Reached> {
  let looking: Promise<WayThroughProxy | undefined> | undefined;
  const look = (limitMs: number): Promise<WayThroughProxy | undefined> =>
    (looking ??= findWay(pool, inventory, host, limitMs).catch(() => undefined));
  // whoever answers, does so in the first half of any time
  const aheadMs = Math.min(LOOK_MS, pool.connectTimeoutMs / 2);
  const timer = setTimeout(() => void look(aheadMs), pool.connectTimeoutMs - aheadMs);
  try {
    return { remote: await pool.connect(host) };
  } catch (error) {
    return { error, way: isNoAnswer(error) ? await look(LOOK_MS) : undefined };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * As {@link reachHost}, and says of an agent that only a proxy reaches which line to write.
 * @throws DcvopsError as `Pool.connect`
 */
export async function connectOrExplain(pool: HostPool, inventory: Inventory, host: Host): Promise<Remote> {
  const reached = await reachHost(pool, inventory, host);
  if ('remote' in reached) return reached.remote;
  const { error, way } = reached;
  if (way === undefined) throw error;
  const where = `${host.position.file}:${host.position.line}`;
  throw new DcvopsError(
    'unreachable',
    `no answer from ${showAddress(way.target)} from here; ${way.proxy} reaches it`,
    {
      host: host.name,
      hint:
        host.role === 'agent' && host.adHoc
          ? `write  agents: { ssh: { jump: ${way.proxy} } }  below defaults (${inventory.file})`
          : `add  ssh: { jump: ${way.proxy} }  to ${host.name} (${where})`,
      cause: error,
    },
  );
}

/** The first proxy that reaches the SSH port of an agent which is asked without a jump host; undefined: none, or another host. */
async function findWay(
  pool: HostPool,
  inventory: Inventory,
  host: Host,
  limitMs: number,
): Promise<WayThroughProxy | undefined> {
  if (host.role !== 'agent' || host.ssh.jump !== undefined) return undefined;
  const target = (await pool.route(host)).at(-1);
  if (target?.jump !== undefined || target === undefined) return undefined;
  const found = await Promise.all(
    inventory.proxies.map((proxy) => within(limitMs, reaches(pool, proxy, target))),
  );
  const proxy = inventory.proxies[found.indexOf(true)];
  return proxy === undefined ? undefined : { proxy: proxy.name, target };
}

async function reaches(
  pool: Pick<HostPool, 'connect'>,
  proxy: Host,
  target: { readonly address: string; readonly port: number },
): Promise<boolean> {
  try {
    const tunnel = await (await pool.connect(proxy)).tunnel(target.address, target.port);
    tunnel.destroy();
    return true;
  } catch {
    return false;
  }
}
