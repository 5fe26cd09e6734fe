import { parserOf } from '../parse.ts';
import type { LogRecord, ParseContext } from '../record.ts';
import type { FileFeed } from '../sources.ts';
import type { Remote } from '../../ssh/remote.ts';
import { findTime } from './find-time.ts';
import { type ReadStart, readPart } from './host-scripts.ts';
import type { Beginning, HostState } from './host-state.ts';
import type { ListedFile } from './listing.ts';
import { type Part, bytesOf, openPart } from './part.ts';
import type { PartReading } from './read-part.ts';
import { type LogFiles, type TrackedFile, isPacked, newFile, newLog } from './tracking.ts';

/** What reading what was written so far takes. */
export interface BacklogReading {
  readonly remote: Remote;
  /** Gets the logs and how far they were delivered. */
  readonly state: HostState;
  readonly beginning: Beginning;
  readonly context: ParseContext;
  /** By the host's clock. */
  readonly startedUs: number;
  /** Whether the logs are followed afterwards: then a line without an end is not one yet. */
  readonly isFollowed: boolean;
  /** Whether only some records are wanted, so that nobody knows which lines are the last of them. */
  readonly isFiltered: boolean;
  /**
   * Where a host has more logs than channels: what is held of each. What is merged waits for all logs, and none of them may
   * hold a channel meanwhile. Undefined: each log is read in one go.
   */
  readonly pageBytes: number | undefined;
  readonly tell: (message: string) => void;
}

/** Makes items of a part; see `readItems`. */
export type ReadPart<Item> = (part: Part, file: TrackedFile, how: PartReading) => AsyncIterable<Item>;

/** Reads what a log holds, from where it is to begin up to where it ends now. */
export type ReadBacklog = <Item>(
  feed: FileFeed,
  path: string,
  files: LogFiles,
  readPartOf: ReadPart<Item>,
) => AsyncGenerator<Item>;

/** Lines are not much longer, as a rule. */
const LEAST_PAGE_BYTES = 64 * 1024;
/** A packed file is unpacked from its beginning for each page. */
const PACKED_PAGE_BYTES = 4 * 1024 * 1024;

/** Reads logs of one host. */
export function createBacklogReader(reading: BacklogReading): ReadBacklog {
  const { remote, state, beginning, context, startedUs, tell } = reading;

  return async function* readBacklog<Item>(
    feed: FileFeed,
    path: string,
    { current, rotated }: LogFiles,
    readPartOf: ReadPart<Item>,
  ): AsyncGenerator<Item> {
    const { sinceUs } = beginning;
    const log = newLog(path, startedUs);
    state.logs.set(path, log);
    // an older file than that is none of what is asked for, and is followed from its end
    const isInTime = ({ mtimeUs }: ListedFile): boolean => sinceUs !== undefined && mtimeUs >= sinceUs;
    for (const { id } of rotated.filter((file) => !isInTime(file))) log.old.add(id);
    const files = [...rotated.filter(isInTime), ...(current === undefined ? [] : [current])];
    const wanted = files.filter((file) => sinceUs === undefined || isInTime(file));
    // should the connection be lost before a file is read: it is read whole then, or followed from its end
    const unread = (file: ListedFile): number =>
      wanted.includes(file) && (sinceUs !== undefined || beginning.lines === 'all') ? 0 : file.size;
    log.files = files.map((listed) => newFile(listed, unread(listed))).reverse();
    for (const listed of wanted) {
      const tracked = log.files.find(({ id }) => id === listed.id);
      if (tracked === undefined) continue;
      const isOver = listed !== current || !reading.isFollowed;
      for await (const { part, isFirstPart, isLast } of partsOf(
        listed,
        tracked,
        await startOf(feed, listed),
      )) {
        yield* readPartOf(part, tracked, { isFinal: isLast && isOver, skipsToLine: isFirstPart });
      }
    }
  };

  /** The parts that a file is read in: one, or pages. */
  async function* partsOf(
    listed: ListedFile,
    tracked: TrackedFile,
    start: ReadStart,
  ): AsyncGenerator<{ part: Part; isFirstPart: boolean; isLast: boolean }> {
    const { path, id } = listed;
    const end = isPacked(path) ? undefined : listed.size;
    if (reading.pageBytes === undefined) {
      const part = await openPart(remote, readPart(path, id, start, end));
      if (part === undefined) tell(`${path} was renamed while it was opened; what it held is left out`);
      else yield { part, isFirstPart: true, isLast: true };
      return;
    }
    const least = isPacked(path) ? PACKED_PAGE_BYTES : LEAST_PAGE_BYTES;
    const usual = Math.max(least, Math.floor(reading.pageBytes));
    let pageBytes = usual;
    for (let next = start; ; next = { kind: 'byte', offset: tracked.offset }) {
      const to = next.kind === 'byte' ? Math.min(next.offset + pageBytes, end ?? Infinity) : end;
      const part = await openPart(remote, readPart(path, id, next, to));
      if (part === undefined) return;
      const page = await bytesOf(part);
      const isLast = to === end || (end === undefined && page.length < pageBytes);
      yield { part: { ...part, bytes: once(page) }, isFirstPart: next === start, isLast };
      if (isLast) return;
      // a line that is longer than a page
      pageBytes = tracked.offset > part.from ? usual : pageBytes * 2;
    }
  }

  async function startOf(feed: FileFeed, listed: ListedFile): Promise<ReadStart> {
    const { sinceUs, lines } = beginning;
    if (sinceUs !== undefined && !isPacked(listed.path)) {
      const parse = parserOf(feed.format);
      const offset = await findTime(
        listed.size,
        sinceUs,
        async (from, bytes) => {
          const start = { kind: 'byte', offset: from } as const;
          const part = await openPart(remote, readPart(listed.path, listed.id, start, from + bytes));
          return part === undefined ? '' : (await bytesOf(part)).toString('latin1');
        },
        (line) => parse(line, context)?.timeUs,
      );
      return { kind: 'byte', offset };
    }
    const isCounted = lines !== 'all' && sinceUs === undefined;
    // lines that are not wanted do not count, so all are looked at; none is none in any case
    return isCounted && (!reading.isFiltered || lines === 0)
      ? { kind: 'lines', count: lines }
      : { kind: 'byte', offset: 0 };
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** The last so many of the wanted records, in one batch; all of them as they come. */
export async function* lastWanted(
  batches: AsyncIterable<readonly LogRecord[]>,
  isWanted: (record: LogRecord) => boolean,
  count: number | 'all',
): AsyncGenerator<readonly LogRecord[]> {
  let last: LogRecord[] = [];
  try {
    for await (const batch of batches) {
      const wanted = batch.filter(isWanted);
      if (count === 'all') yield wanted;
      else if (count > 0) last = [...last, ...wanted].slice(-count);
    }
  } finally {
    if (last.length > 0) yield last;
  }
}
