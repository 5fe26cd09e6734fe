import { setTimeout as delay } from 'node:timers/promises';
import { DcvopsError } from '../../errors.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import { type Marked, type Pool, createProxyHealth } from './proxy-health.ts';
import type { HealthContext, HealthOptions } from './types.ts';

/**
 * Asks the agents from every proxy again and again until the signal, and has the proxies follow. Tells what changes. A
 * proxy that is lost is connected to anew with each round, while the others go on.
 * @throws DcvopsError what no host is to blame for
 */
export async function watchHealth(
  context: HealthContext,
  proxies: readonly ProxyHost[],
  intervalMs: number,
  options: HealthOptions,
): Promise<void> {
  await Promise.all(proxies.map((proxy) => watchFrom(context, proxy, intervalMs, options)));
}

async function watchFrom(
  context: HealthContext,
  proxy: ProxyHost,
  intervalMs: number,
  options: HealthOptions,
): Promise<void> {
  const { signal, emit } = context;
  const health = createProxyHealth(context, proxy, options);
  const tell = tellOnce(context, proxy);
  const isOver = (): boolean => signal.aborted;
  const aborted = untilAborted(signal);
  let trouble: string | undefined;
  while (!isOver()) {
    const next = performance.now() + intervalMs;
    try {
      // whoever presses Ctrl-C does not wait for an agent; what is being changed is finished or undone
      if ((await Promise.race([health.look(), aborted])) === undefined) return;
      // first who is down: it is marked, whatever becomes of the pool
      tell.marked(await health.mark());
      tell.pool(await health.follow());
      if (trouble !== undefined)
        emit({ type: 'note', level: 'info', host: proxy.name, message: 'well again' });
      trouble = undefined;
    } catch (error) {
      if (isOver()) return;
      if (!(error instanceof DcvopsError) || error.code === 'usage' || error.code === 'inventory')
        throw error;
      if (error.message !== trouble) {
        const message = `${error.message}${/[.!?]$/.test(error.message) ? '' : '.'} Trying again every ${intervalMs / 1000} s.`;
        emit({
          type: 'note',
          level: 'warning',
          host: proxy.name,
          message,
          ...(error.hint === undefined ? {} : { hint: error.hint }),
        });
      }
      trouble = error.message;
    }
    await delay(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined);
  }
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
}

interface Telling {
  readonly marked: (marked: Marked) => void;
  readonly pool: (pool: Pool) => void;
}

/** What stays as it is, is told once: an agent that is spared, a pool that waits. */
function tellOnce({ tell }: HealthContext, proxy: ProxyHost): Telling {
  let spared = new Set<string>();
  let waits = false;
  return {
    marked({ agents }) {
      for (const event of agents) {
        if (event.state !== 'spared' || !spared.has(event.agent)) tell(event);
      }
      spared = new Set(agents.filter(({ state }) => state === 'spared').map(({ agent }) => agent));
    },
    pool(pool) {
      const waitSeconds = typeof pool === 'object' ? pool.waitSeconds : undefined;
      if (pool === 'changed') tell({ type: 'pool', host: proxy.name, state: 'changed', waitSeconds: 0 });
      if (waitSeconds !== undefined && !waits) {
        tell({ type: 'pool', host: proxy.name, state: 'waiting', waitSeconds });
      }
      waits = waitSeconds !== undefined;
    },
  };
}
