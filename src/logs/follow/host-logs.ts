import { createAssembler } from '../assemble.ts';
import type { LogRecord } from '../record.ts';
import type { FileFeed, LogFeed } from '../sources.ts';
import { DcvopsError } from '../../errors.ts';
import { matchesGlob } from '../../inventory/glob.ts';
import type { Remote } from '../../ssh/remote.ts';
import { type ReadPart, createBacklogReader, lastWanted } from './backlog.ts';
import { watchFiles } from './host-scripts.ts';
import type { Beginning, HostState } from './host-state.ts';
import { createJournalReader } from './journal-reader.ts';
import { type ListedFile, type Listing, readListings } from './listing.ts';
import { createLogFollower } from './log-follower.ts';
import { type Mailbox, createMailbox } from './mailbox.ts';
import { endedOnHost } from './part.ts';
import { passThrough, readItems, recordSplitter } from './read-part.ts';
import { type LogFiles, logsIn, newLog } from './tracking.ts';

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

/** What is held of all logs of a host together where there are many. */
const ALL_PAGES_BYTES = 8 * 1024 * 1024;
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
  // a log that two sources name is read once
  const here = [
    ...new Map(
      fileFeeds.flatMap((feed) => [...logsOf(feed, first)].map(([path, log]) => [path, { feed, path, log }])),
    ).values(),
  ];
  for (const name of first.refused) tellOnce(`${name} is no plain file and is not read`);
  const readBacklog = createBacklogReader({
    ...{ remote, state, beginning, context, startedUs, tell: options.tell },
    ...{ isFollowed: options.isFollowed, isFiltered: options.isWanted !== undefined },
    pageBytes: here.length + journalFeeds.length > PLACES ? ALL_PAGES_BYTES / here.length : undefined,
  });
  const journal = createJournalReader({
    ...{ remote, state, beginning, context, isFiltered: options.isWanted !== undefined },
    ...{ maxLineBytes: options.maxLineBytes, keepBytes: options.keepBytes, tell: tellOnce },
  });

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
  function tellOnce(message: string): void {
    if (!state.told.has(message)) options.tell(message);
    state.told.add(message);
  }

  function backlog(): AsyncIterable<readonly LogRecord[]>[] {
    if (!isFirst) return [];
    const files = here.map(({ feed, path, log }) => readBacklog(feed, path, log, read(feed, path)));
    const journals = journalFeeds.map(({ feed, index }) => journal.backlog(feed, index));
    const { isWanted } = options;
    // where only some records are wanted, the last lines are counted among those
    return [...files, ...journals].map((records) =>
      isWanted === undefined ? records : lastWanted(records, isWanted, beginning.lines),
    );
  }

  function bytes(): AsyncIterable<Uint8Array> | undefined {
    const [only, ...others] = here;
    if (only === undefined || others.length + journalFeeds.length > 0 || options.isWanted !== undefined)
      return undefined;
    return readBacklog(only.feed, only.path, only.log, (part, file, how) =>
      readItems(part, file, passThrough(), how),
    );
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
        ...{ remote, log, read: read(feed, path), deliver, tell: options.tell, places },
        afterLoss: !isFirst,
      });
      follower.failed.catch(fail);
      settling.push(follower.settled);
      const work = async (): Promise<void> => {
        for await (const files of mailbox.values) {
          await follower.look(files).catch((error: unknown) => {
            // one log that cannot be read does not end the others, and is tried again
            if (!(error instanceof DcvopsError) || error.code !== 'failed') throw error;
            tellOnce(error.message);
          });
        }
      };
      working.push(work().catch(fail));
      return mailbox;
    };

    for (const { feed, index } of journalFeeds)
      working.push(journal.follow(feed, index, deliver).catch(fail));
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

function createPlaces(count: number): { take: () => boolean; giveBack: () => void } {
  let free = count;
  return {
    take: () => free > 0 && free-- > 0,
    giveBack: () => {
      free++;
    },
  };
}
