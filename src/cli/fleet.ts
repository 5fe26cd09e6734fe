import { DcvopsError } from '../errors.ts';
import type { Host, Inventory } from '../inventory/types.ts';
import type { Pool } from '../ssh/pool.ts';
import type { Remote } from '../ssh/remote.ts';
import type { CliContext } from './context.ts';

/** The inventory and a way to reach its hosts, for one run. */
export interface Fleet {
  readonly inventory: Inventory;
  /** One connection a host for the whole run; asking again gives the same. */
  readonly connect: (host: Host) => Promise<Remote>;
  /** What `connect` connects with, for commands that are about SSH itself. */
  readonly pool: Pool;
}

/** How a fleet is lent. */
export interface FleetOptions {
  /** Who handles Ctrl-C: `disconnect` (the default) ends the connections at once. */
  readonly onInterrupt?: 'disconnect' | 'operation';
  /** Key files that cannot be used are an error of the inventory, unless they are `left` to whoever looks at them. */
  readonly keyFiles?: 'checked' | 'left';
}

/**
 * Loads the inventory, lends the fleet to `use`, and ends every connection afterwards. Ctrl-C ends the connections at
 * once, unless the operation handles `context.signal` itself.
 */
export async function usingFleet<T>(
  context: CliContext,
  use: (fleet: Fleet) => Promise<T>,
  { onInterrupt = 'disconnect', keyFiles = 'checked' }: FleetOptions = {},
): Promise<T> {
  const [inventory, { openPool }, { connectOrExplain }] = await Promise.all([
    readInventory(context, keyFiles),
    import('../ssh/pool.ts'),
    import('../operations/explain-no-answer.ts'),
  ]);
  const pool = openPool({
    hosts: [...inventory.proxies, ...inventory.agents],
    connectTimeoutMs: context.connectTimeoutMs,
    commandTimeoutMs: context.commandTimeoutMs,
    askPassphrase: (key) =>
      context.ask.password({ text: `Passphrase for ${key}`, flag: 'DCVOPS_KEY_PASSPHRASE' }),
    askSudoPassword: (host) =>
      context.ask.password({ text: `sudo password on ${host}`, flag: 'DCVOPS_SUDO_PASSWORD' }),
    onScript: (script) => {
      context.emit({ type: 'script', ...script });
    },
    onConnect: ({ host, address, user, via, elapsedMs }) => {
      const way = via === undefined ? '' : ` through ${via}`;
      context.emit({ type: 'script', host, name: 'connect', command: `${user}@${address}${way}`, elapsedMs });
    },
  });
  const disconnect = (): void => {
    pool.close();
  };
  if (onInterrupt === 'disconnect') context.signal.addEventListener('abort', disconnect, { once: true });
  try {
    const connect = (host: Host): Promise<Remote> => connectOrExplain(pool, inventory, host);
    return await use({ inventory, connect, pool });
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw new DcvopsError('interrupted', 'interrupted', { cause: error });
  } finally {
    context.signal.removeEventListener('abort', disconnect);
    pool.close();
  }
}

/** Finds and reads the inventory that the global options name. */
export async function readInventory(
  context: CliContext,
  keyFiles: FleetOptions['keyFiles'] = 'checked',
): Promise<Inventory> {
  const { findInventory, loadInventory } = await import('../inventory/load.ts');
  const file = await findInventory({ flag: context.inventoryFile, env: process.env, cwd: process.cwd() });
  return loadInventory(file, keyFiles === 'left' ? { inspectKey: undefined } : {});
}
