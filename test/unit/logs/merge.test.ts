import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LogStream, mergeByTime } from '../../../src/logs/merge.ts';
import type { LogRecord } from '../../../src/logs/record.ts';
import { sampleRecord } from './sample-record.ts';

/** A record's time, or undefined, and its stream and number there. */
type Line = readonly [time: number | undefined, name: string];

function recordOf([timeUs, message]: Line): LogRecord {
  return sampleRecord({ timeUs, message });
}

async function* streamOf(batches: readonly (readonly Line[])[]): AsyncGenerator<readonly LogRecord[]> {
  for (const batch of batches) yield await Promise.resolve(batch.map(recordOf));
}

async function namesOf(merge: AsyncIterable<readonly LogRecord[]>): Promise<string[][]> {
  const batches: string[][] = [];
  for await (const batch of merge) batches.push(batch.map(({ message }) => message));
  return batches;
}

/** A stream whose batches come when the test says so. */
function createSource() {
  const queue = { highWaterMark: 10 };
  const { readable, writable } = new TransformStream<readonly LogRecord[], readonly LogRecord[]>(
    {},
    queue,
    queue,
  );
  const writer = writable.getWriter();
  return {
    stream: readable as LogStream,
    send: (...lines: Line[]) => writer.write(lines.map(recordOf)),
    end: () => writer.close(),
    fail: (error: Error) => writer.abort(error),
    /** Settles when its reader gives up. */
    closed: writer.closed,
  };
}

describe('mergeByTime: what happened first is shown first, and nothing gets lost on the way', () => {
  it.each<[string, Line[][][], string]>([
    [
      'two streams',
      [
        [
          [
            [1, 'a1'],
            [3, 'a3'],
          ],
        ],
        [
          [
            [2, 'b2'],
            [4, 'b4'],
          ],
        ],
      ],
      'a1 b2 a3 b4',
    ],
    [
      'equal times: the first stream first',
      [
        [
          [
            [1, 'a'],
            [1, 'A'],
          ],
        ],
        [[[1, 'b']]],
      ],
      'a A b',
    ],
    [
      'equal times in the second',
      [
        [
          [
            [1, 'a'],
            [2, 'A'],
          ],
        ],
        [
          [
            [1, 'b'],
            [2, 'B'],
          ],
        ],
      ],
      'a b A B',
    ],
    [
      'batches of several sizes',
      [
        [
          [[1, 'a1']],
          [
            [2, 'a2'],
            [5, 'a5'],
          ],
        ],
        [
          [[3, 'b3']],
          [
            [4, 'b4'],
            [6, 'b6'],
          ],
        ],
      ],
      'a1 a2 b3 b4 a5 b6',
    ],
    [
      'no time: right behind the one before',
      [
        [
          [
            [1, 'a'],
            [undefined, 'a+'],
            [3, 'A'],
          ],
        ],
        [
          [
            [1, 'b'],
            [2, 'B'],
          ],
        ],
      ],
      'a a+ b B A',
    ],
    [
      'no time in the next batch',
      [
        [[[1, 'a']], [[undefined, 'a+']]],
        [
          [
            [1, 'b'],
            [2, 'B'],
          ],
        ],
      ],
      'a a+ b B',
    ],
    [
      'no time at all',
      [
        [
          [
            [undefined, 'a'],
            [undefined, 'a+'],
          ],
        ],
        [[[1, 'b']]],
      ],
      'a a+ b',
    ],
    [
      'a clock that was set back',
      [
        [
          [
            [5, 'a5'],
            [1, 'a1'],
            [6, 'a6'],
          ],
        ],
        [
          [
            [2, 'b2'],
            [5, 'b5'],
          ],
        ],
      ],
      'b2 a5 a1 b5 a6',
    ],
    [
      'a time that is no number',
      [
        [
          [
            [1, 'a'],
            [NaN, 'a?'],
            [4, 'A'],
          ],
        ],
        [
          [
            [2, 'b'],
            [3, 'B'],
          ],
        ],
      ],
      'a a? b B A',
    ],
    [
      'empty batches',
      [
        [[], [[1, 'a']], []],
        [[], [], [[2, 'b']]],
      ],
      'a b',
    ],
    ['empty streams', [[], [[[1, 'a']]], []], 'a'],
    ['nothing but empty streams', [[], [[]]], ''],
    ['no streams', [], ''],
  ])('%s', async (_, streams, names) => {
    expect((await namesOf(mergeByTime(streams.map(streamOf)))).flat().join(' ')).toBe(names);
  });

  it('a single stream passes through, batch by batch', async () => {
    const batches: Line[][] = [
      [[2, 'a']],
      [],
      [
        [1, 'b'],
        [3, 'c'],
      ],
    ];
    expect(await namesOf(mergeByTime([streamOf(batches)]))).toEqual([['a'], [], ['b', 'c']]);
  });

  const batchesOf = fc.array(fc.array(fc.option(fc.nat(20), { nil: undefined }), { maxLength: 6 }), {
    maxLength: 6,
  });
  const named = fc
    .array(batchesOf, { minLength: 2, maxLength: 6 })
    .map((streams) =>
      streams.map((batches, stream) =>
        batches.map((batch, place) => batch.map((time, n): Line => [time, `${stream}/${place}.${n}`])),
      ),
    );

  it('every stream comes through whole and in its own order; without a time, right behind the one before', async () => {
    await fc.assert(
      fc.asyncProperty(named, async (streams) => {
        const merged = (await namesOf(mergeByTime(streams.map(streamOf)))).flat();
        for (const [stream, batches] of streams.entries()) {
          const own = batches.flat();
          expect(merged.filter((name) => name.startsWith(`${stream}/`))).toEqual(own.map(([, name]) => name));
          for (const [place, [time, name]] of own.entries()) {
            if (time !== undefined || place === 0) continue;
            expect(merged[merged.indexOf(name) - 1]).toBe(own[place - 1]?.[1]);
          }
        }
        expect(merged).toHaveLength(streams.flat(2).length);
      }),
    );
  });

  it('what is in order stays in order', async () => {
    const inOrder = fc.array(
      fc.array(fc.nat(1000)).map((times) => times.sort((a, b) => a - b)),
      { minLength: 2 },
    );
    await fc.assert(
      fc.asyncProperty(inOrder, fc.integer({ min: 1, max: 5 }), async (streams, size) => {
        const batched = streams.map((times) => {
          const lines = times.map((time): Line => [time, String(time)]);
          return Array.from({ length: Math.ceil(lines.length / size) }, (_, n) =>
            lines.slice(n * size, (n + 1) * size),
          );
        });
        const merged = (await namesOf(mergeByTime(batched.map(streamOf)))).flat().map(Number);
        expect(merged).toEqual(streams.flat().sort((a, b) => a - b));
      }),
    );
  });
});

describe('mergeByTime and streams that take their time', () => {
  it('gives what is merged before it waits for more', async () => {
    const slow = createSource();
    const merge = mergeByTime([
      slow.stream,
      streamOf([
        [
          [1, 'b1'],
          [2, 'b2'],
          [9, 'b9'],
        ],
      ]),
    ]);
    await slow.send([2, 'a2']);
    expect((await merge.next()).value).toMatchObject([{ message: 'b1' }, { message: 'a2' }]);
    await slow.send([3, 'a3']);
    await slow.end();
    expect(await namesOf(merge)).toEqual([['b2', 'a3'], ['b9']]);
  });

  it('asks a stream for no more than it can hold', async () => {
    const asked: number[] = [];
    async function* counted(stream: number): AsyncGenerator<readonly LogRecord[]> {
      for (let n = 0; n < 3; n += 1) {
        asked.push(stream);
        yield await Promise.resolve([recordOf([n * 10 + stream, `${stream}.${n}`])]);
      }
    }
    const merge = mergeByTime([counted(1), counted(2), counted(3)]);
    await merge.next();
    expect(asked).toEqual([1, 2, 3]);
    await merge.next();
    expect(asked).toEqual([1, 2, 3, 1]);
    await merge.return(undefined);
  });

  it('throws what a stream throws, after what was merged', async () => {
    const failing = createSource();
    const other = createSource();
    const merge = mergeByTime([failing.stream, other.stream]);
    await other.send([1, 'b1'], [5, 'b5']);
    await failing.send([2, 'a2']);
    expect((await merge.next()).value).toHaveLength(2);
    await failing.fail(new Error('the host is gone'));
    await expect(merge.next()).rejects.toThrow('the host is gone');
    await expect(other.closed).rejects.toBeUndefined();
    expect(await merge.next()).toEqual({ done: true, value: undefined });
  });

  it('throws at once what a stream throws while others have not begun', async () => {
    const failing = createSource();
    const silent = createSource();
    const merge = mergeByTime([silent.stream, failing.stream]);
    await failing.fail(new Error('no such file'));
    await expect(merge.next()).rejects.toThrow('no such file');
  });

  it('closes every stream that has not ended when nobody reads on', async () => {
    const closed: string[] = [];
    async function* watched(name: string, batches: readonly Line[][]): AsyncGenerator<readonly LogRecord[]> {
      try {
        yield* streamOf(batches);
      } finally {
        closed.push(name);
      }
    }
    const merge = mergeByTime([
      watched('a', [[[1, 'a']], [[4, 'A']]]),
      watched('b', [[[2, 'b']]]),
      watched('c', [[[3, 'c']]]),
    ]);
    for await (const batch of merge) {
      expect(batch).toHaveLength(1);
      break;
    }
    expect(closed.sort()).toEqual(['a', 'b', 'c']);
  });
});
