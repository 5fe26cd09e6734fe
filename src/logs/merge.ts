import type { LogRecord } from './record.ts';

/** Records in the order of their log, as many as came at once. */
export type LogStream = AsyncIterable<readonly LogRecord[]>;

/**
 * Merges logs by time, the earliest record first; of equal times, the first stream's. Every stream keeps its own order:
 * a record that tells no time goes right behind the one before it, and one whose time goes backwards counts as if it had
 * the latest time so far. At most one batch of each stream is held, and what is merged is given before any stream is
 * waited for. One stream passes through as it is.
 *
 * What a stream throws is thrown when its records are needed next: all that was merged until then has been given, what is
 * held of the other streams has not. However the merge ends, it closes the streams (what goes wrong with that is not told);
 * one that is being waited for is told to close, and no longer waited for.
 */
export async function* mergeByTime(streams: readonly LogStream[]): AsyncGenerator<readonly LogRecord[]> {
  const [only, ...others] = streams;
  if (only !== undefined && others.length === 0) {
    yield* only;
    return;
  }
  const inputs = streams.map(open);
  try {
    await Promise.all(inputs.map(refill));
    for (;;) {
      const { merged, exhausted } = takeUntilExhausted(inputs.filter(({ state }) => state !== 'ended'));
      if (merged.length > 0) yield merged;
      if (exhausted === undefined) return;
      await refill(exhausted);
    }
  } finally {
    await Promise.all(inputs.map(close));
  }
}

/** A stream and the batch of it that is held. */
interface Input {
  readonly iterator: AsyncIterator<readonly LogRecord[]>;
  batch: readonly LogRecord[];
  /** Where in the batch the next record is. */
  next: number;
  /** Where in time the next record goes: not before any that its stream had. */
  key: number;
  state: 'idle' | 'awaited' | 'ended';
}

function open(stream: LogStream): Input {
  return { iterator: stream[Symbol.asyncIterator](), batch: [], next: 0, key: -Infinity, state: 'idle' };
}

/** Waits for records, or for the stream's end. */
async function refill(input: Input): Promise<void> {
  let result: IteratorResult<readonly LogRecord[], unknown>;
  do {
    input.state = 'awaited';
    result = await input.iterator.next();
    input.state = result.done === true ? 'ended' : 'idle';
  } while (result.done !== true && result.value.length === 0);
  if (result.done === true) return;
  input.batch = result.value;
  input.next = 0;
  input.key = keyOf(input.batch[0], input.key);
}

async function close({ iterator, state }: Input): Promise<void> {
  if (state === 'ended') return;
  const closed = Promise.resolve(iterator.return?.()).catch(() => undefined);
  if (state === 'idle') await closed;
}

/**
 * Takes records, earliest first, until one of the inputs has none left, which may be followed by any: it is returned, or
 * undefined where there are no inputs. Each input has a record at the start.
 */
function takeUntilExhausted(inputs: readonly Input[]): {
  readonly merged: readonly LogRecord[];
  readonly exhausted: Input | undefined;
} {
  const merged: LogRecord[] = [];
  for (;;) {
    const { first, second } = earliestTwo(inputs);
    if (first === undefined) return { merged, exhausted: undefined };
    const limit = second?.key ?? Infinity;
    const turn = first.key;
    while (first.key === turn || first.key < limit) {
      const record = first.batch[first.next];
      if (record === undefined) return { merged, exhausted: first };
      merged.push(record);
      first.next += 1;
      first.key = keyOf(first.batch[first.next], first.key);
    }
  }
}

/** A scan: there are some dozens of streams, and most often an input has several records before it is another's turn. */
function earliestTwo(inputs: readonly Input[]): {
  readonly first: Input | undefined;
  readonly second: Input | undefined;
} {
  let first: Input | undefined;
  let second: Input | undefined;
  for (const input of inputs) {
    if (first === undefined || input.key < first.key) {
      second = first;
      first = input;
    } else if (second === undefined || input.key < second.key) {
      second = input;
    }
  }
  return { first, second };
}

/** The latest time so far. */
function keyOf(record: LogRecord | undefined, before: number): number {
  const timeUs = record?.timeUs;
  return timeUs !== undefined && timeUs > before ? timeUs : before;
}
