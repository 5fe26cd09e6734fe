import type { ProxyHost } from '../../inventory/types.ts';
import type { Emit, OutcomeEvent } from '../../report/events.ts';
import { outcomeOf } from '../outcome.ts';

/** How many proxies are changed at once, after the first one alone. */
export type BatchSize = { readonly count: number } | { readonly percent: number };

/** The first proxy alone, as canary, then the rest in batches. A percentage is of all of them, rounded up. Pure. */
export function batchesOf(proxies: readonly ProxyHost[], size: BatchSize): ProxyHost[][] {
  const count = 'count' in size ? size.count : Math.max(1, Math.ceil((proxies.length * size.percent) / 100));
  return [proxies.slice(0, 1), ...chunks(proxies.slice(1), count)].filter((group) => group.length > 0);
}

/** What a change of several proxies is told with, and what stops it. */
export interface BatchContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Changes proxies one batch after another and emits each one's outcome. A failure lets its batch end and stops the
 * rest.
 * @returns why the rest was stopped, as a clause: "gateway2 failed"; undefined when nothing was
 * @throws what `change` throws that isn't about a host, once its batch has ended
 */
export async function inBatches(
  { emit, signal }: BatchContext,
  batches: readonly (readonly ProxyHost[])[],
  change: (proxy: ProxyHost) => Promise<OutcomeEvent>,
): Promise<string | undefined> {
  let stopped: string | undefined;
  for (const group of batches) {
    if (signal.aborted) stopped ??= INTERRUPTED;
    if (stopped !== undefined) {
      for (const proxy of group) emit(notStarted(proxy, stopped));
      continue;
    }
    const outcomes = await together(group, async (proxy) => {
      const outcome = await change(proxy).catch((error: unknown) => outcomeOf(error, proxy.name));
      emit(outcome);
      return outcome;
    });
    stopped = reasonToStop(outcomes);
  }
  return stopped;
}

/** Does a job for all of them side by side. @throws the first error, once every job has ended */
export async function together<T, R>(items: readonly T[], job: (item: T) => Promise<R>): Promise<R[]> {
  const jobs = items.map((item) => job(item));
  await Promise.allSettled(jobs);
  return Promise.all(jobs);
}

const INTERRUPTED = 'the command was interrupted';

function reasonToStop(outcomes: readonly OutcomeEvent[]): string | undefined {
  const failed = outcomes.find(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged');
  if (failed === undefined) return undefined;
  return failed.outcome === 'interrupted' ? INTERRUPTED : `${failed.host} failed`;
}

function notStarted(proxy: ProxyHost, why: string): OutcomeEvent {
  return {
    type: 'outcome',
    host: proxy.name,
    outcome: 'not-started',
    message: `not started, since ${why}`,
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
