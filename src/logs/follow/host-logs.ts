import { createAssembler } from '../assemble.ts';
import { cursorOf } from '../formats/journal.ts';
import { createByteLines } from '../lines.ts';
import { parserOf } from '../parse.ts';
import type { LogRecord } from '../record.ts';
import type { FileFeed, JournalFeed, LogFeed } from '../sources.ts';
import { DcvopsError } from '../../errors.ts';
import { matchesGlob } from '../../inventory/glob.ts';
import type { Remote } from '../../ssh/remote.ts';
import { findTime } from './find-time.ts';
import { type JournalStart, type ReadStart, readJournal, readPart, watchFiles } from './host-scripts.ts';
import type { HostState } from './host-state.ts';
import { type ListedFile, type Listing, readListings } from './listing.ts';
import { createLogFollower } from './log-follower.ts';
import { type Mailbox, createMailbox } from './mailbox.ts';
import { type Part, bytesOf, endedOnHost, openPart } from './part.ts';
import { type PartReading, passThrough, readItems, recordSplitter } from './read-part.ts';
import { type LogFiles, type TrackedFile, isPacked, logsIn, newFile, newLog } from './tracking.ts';

/** Where the logs are to begin. */
export interface Beginning {
  /** With so many lines of each log; `all`: with its whole file, and when `sinceUs` is given, with all of that time. */
  readonly lines: number | 'all';
  /** Microseconds since 1970; rotated files are read as far as they reach into it. */
  readonly sinceUs: number | undefined;
}

export interface HostLogsOptions {
  readonly remote: Remote;
  readonly feeds: readonly LogFeed[];
  readonly state: HostState;
  readonly beginning: Beginning;
  /** Whether `follow` comes next: then a line without an end is not one yet. */
  readonly isFollowed: boolean;
  /** Longer lines are cut. */
  readonly maxLineBytes: number;
  /** See `recordSplitter`. */
  readonly keepBytes: boolean;
  /** What is not wanted does not count as one of the last lines. */
  readonly isWanted: ((record: LogRecord) => boolean) | undefined;
  readonly tell: (message: string) => void;
  /** See `FollowOptions`. */
  readonly windowBytes: number;
}

/** The logs of one host over one connection. */
export interface HostLogs {
  /**
   * What was written so far, a stream for each log, each in the log's own order. Empty when it was delivered over an
   * earlier connection.
   */
  readonly backlog: () => AsyncIterable<readonly LogRecord[]>[];
  /** The same as bytes that nobody looked at, where the host has one log only and everything of it is wanted. */
  readonly bytes: () => AsyncIterable<Uint8Array> | undefined;
  /**
   * Delivers what is written from now on, and what was written since the connection before was lost. Never resolves; when
   * it rejects, nothing is delivered any more, and the connection is closed.
   * @throws DcvopsError `unreachable` when the connection is lost
   */
  readonly follow: (deliver: (records: readonly LogRecord[]) => Promise<void>) => Promise<never>;
  /** Has the host stop. */
  readonly end: () => void;
}

type ReadPart<Item> = (part: Part, file: TrackedFile, how: PartReading) => AsyncIterable<Item>;

/** What is held of all logs of a host together where there are many, and of one at least. */
const ALL_PAGES_BYTES = 8 * 1024 * 1024;
const LEAST_PAGE_BYTES = 64 * 1024;
/** A packed file is unpacked from its beginning for each page. */
const PACKED_PAGE_BYTES = 4 * 1024 * 1024;
/** Beside the watch and one more channel for parts, so many files and journals are followed at once on a connection. */
const PLACES = 5;

/**
 * Looks which logs a host has.
 * @throws DcvopsError `unreachable`, or `failed` when the host does not understand
 */
export async function openHostLogs(options: HostLogsOptions): Promise<HostLogs> {
  const { feeds, state, beginning } = options;
  const { windowBytes } = options;
  const remote: Remote = {
    ...options.remote,
    follow: (script) => options.remote.follow(script, { windowBytes }),
  };
  const fileFeeds = feeds.filter((feed) => feed.kind === 'files');
  const journalFeeds = feeds.flatMap((feed, index) => (feed.kind === 'journal' ? [{ feed, index }] : []));
  if (journalFeeds.length > PLACES) {
    throw new DcvopsError(
      'failed',
      `${journalFeeds.length} journals at once; ${PLACES} are possible on one host`,
      {
        ...{ host: remote.name, hint: 'fewer of them: --source' },
      },
    );
  }
  const watch = await remote.follow(watchFiles(fileFeeds.map(({ pattern }) => pattern)));
  const listings: AsyncIterator<Listing, undefined> = readListings(watch.stdout);
  const first = await nextListing().catch((error: unknown) => {
    watch.end();
    throw error;
  });
  const isFirst = state.startedAt === undefined;
  state.startedAt ??= first.startedAt;
  const startedUs = state.startedAt * 1_000_000;
  const context: { utcOffsetMinutes: number } = { utcOffsetMinutes: first.utcOffsetMinutes };
  const here = fileFeeds.flatMap((feed) =>
    [...logsOf(feed, first)].map(([path, log]) => ({ feed, path, log })),
  );
  const inPages = here.length + journalFeeds.length > PLACES;
  for (const name of first.refused) tell(`${name} is no plain file and is not read`);

  return {
    backlog,
    bytes,
    follow,
    end: () => {
      watch.end();
    },
  };

  async function nextListing(): Promise<Listing> {
    const { value, done } = await listings.next();
    if (done !== true) return value;
    const { code, stderr } = await watch.finished;
    throw endedOnHost(remote.name, 'list the logs', code, stderr);
  }

  /** Once for each host, however often it is lost. */
  function tell(message: string): void {
    if (!state.told.has(message)) options.tell(message);
    state.told.add(message);
  }

  function backlog(): AsyncIterable<readonly LogRecord[]>[] {
    if (!isFirst) return [];
    const files = here.map(({ feed, path, log }) => readLog(feed, path, log, read(feed, path)));
    return [...files, ...journalFeeds.map(({ feed, index }) => journalBacklog(feed, index))].map(lastOnes);
  }

  function bytes(): AsyncIterable<Uint8Array> | undefined {
    const [only, ...others] = here;
    if (only === undefined || others.length + journalFeeds.length > 0 || options.isWanted !== undefined)
      return undefined;
    return readLog(only.feed, only.path, only.log, (part, file, how) =>
      readItems(part, file, passThrough(), how),
    );
  }

  /** Where only some records are wanted, the last lines are counted among those. */
  function lastOnes(records: AsyncIterable<readonly LogRecord[]>): AsyncIterable<readonly LogRecord[]> {
    const { isWanted } = options;
    if (isWanted === undefined) return records;
    return lastWanted(records, isWanted, beginning.lines);
  }

  /** What a log holds, from where it is to begin up to where it ends now. */
  async function* readLog<Item>(
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
      const isOver = listed !== current || !options.isFollowed;
      for await (const { part, isFirstPart, isLast } of partsOf(
        listed,
        tracked,
        await startOf(feed, listed),
      )) {
        yield* readPartOf(part, tracked, { isFinal: isLast && isOver, skipsToLine: isFirstPart });
      }
    }
  }

  /**
   * The parts that a file is read in: as a rule one. Where a host has more logs than channels, pages that are taken at once:
   * what is merged waits for all logs, and none of them may hold a channel meanwhile.
   */
  async function* partsOf(
    listed: ListedFile,
    tracked: TrackedFile,
    start: ReadStart,
  ): AsyncGenerator<{ part: Part; isFirstPart: boolean; isLast: boolean }> {
    const { path, id } = listed;
    const end = isPacked(path) ? undefined : listed.size;
    if (!inPages) {
      const part = await openPart(remote, readPart(path, id, start, end));
      if (part === undefined) tell(`${path} was renamed while it was opened; what it held is left out`);
      else yield { part, isFirstPart: true, isLast: true };
      return;
    }
    const least = isPacked(path) ? PACKED_PAGE_BYTES : LEAST_PAGE_BYTES;
    const usual = Math.max(least, Math.floor(ALL_PAGES_BYTES / here.length));
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
    return isCounted && (options.isWanted === undefined || lines === 0)
      ? { kind: 'lines', count: lines }
      : { kind: 'byte', offset: 0 };
  }

  async function* journalBacklog(feed: JournalFeed, index: number): AsyncGenerator<readonly LogRecord[]> {
    yield* readEntries(feed, index, journalStart(), false);
    state.readJournals.add(index);
  }

  function journalStart(): JournalStart {
    const { sinceUs, lines } = beginning;
    if (sinceUs !== undefined) return { kind: 'time', seconds: Math.floor(sinceUs / 1_000_000) };
    return { kind: 'lines', count: options.isWanted === undefined || lines === 0 ? lines : 'all' };
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
      maxLineBytes: options.maxLineBytes,
      encoding: options.keepBytes ? 'latin1' : 'utf8',
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

  /** How records are made of the parts of one log; entries of several lines may go over the parts' ends. */
  function read(feed: FileFeed, path: string): ReadPart<readonly LogRecord[]> {
    const assembler = createAssembler({
      ...{ format: feed.format, host: remote.name, source: feed.source, file: path, context },
    });
    const { maxLineBytes, keepBytes } = options;
    return (part, file, how) =>
      readItems(part, file, recordSplitter({ assembler, maxLineBytes, keepBytes }), how);
  }

  async function follow(deliver: (records: readonly LogRecord[]) => Promise<void>): Promise<never> {
    const places = createPlaces(Math.max(1, PLACES - journalFeeds.length));
    const mailboxes = new Map<string, Mailbox<LogFiles>>();
    const working: Promise<void>[] = [];
    const settling: (() => Promise<void>)[] = [];
    let fail: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    failed.catch(() => undefined);

    const mailboxOf = (feed: FileFeed, path: string): Mailbox<LogFiles> => {
      const known = mailboxes.get(path);
      if (known !== undefined) return known;
      const mailbox = createMailbox<LogFiles>();
      mailboxes.set(path, mailbox);
      const log = state.logs.get(path) ?? newLog(path, startedUs);
      state.logs.set(path, log);
      const follower = createLogFollower({
        ...{ remote, log, read: read(feed, path), deliver, tell, places },
        afterLoss: !isFirst,
      });
      follower.failed.catch(fail);
      settling.push(follower.settled);
      const work = async (): Promise<void> => {
        for await (const files of mailbox.values) {
          await follower.look(files).catch((error: unknown) => {
            // one log that cannot be read does not end the others, and is tried again
            if (!(error instanceof DcvopsError) || error.code !== 'failed') throw error;
            tell(error.message);
          });
        }
      };
      working.push(work().catch(fail));
      return mailbox;
    };

    for (const { feed, index } of journalFeeds) working.push(followJournal(feed, index, deliver).catch(fail));
    const look = (listing: Listing): void => {
      for (const feed of fileFeeds) {
        const logs = logsOf(feed, listing);
        for (const [path, files] of logs) mailboxOf(feed, path).put(files);
        for (const path of state.logs.keys()) {
          if (!logs.has(path) && matchesPath(feed.pattern, path)) mailboxOf(feed, path).put(NOTHING);
        }
      }
    };
    const watchOn = async (): Promise<never> => {
      look(first);
      for (;;) look(await nextListing());
    };
    try {
      return await Promise.race([failed, watchOn()]);
    } finally {
      // whoever takes these logs up again begins behind the last byte that was delivered: nothing may move on here
      remote.close();
      for (const mailbox of mailboxes.values()) mailbox.close();
      await Promise.all(working);
      await Promise.all(settling.map((settled) => settled()));
    }
  }

  async function followJournal(
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

  function logsOf(feed: FileFeed, listing: Listing): Map<string, LogFiles> {
    const newest = listing.files.reduce<ListedFile | undefined>(
      (last, file) => (last === undefined || file.mtimeUs > last.mtimeUs ? file : last),
      undefined,
    );
    if (newest !== undefined) context.utcOffsetMinutes = newest.utcOffsetMinutes;
    return logsIn(listing.files, (path) => matchesPath(feed.pattern, path));
  }
}

/** A log that is not there any more. */
const NOTHING: LogFiles = { current: undefined, rotated: [] };

/** A star stands for a part of a name, never for a folder. */
function matchesPath(pattern: string, path: string): boolean {
  const globs = pattern.split('/');
  const names = path.split('/');
  return globs.length === names.length && globs.every((glob, index) => matchesGlob(glob, names[index] ?? ''));
}

/** A program that never ends by itself was ended. */
const SIGNALLED = 129;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

function createPlaces(count: number): { take: () => boolean; giveBack: () => void } {
  let free = count;
  return {
    take: () => free > 0 && free-- > 0,
    giveBack: () => {
      free++;
    },
  };
}

/** The last so many of the wanted records, in one batch; all of them as they come. */
async function* lastWanted(
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
