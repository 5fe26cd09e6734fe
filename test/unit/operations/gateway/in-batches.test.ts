import { describe, expect, it } from 'vitest';
import type { ProxyHost } from '../../../../src/inventory/types.ts';
import { type BatchSize, batchesOf, inBatches } from '../../../../src/operations/gateway/in-batches.ts';
import type { OperationEvent, OutcomeEvent } from '../../../../src/report/events.ts';

const proxies = (count: number): ProxyHost[] =>
  Array.from({ length: count }, (_, index) => ({ name: `p${index + 1}` }) as ProxyHost);

describe('batches of proxies', () => {
  it.each<[count: number, size: BatchSize, lengths: number[], why: string]>([
    [0, { count: 3 }, [], 'nothing to do'],
    [1, { count: 3 }, [1], 'the first one is all'],
    [4, { count: 1 }, [1, 1, 1, 1], 'one after another'],
    [6, { count: 2 }, [1, 2, 2, 1], 'the first one alone'],
    [3, { count: 100 }, [1, 2], 'all the rest at once'],
    [10, { percent: 25 }, [1, 3, 3, 3], 'rounded up'],
    [3, { percent: 1 }, [1, 1, 1], 'at least one'],
    [4, { percent: 100 }, [1, 3], 'also then the first one goes alone'],
    [200, { percent: 7 }, [1, ...Array<number>(14).fill(14), 3], 'of all of them, not of the rest'],
  ])('%i proxies, %j: %j (%s)', (count, size, lengths) => {
    const batches = batchesOf(proxies(count), size);
    expect(batches.map((batch) => batch.length)).toEqual(lengths);
    expect(batches.flat()).toEqual(proxies(count));
  });
});

const outcome = (host: string, how: OutcomeEvent['outcome']): OutcomeEvent => ({
  type: 'outcome',
  host,
  outcome: how,
  message: how,
});

describe('a change in batches', () => {
  it.each<[ended: OutcomeEvent['outcome'], why: string | undefined]>([
    ['done', undefined],
    ['unchanged', undefined],
    ['failed', 'p2 failed'],
    ['undone', 'p2 failed'],
    ['unreachable', 'p2 failed'],
    ['interrupted', 'the command was interrupted'],
  ])('when the second one ends as "%s", the reason to stop is: %s', async (ended, why) => {
    const events: OperationEvent[] = [];
    const stopped = await inBatches(
      { emit: (event) => events.push(event), signal: new AbortController().signal },
      batchesOf(proxies(3), { count: 1 }),
      ({ name }) => Promise.resolve(outcome(name, name === 'p2' ? ended : 'done')),
    );
    expect(stopped).toBe(why);
    expect(events.at(-1)).toMatchObject(
      why === undefined
        ? { host: 'p3', outcome: 'done' }
        : { host: 'p3', outcome: 'not-started', message: `not started, since ${why}` },
    );
  });

  it('what nobody expected ends only after those that were at work beside it', async () => {
    const ended: string[] = [];
    const run = inBatches(
      { emit: (event) => ended.push((event as OutcomeEvent).host), signal: new AbortController().signal },
      batchesOf(proxies(3), { count: 2 }),
      async ({ name }) => {
        if (name === 'p2') throw new TypeError('a bug');
        await new Promise(setImmediate);
        return outcome(name, 'done');
      },
    );
    await expect(run).rejects.toThrow('a bug');
    expect(ended).toEqual(['p1', 'p3']);
  });
});
