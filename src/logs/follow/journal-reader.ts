import { createAssembler } from '../assemble.ts';
import { cursorOf } from '../formats/journal.ts';
import { createByteLines } from '../lines.ts';
import type { LogRecord, ParseContext } from '../record.ts';
import type { JournalFeed } from '../sources.ts';
import type { Remote } from '../../ssh/remote.ts';
import { type JournalStart, readJournal } from './host-scripts.ts';
import type { Beginning, HostState } from './host-state.ts';
import { endedOnHost } from './part.ts';

/** What reading journals takes. */
export interface JournalReading {
  readonly remote: Remote;
  /** Gets the cursors, by the index of the feed. */
  readonly state: HostState;
  readonly beginning: Beginning;
  readonly context: ParseContext;
  /** Whether only some records are wanted, so that nobody knows which entries are the last of them. */
  readonly isFiltered: boolean;
  readonly maxLineBytes: number;
  /** See `recordSplitter`. */
  readonly keepBytes: boolean;
  readonly tell: (message: string) => void;
}

/** The journals of one host. */
export interface JournalReader {
  /** What was written so far. */
  readonly backlog: (feed: JournalFeed, index: number) => AsyncGenerator<readonly LogRecord[]>;
  /** Delivers what is written from where the journal was delivered to. Resolves where there is no journal. */
  readonly follow: (
    feed: JournalFeed,
    index: number,
    deliver: (records: readonly LogRecord[]) => Promise<void>,
  ) => Promise<void>;
}

/** A program that never ends by itself was ended. */
const SIGNALLED = 129;

export function createJournalReader(reading: JournalReading): JournalReader {
  const { remote, state, beginning, context, tell } = reading;
  return { backlog, follow };

  async function* backlog(feed: JournalFeed, index: number): AsyncGenerator<readonly LogRecord[]> {
    yield* readEntries(feed, index, journalStart(), false);
    state.readJournals.add(index);
  }

  function journalStart(): JournalStart {
    const { sinceUs, lines } = beginning;
    if (sinceUs !== undefined) return { kind: 'time', seconds: Math.floor(sinceUs / 1_000_000) };
    return { kind: 'lines', count: !reading.isFiltered || lines === 0 ? lines : 'all' };
  }

  /** The entries of a journal; the cursor moves over a batch when the next one is asked for. */
  async function* readEntries(
    feed: JournalFeed,
    index: number,
    start: JournalStart,
    isFollowed: boolean,
  ): AsyncGenerator<readonly LogRecord[]> {
    const following = await remote.follow(readJournal(feed.matches, start, isFollowed));
    const splitter = createByteLines({
      maxLineBytes: reading.maxLineBytes,
      encoding: reading.keepBytes ? 'latin1' : 'utf8',
    });
    const assembler = createAssembler({
      ...{ format: 'journal', host: remote.name, source: feed.source, file: undefined, context },
    });
    for await (const chunk of following.stdout) {
      const { lines } = splitter.push(chunk);
      const records = assembler.take(lines);
      if (records.length > 0) yield records;
      const cursor = cursorOf(lines.at(-1) ?? '');
      if (cursor !== undefined) state.cursors.set(index, cursor);
    }
    const { code, stderr } = await following.finished;
    if (code === 127) tell('there is no journal on this host (no journalctl)');
    else if (code !== 0) throw endedOnHost(remote.name, 'read the journal', code, stderr);
    else if (isFollowed) throw endedOnHost(remote.name, 'follow the journal', SIGNALLED, '');
  }

  async function follow(
    feed: JournalFeed,
    index: number,
    deliver: (records: readonly LogRecord[]) => Promise<void>,
  ): Promise<void> {
    const cursor = state.cursors.get(index);
    const start: JournalStart =
      cursor !== undefined
        ? { kind: 'cursor', cursor }
        : state.readJournals.has(index)
          ? { kind: 'time', seconds: state.startedAt ?? 0 }
          : journalStart();
    for await (const records of readEntries(feed, index, start, true)) await deliver(records);
  }
}
