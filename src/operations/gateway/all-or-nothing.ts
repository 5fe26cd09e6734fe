import pLimit from 'p-limit';
import type { ProxyHost } from '../../inventory/types.ts';
import type { OperationEvent, OutcomeEvent } from '../../report/events.ts';
import type { Replaced } from './change.ts';
import { type BatchContext, inBatches, together } from './in-batches.ts';

/** How one proxy is changed, and how a change that was kept is taken back. */
export interface Undoable {
  /** @param onKept told once the change is kept, before the outcome */
  readonly change: (proxy: ProxyHost, onKept: (replaced: Replaced) => void) => Promise<OutcomeEvent>;
  /** @param why as a clause: "gateway2 failed" */
  readonly putBack: (proxy: ProxyHost, replaced: Replaced, why: string) => Promise<OutcomeEvent>;
}

/**
 * Changes proxies in batches as {@link inBatches} does. When one fails, or Ctrl-C comes before all have their change, those
 * that were changed get back what they had, the last one first, as many at once as were changed at once. Emits an outcome
 * for every proxy; that of a change only once it is known to stay.
 * @throws what `change` throws that isn't about a host, after everything was put back
 */
export async function allOrNothing(
  context: BatchContext,
  batches: readonly (readonly ProxyHost[])[],
  { change, putBack }: Undoable,
): Promise<void> {
  const kept = new Map<string, { readonly proxy: ProxyHost; readonly replaced: Replaced }>();
  const changed: OutcomeEvent[] = [];

  function emit(event: OperationEvent): void {
    if (event.type !== 'outcome' || event.outcome !== 'done' || !kept.has(event.host)) {
      context.emit(event);
      return;
    }
    changed.push(event);
    const message = `${event.message}; undone, should another proxy fail`;
    context.emit({ type: 'note', level: 'info', host: event.host, message });
  }

  async function undo(why: string): Promise<void> {
    if (kept.size === 0) return;
    context.emit(goingBack([...kept.keys()], why));
    const limit = pLimit(Math.max(...batches.map((group) => group.length)));
    await together([...kept.values()].reverse(), ({ proxy, replaced }) =>
      limit(async () => {
        context.emit(await putBack(proxy, replaced, why));
      }),
    );
  }

  const why = await inBatches({ ...context, emit }, batches, (proxy) =>
    change(proxy, (replaced) => kept.set(proxy.name, { proxy, replaced })),
  ).catch(async (error: unknown): Promise<never> => {
    await undo('the command failed');
    throw error;
  });
  if (why !== undefined) await undo(why);
  else for (const outcome of changed) context.emit(outcome);
}

function goingBack(hosts: readonly string[], why: string): OperationEvent {
  return {
    type: 'note',
    level: 'warning',
    message:
      `${why}; ${hosts.join(', ')} ${hosts.length === 1 ? 'goes' : 'go'} back to what was there before. ` +
      'Ended early (Ctrl-C), those that are not told as undone below keep the new release.',
    hint: 'dcvops releases   (who runs what, after an early end)',
  };
}
