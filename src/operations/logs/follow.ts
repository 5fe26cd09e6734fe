import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { DcvopsError } from '../../errors.ts';
import type { Host } from '../../inventory/types.ts';
import { type HostLogs, type HostLogsOptions, openHostLogs } from '../../logs/follow/host-logs.ts';
import { type Beginning, type HostState, newHostState } from '../../logs/follow/host-state.ts';
import { type LogStream, mergeByTime } from '../../logs/merge.ts';
import type { LogRecord } from '../../logs/record.ts';
import type { LogFeed } from '../../logs/sources.ts';
import type { Emit } from '../../report/events.ts';
import { formatDuration } from '../../report/quantity.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';

export interface LogsContext {
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** How many hosts are connected to at once. */
  readonly concurrency: number;
}

/** A host, and what is wanted of it. */
export interface HostFeeds {
  readonly host: Host;
  readonly feeds: readonly LogFeed[];
}

export interface LogsOptions {
  readonly beginning: Beginning;
  /** What is not wanted is not delivered. */
  readonly isWanted: ((record: LogRecord) => boolean) | undefined;
  /** Longer lines are cut. */
  readonly maxLineBytes: number;
  /** Whether the lines are to be written as they came, byte by byte; see `recordSplitter`. */
  readonly keepBytes: boolean;
}

/** How logs are read that are looked at: what a person or a program that parses gets of a line is long enough. */
export const FOR_READING = {
  maxLineBytes: 256 * 1024,
  keepBytes: false,
} as const satisfies Partial<LogsOptions>;

/** Takes records; resolves when more may come, which holds up hosts that are faster than their reader. */
export type Deliver = (records: readonly LogRecord[]) => Promise<void>;

/** Takes bytes that are whole lines, as `Deliver` takes records. */
export type PassOn = (bytes: Uint8Array) => Promise<void>;

/**
 * Delivers what the hosts' logs hold, in the order of time over all hosts. A host that fails does not stop the others.
 * @param passOn for whoever wants the lines as they are: a single log is passed on without being read
 */
export async function readLogs(
  context: LogsContext,
  hosts: readonly HostFeeds[],
  options: LogsOptions,
  deliver: Deliver,
  passOn?: PassOn,
): Promise<void> {
  const atOnce = pLimit(context.concurrency);
  const opened = await Promise.all(
    hosts.map(({ host, feeds }) =>
      atOnce(async () => {
        try {
          const logs = await open(context, host, feeds, newHostState(), {
            ...options,
            ...{ isFollowed: false, windowBytes: windowFor(hosts.length) },
          });
          return { host, logs };
        } catch (error) {
          context.emit(outcomeOf(error, host.name));
          return undefined;
        }
      }),
    ),
  );
  const reached = opened.filter((one) => one !== undefined);
  const [only] = reached;
  const bytes = passOn === undefined || reached.length > 1 ? undefined : only?.logs.bytes();
  if (passOn !== undefined && bytes !== undefined && only !== undefined) {
    await passAllOn(bytes, passOn).catch((error: unknown) => {
      context.emit(outcomeOf(error, only.host.name));
    });
  } else {
    await deliverAll(mergeByTime(reached.flatMap((one) => backlogOf(one, context.emit))), options, deliver);
  }
  for (const { logs } of reached) logs.end();
}

/** What a host's logs hold; where reading fails, the host's failure is told once and what came before is kept. */
function backlogOf({ host, logs }: { host: Host; logs: HostLogs }, emit: Emit): LogStream[] {
  let told = false;
  return logs.backlog().map((stream) =>
    untilItFails(stream, (error) => {
      if (!told) emit(outcomeOf(error, host.name));
      told = true;
    }),
  );
}

async function passAllOn(blocks: AsyncIterable<Uint8Array>, passOn: PassOn): Promise<void> {
  for await (const block of blocks) await passOn(block);
}

/** What hosts may have sent all together before it is read. */
const ON_THE_WAY_BYTES = 4 * 1024 * 1024;

/** Of one log of one host; a window of 2 MiB is what a line of 100 ms needs for 20 MB/s. */
function windowFor(hosts: number): number {
  return Math.min(2 * 1024 * 1024, Math.max(64 * 1024, Math.floor(ON_THE_WAY_BYTES / hosts)));
}

/** How long the backlog waits for hosts that are slower than the first. */
const GRACE_MS = 2_000;
/** Before a lost host is tried again: at first, and at most; each time twice as long, more or less. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A host that was followed for so long is lost for the first time again. */
const SETTLED_MS = 10_000;
/** A host that boots refuses logins for a while (pam_nologin); one that goes on refusing is given up. */
const REFUSING_MS = 3 * 60_000;

/**
 * Delivers what the hosts' logs hold, in the order of time, and then what is written to them, as it comes, until the
 * signal. A host that is lost is told of once and tried again for as long as it takes; where nobody may log in, it is
 * given up. Resolves when all hosts were given up, or at the signal.
 */
export async function followLogs(
  context: LogsContext,
  hosts: readonly HostFeeds[],
  options: LogsOptions,
  deliver: Deliver,
): Promise<void> {
  const windowBytes = windowFor(hosts.length);
  const wanted: Deliver = (records) => deliverWanted(records, options, deliver);
  const opening = createOpening(hosts.length, async (streams) => {
    await deliverAll(mergeByTime(streams), options, deliver);
  });
  const atOnce = pLimit(context.concurrency);
  const connecting: LogsContext = { ...context, connect: (host) => atOnce(() => context.connect(host)) };
  await Promise.all(hosts.map((one) => followHost(connecting, one, options, opening, wanted, windowBytes)));
}

async function followHost(
  context: LogsContext,
  { host, feeds }: HostFeeds,
  options: LogsOptions,
  opening: Opening,
  deliver: Deliver,
  windowBytes: number,
): Promise<void> {
  const { emit, signal } = context;
  const state = newHostState();
  let lostAt: number | undefined;
  let waitMs = FIRST_WAIT_MS;
  let openedAt: number | undefined;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    let logs: HostLogs | undefined;
    try {
      logs = await open(context, host, feeds, state, { ...options, isFollowed: true, windowBytes });
      if (lostAt !== undefined) {
        const away = formatDuration(performance.now() - lostAt);
        emit({ type: 'note', level: 'info', host: host.name, message: `back after ${away}` });
      }
      lostAt = undefined;
      openedAt = performance.now();
      await opening.join(logs.backlog());
      await logs.follow(deliver);
    } catch (error) {
      logs?.end();
      opening.leave(host.name);
      if (isOver()) return;
      const now = performance.now();
      const refusedFor = lostAt === undefined ? 0 : now - lostAt;
      if (!mayComeBack(error, openedAt !== undefined && refusedFor < REFUSING_MS)) {
        emit(outcomeOf(error, host.name));
        return;
      }
      if (logs !== undefined && now - (openedAt ?? now) > SETTLED_MS) waitMs = FIRST_WAIT_MS;
      if (lostAt === undefined) {
        const message = `${error.message}; trying again`;
        emit({ type: 'note', level: 'warning', host: host.name, message, ...hintOf(error) });
      }
      lostAt ??= now;
      await delay(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }
}

function mayComeBack(error: unknown, mayRefuse: boolean): error is DcvopsError {
  if (!(error instanceof DcvopsError)) return false;
  return error.code === 'unreachable' || (mayRefuse && (error.code === 'login' || error.code === 'sudo'));
}

function hintOf({ hint }: DcvopsError): { hint?: string } {
  return hint === undefined ? {} : { hint };
}

async function open(
  { connect, emit }: LogsContext,
  host: Host,
  feeds: readonly LogFeed[],
  state: HostState,
  options: LogsOptions & Pick<HostLogsOptions, 'isFollowed' | 'windowBytes'>,
): Promise<HostLogs> {
  const remote = await connect(host);
  return openHostLogs({
    ...{ remote, feeds, state, ...options },
    tell(message) {
      emit({ type: 'note', level: 'warning', host: host.name, message });
    },
  });
}

async function deliverAll(
  batches: AsyncIterable<readonly LogRecord[]>,
  options: LogsOptions,
  deliver: Deliver,
): Promise<void> {
  for await (const records of batches) await deliverWanted(records, options, deliver);
}

async function deliverWanted(
  records: readonly LogRecord[],
  { isWanted }: LogsOptions,
  deliver: Deliver,
): Promise<void> {
  const wanted = isWanted === undefined ? records : records.filter(isWanted);
  if (wanted.length > 0) await deliver(wanted);
}

/** Ends a stream where it fails, so that the others it is merged with go on. */
async function* untilItFails(
  stream: LogStream,
  failed: (error: unknown) => void,
): AsyncGenerator<readonly LogRecord[]> {
  try {
    yield* stream;
  } catch (error) {
    failed(error);
  }
}

/** Hosts that begin at about the same time, so that their backlogs become one. */
interface Opening {
  /**
   * Resolves when what these streams hold is delivered: with those of the hosts that were there in time, or by itself for
   * one that comes later. Rejects when one of them failed.
   */
  readonly join: (streams: readonly LogStream[]) => Promise<void>;
  /** This host is not waited for. */
  readonly leave: (host: string) => void;
}

function createOpening(hosts: number, deliver: (streams: readonly LogStream[]) => Promise<void>): Opening {
  let gathered: LogStream[] = [];
  let joined = 0;
  const left = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let start: () => void = () => undefined;
  let begun = false;
  const together = new Promise<void>((resolve) => {
    start = () => {
      if (begun) return;
      begun = true;
      clearTimeout(timer);
      resolve(deliver(gathered));
    };
  });
  together.catch(() => undefined);
  const startWhenComplete = (): void => {
    if (joined > 0 && joined + left.size >= hosts) start();
  };
  return {
    async join(streams) {
      if (streams.length === 0 && begun) return;
      let failure: { readonly error: unknown } | undefined;
      const own = streams.map((stream) =>
        untilItFails(stream, (error) => {
          failure ??= { error };
        }),
      );
      if (begun) {
        await deliver(own);
      } else {
        gathered = [...gathered, ...own];
        joined++;
        timer ??= setTimeout(start, GRACE_MS);
        startWhenComplete();
        await together;
      }
      if (failure !== undefined) throw failure.error;
    },
    leave(host) {
      left.add(host);
      startWhenComplete();
    },
  };
}
