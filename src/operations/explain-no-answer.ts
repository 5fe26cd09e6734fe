import { DcvopsError } from '../errors.ts';
import type { Host, Inventory } from '../inventory/types.ts';
import { isNoAnswer } from '../ssh/connect-errors.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Remote } from '../ssh/remote.ts';
import { within } from '../within.ts';
import { type Target, showAddress } from '../ssh/target.ts';

/** Connections to hosts of the inventory, and how they are reached. */
export interface HostPool extends Pick<Pool, 'route'> {
  readonly connect: (host: Host) => Promise<Remote>;
}

/** A proxy that is fine answers well within this; nobody waits long for an explanation. */
const LOOK_MS = 3_000;

/**
 * For an agent that did not answer from here: looks whether a proxy reaches it, which is how most fleets are
 * built, and says so with the line to write. Any other failure, and one that stays unexplained, is returned
 * as it is.
 */
export async function explainNoAnswer(
  pool: HostPool,
  inventory: Inventory,
  host: Host,
  error: unknown,
): Promise<unknown> {
  const way = await wayThroughProxy(pool, inventory, host, error);
  if (way === undefined) return error;
  const where = `${host.position.file}:${host.position.line}`;
  return new DcvopsError(
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

/** The first proxy that reaches the SSH port of an agent that gave no answer from here; undefined: none, or another failure. */
export async function wayThroughProxy(
  pool: HostPool,
  inventory: Inventory,
  host: Host,
  error: unknown,
): Promise<{ readonly proxy: string; readonly target: Target } | undefined> {
  if (host.role !== 'agent' || host.ssh.jump !== undefined || !isNoAnswer(error)) return undefined;
  const target = (await pool.route(host)).at(-1);
  if (target?.jump !== undefined || target === undefined) return undefined;
  for (const proxy of inventory.proxies) {
    if ((await within(LOOK_MS, reaches(pool, proxy, target))) === true) return { proxy: proxy.name, target };
  }
  return undefined;
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
