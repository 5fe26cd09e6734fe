import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import type { ProxyHost } from '../../../../src/inventory/types.ts';
import { allOrNothing } from '../../../../src/operations/gateway/all-or-nothing.ts';
import { batchesOf } from '../../../../src/operations/gateway/in-batches.ts';
import type { OperationEvent, OutcomeEvent } from '../../../../src/report/events.ts';

/** What becomes of a proxy: kept, or what `change` does instead. */
type Fate = 'kept' | 'unchanged' | 'reloaded' | 'Ctrl-C after it was kept' | Error;

interface Run {
  /** What was put back, in this order, and why. */
  readonly putBack: readonly string[];
  readonly outcomes: readonly string[];
  readonly events: readonly OperationEvent[];
  readonly thrown: unknown;
}

async function run(fates: readonly Fate[], batch = 1, lostOnTheWayBack?: string): Promise<Run> {
  const events: OperationEvent[] = [];
  const putBack: string[] = [];
  const interrupt = new AbortController();
  const proxies = fates.map((_, index) => ({ name: `p${index + 1}` }) as ProxyHost);
  let thrown: unknown;
  await allOrNothing(
    { emit: (event) => events.push(event), signal: interrupt.signal },
    batchesOf(proxies, { count: batch }),
    {
      async change(proxy, onKept) {
        const fate = fates[proxies.indexOf(proxy)] ?? 'unchanged';
        // side by side with the others of its batch
        await Promise.resolve();
        if (fate instanceof Error) throw fate;
        if (fate === 'unchanged') return outcome(proxy, 'unchanged');
        if (fate !== 'reloaded') onKept({ release: 'new', before: 'old' });
        if (fate === 'Ctrl-C after it was kept') interrupt.abort();
        return outcome(proxy, 'done');
      },
      putBack(proxy, replaced, why) {
        putBack.push(`${proxy.name} to ${replaced.before}, since ${why}`);
        return Promise.resolve(outcome(proxy, proxy.name === lostOnTheWayBack ? 'failed' : 'undone'));
      },
    },
  ).catch((error: unknown) => {
    thrown = error;
  });
  const outcomes = events.flatMap((event) =>
    event.type === 'outcome' ? [`${event.host} ${event.outcome}`] : [],
  );
  return { putBack, outcomes, events, thrown };
}

function outcome({ name }: ProxyHost, how: OutcomeEvent['outcome']): OutcomeEvent {
  return { type: 'outcome', host: name, outcome: how, message: how };
}

const failed = new DcvopsError('failed', 'nginx refuses the configuration');
const lost = new DcvopsError('unreachable', 'no answer');

describe('all or nothing', () => {
  it.each<[what: string, fates: Fate[], putBack: string[], outcomes: string[]]>([
    ['all well: all stay', ['kept', 'kept'], [], ['p1 done', 'p2 done']],
    [
      'the last one fails: the others go back, the last one first',
      ['kept', 'kept', failed],
      ['p2 to old, since p3 failed', 'p1 to old, since p3 failed'],
      ['p3 failed', 'p2 undone', 'p1 undone'],
    ],
    [
      'one is out of reach: what was not started stays as it is',
      ['kept', lost, 'kept'],
      ['p1 to old, since p2 failed'],
      ['p2 unreachable', 'p3 not-started', 'p1 undone'],
    ],
    [
      'what this command did not change is not put back',
      ['unchanged', 'reloaded', failed],
      [],
      ['p1 unchanged', 'p2 done', 'p3 failed'],
    ],
    ['the canary fails: nothing was changed', [failed, 'kept'], [], ['p1 failed', 'p2 not-started']],
    [
      'Ctrl-C between two proxies',
      ['Ctrl-C after it was kept', 'kept'],
      ['p1 to old, since the command was interrupted'],
      ['p2 not-started', 'p1 undone'],
    ],
    ['Ctrl-C when all is done: all stay', ['Ctrl-C after it was kept'], [], ['p1 done']],
  ])('%s', async (_, fates, putBack, outcomes) => {
    const ended = await run(fates);
    expect(ended.putBack).toEqual(putBack);
    expect(ended.outcomes).toEqual(outcomes);
    expect(ended.thrown).toBeUndefined();
  });

  it('a proxy that succeeds beside one that fails goes back, too', async () => {
    const { outcomes } = await run(['kept', failed, 'kept'], 2);
    expect(outcomes).toEqual(['p2 failed', 'p3 undone', 'p1 undone']);
  });

  it('one that does not come back stops none of the others', async () => {
    const { outcomes } = await run(['kept', 'kept', failed], 1, 'p2');
    expect(outcomes).toEqual(['p3 failed', 'p2 failed', 'p1 undone']);
  });

  it('a usage error or a bug leaves nothing half-way either', async () => {
    const bug = new TypeError('a bug');
    const { putBack, thrown } = await run(['kept', bug]);
    expect(putBack).toEqual(['p1 to old, since the command failed']);
    expect(thrown).toBe(bug);
  });

  it('names who has the new release before it begins to go back, for whoever ends it', async () => {
    const { events } = await run(['kept', 'kept', failed]);
    const warning = events.findIndex((event) => event.type === 'note' && event.level === 'warning');
    expect(events[warning]).toMatchObject({ message: expect.stringContaining('p1, p2') as string });
    expect(events.slice(warning + 1)).toHaveLength(2);
  });
});
