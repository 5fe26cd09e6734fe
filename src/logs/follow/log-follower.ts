import type { LogRecord } from '../record.ts';
import { DcvopsError } from '../../errors.ts';
import type { Remote } from '../../ssh/remote.ts';
import { type FileId, followFile, readHeads, readPart } from './host-scripts.ts';
import type { ListedFile } from './listing.ts';
import { type Part, bytesOf, openPart } from './part.ts';
import type { PartReading } from './read-part.ts';
import {
  type Head,
  type LogFiles,
  type Rest,
  type TrackedFile,
  type TrackedLog,
  bytesSinceTruncation,
  headsWanted,
  isPacked,
  newFile,
  nextReads,
} from './tracking.ts';

/** What one log's follower works with. */
export interface LogFollowing {
  readonly remote: Remote;
  readonly log: TrackedLog;
  /** Makes records of a part; see `readItems`. */
  readonly read: (part: Part, file: TrackedFile, how: PartReading) => AsyncIterable<readonly LogRecord[]>;
  /** Resolves when more may come. */
  readonly deliver: (records: readonly LogRecord[]) => Promise<void>;
  /** Something that whoever reads the log should know: "12 bytes lost". */
  readonly tell: (message: string) => void;
  /** For `tail` on this host: how many files are followed at once is limited, the others are looked at once a second. */
  readonly places: Places;
  /** Whether the connection is a new one, so that anything may have happened to the files. */
  readonly afterLoss: boolean;
}

/** How many of something may be in use at once. */
export interface Places {
  /** True when there was one; it is to be given back. */
  readonly take: () => boolean;
  readonly giveBack: () => void;
}

/** A `tail` that runs. */
interface Tail {
  readonly file: TrackedFile;
  readonly part: Part;
  /** So many bytes came in all, and the last of them. */
  received: number;
  recent: Buffer;
  /** How often it was looked at since it has to end, and brought nothing. */
  idleLooks: number;
  /** How often it was looked at and had not brought what is there. */
  behindLooks: number;
  /** Whoever takes the records is busy with some. */
  isDelivering: boolean;
  done: Promise<void>;
  running: boolean;
}

/** What is kept of what came, to find the place where a file was truncated. */
const RECENT_BYTES = 64 * 1024;
/** A `tail` that does not bring what is there is started anew after so many looks: not every `tail` sees a file by its number. */
const BEHIND_LOOKS = 3;
/** A file that rotated away is held until it brought nothing for so many looks: its writer may not know yet. */
const IDLE_LOOKS = 3;

/** Follows one log: each call takes one look at its files, and reads what is to be read. To be called in turn. */
export function createLogFollower(following: LogFollowing): {
  readonly look: (files: LogFiles) => Promise<void>;
  /** Rejects with what went wrong in a `tail`. */
  readonly failed: Promise<never>;
  /** Resolves when nothing is delivered any more, once the connection is gone. */
  readonly settled: () => Promise<void>;
} {
  const { remote, log, read, deliver, tell, places } = following;
  let { afterLoss } = following;
  let tails: Tail[] = [];
  /** Heads that were read of files that were not touched since. */
  const heads = new Map<FileId, { readonly stamp: string; readonly head: Head }>();
  const sizes = new Map<FileId, number>();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  return {
    look,
    failed,
    async settled() {
      await Promise.allSettled(tails.map(({ done }) => done));
    },
  };

  async function look(files: LogFiles): Promise<void> {
    tails = tails.filter(({ running }) => running);
    const known = await learnHeads(headsWanted(log, files, afterLoss));
    const held = new Set(tails.map(({ file }) => file));
    const before = log.files[0];
    const { rests, current, gone } = nextReads(log, files, known, held);
    for (const { tracked, bytes } of gone) {
      if (bytes > 0)
        tell(`${bytes} bytes of ${log.path} lost: they were rotated away before they could be read`);
      else if (afterLoss && tracked === before) {
        tell(
          `${log.path} was replaced while the host was away; what was written to the old one meanwhile is lost`,
        );
      }
    }
    afterLoss = false;
    for (const rest of rests) await readRest(rest, sizes.get(rest.listed.id) === rest.listed.size);
    if (current !== undefined) await goOn(current, files.rotated);
    await endIdleTails(current?.tracked, files);
    sizes.clear();
    for (const { id, size } of files.rotated) sizes.set(id, size);
    for (const id of heads.keys()) if (id !== files.current?.id && !sizes.has(id)) heads.delete(id);
  }

  async function learnHeads(wanted: readonly ListedFile[]): Promise<Map<FileId, Head>> {
    const unknown = wanted.filter((file) => heads.get(file.id)?.stamp !== stampOf(file));
    if (unknown.length > 0) {
      const { stdout } = await remote.run(readHeads(unknown));
      for (const line of stdout.trimEnd().split('\n')) {
        const [id = '', length, bytes = ''] = line.split(' ');
        const file = unknown.find((one) => one.id === id);
        if (file === undefined) continue;
        heads.set(id, {
          stamp: stampOf(file),
          head: {
            bytes: Buffer.from(bytes, 'base64'),
            length: length === '-' ? undefined : Number(length),
          },
        });
      }
    }
    return new Map(
      wanted.flatMap(({ id }) => {
        const known = heads.get(id);
        return known === undefined ? [] : [[id, known.head] as const];
      }),
    );
  }

  /** Reads what is there of a file, from where it was delivered to. */
  async function readRest({ listed, tracked }: Rest, isFinal: boolean): Promise<void> {
    const start = { kind: 'byte', offset: tracked.offset } as const;
    const part = await openPart(remote, readPart(listed.path, listed.id, start, undefined));
    if (part === undefined || !isSame(part, tracked)) return; // the next look finds what has become of it
    for await (const records of read(part, tracked, { isFinal })) await deliver(records);
    if (isPacked(listed.path)) tracked.isComplete = true;
  }

  /** A file that begins otherwise is another one, under a number that was used again. */
  function isSame(part: Part, tracked: TrackedFile): boolean {
    if (part.head.subarray(0, tracked.head.length).equals(tracked.head)) return true;
    part.end();
    tell(`${log.path} was replaced; what was written to the old one in the moment before may be lost`);
    Object.assign(tracked, { offset: 0, head: Buffer.alloc(0), isMidLine: false });
    return false;
  }

  async function goOn(current: Rest, rotated: readonly ListedFile[]): Promise<void> {
    const { listed, tracked } = current;
    const tail = tails.find(({ file }) => file === tracked);
    if (listed.size < tracked.offset + pendingOf(tail) && (await isTruncated(listed, tracked, tail))) {
      await beginAnew(listed, tracked, tail, rotated);
      return; // the next look goes on with the file as it is now
    }
    if (tail !== undefined) {
      const isBehind = listed.size > tail.part.from + tail.received && !tail.isDelivering;
      tail.behindLooks = isBehind ? tail.behindLooks + 1 : 0;
      if (tail.behindLooks >= BEHIND_LOOKS) await endTail(tail);
      return;
    }
    if (!places.take()) {
      if (listed.size > tracked.offset) await readRest(current, false);
      return;
    }
    const part = await openPart(remote, followFile(listed.path, listed.id, tracked.offset));
    if (part === undefined || !isSame(part, tracked)) places.giveBack();
    else tails.push(startTail(part, tracked));
  }

  async function endTail(tail: Tail): Promise<void> {
    tail.part.end();
    await tail.done.catch(() => undefined);
  }

  function startTail(part: Part, file: TrackedFile): Tail {
    const tail: Tail = {
      ...{ file, part, received: 0, recent: Buffer.alloc(0) },
      ...{ idleLooks: 0, behindLooks: 0, isDelivering: false, running: true },
      done: Promise.resolve(),
    };
    const hear = (chunk: Uint8Array): void => {
      tail.received += chunk.length;
      tail.idleLooks = 0;
      tail.recent =
        chunk.length >= RECENT_BYTES
          ? Buffer.from(chunk.subarray(-RECENT_BYTES))
          : Buffer.concat([tail.recent.subarray(chunk.length - RECENT_BYTES), chunk]);
    };
    const pump = async (): Promise<void> => {
      try {
        for await (const records of read(part, file, { isFinal: false, hear })) {
          tail.isDelivering = true;
          await deliver(records).catch(fail);
          tail.isDelivering = false;
        }
      } finally {
        tail.running = false;
        places.giveBack();
      }
    };
    tail.done = pump();
    // one that was ended on the host is started again by the next look; a lost connection ends the looks
    tail.done.catch((error: unknown) => {
      if (!(error instanceof DcvopsError)) fail(error);
    });
    return tail;
  }

  /** Bytes that came and are no whole line yet. */
  function pendingOf(tail: Tail | undefined): number {
    return tail === undefined ? 0 : tail.part.from + tail.received - tail.file.offset;
  }

  /** A listing is older than what came since: only a size that is asked for now tells. */
  async function isTruncated(
    listed: ListedFile,
    tracked: TrackedFile,
    tail: Tail | undefined,
  ): Promise<boolean> {
    const received = tail === undefined ? tracked.offset : tail.part.from + tail.received;
    const part = await openPart(remote, readPart(listed.path, listed.id, { kind: 'byte', offset: 0 }, 0));
    if (part === undefined) return false;
    await bytesOf(part);
    return part.size < received;
  }

  /**
   * The log's file was truncated and may be written to again already. `tail` began anew by itself; how much of what came
   * is of after that is found by comparing it with the file. What came before and was not read may be in a copy (logrotate's `copytruncate`).
   */
  async function beginAnew(
    listed: ListedFile,
    tracked: TrackedFile,
    tail: Tail | undefined,
    rotated: readonly ListedFile[],
  ): Promise<void> {
    if (tail !== undefined) await endTail(tail);
    const start = { kind: 'byte', offset: 0 } as const;
    const part = await openPart(remote, readPart(listed.path, listed.id, start, RECENT_BYTES));
    if (part === undefined) return;
    const begun = await bytesOf(part);
    const received = tail === undefined ? tracked.offset : tail.part.from + tail.received;
    const truncatedAt = received - bytesSinceTruncation(tail?.recent ?? Buffer.alloc(0), begun);

    const anew = newFile(listed, Math.max(0, tracked.offset - truncatedAt));
    anew.head = part.head;
    // what came after the truncation was taken for more of the head
    const head = tracked.head.subarray(0, truncatedAt);
    const heads = await learnHeads(rotated);
    const copy = rotated.find(
      ({ id }) => heads.get(id)?.bytes.subarray(0, head.length).equals(head) === true,
    );
    log.files = [anew, ...log.files.filter((file) => file !== tracked)];
    if (copy !== undefined) {
      const old = newFile(copy, Math.min(tracked.offset, truncatedAt));
      log.files.push(Object.assign(old, { head }));
      log.old.delete(copy.id);
    } else {
      tell(`${log.path} was truncated; what was written to it in the moment before may be lost`);
    }
  }

  async function endIdleTails(current: TrackedFile | undefined, { rotated }: LogFiles): Promise<void> {
    for (const tail of tails) {
      if (tail.file === current) continue;
      const listed = rotated.find(({ id }) => id === tail.file.id);
      const isBehind = listed !== undefined && listed.size > tail.part.from + tail.received;
      tail.idleLooks = isBehind || tail.isDelivering ? 0 : tail.idleLooks + 1;
      if (tail.idleLooks > IDLE_LOOKS) await endTail(tail);
    }
  }
}

function stampOf({ size, mtimeUs }: ListedFile): string {
  return `${size} ${mtimeUs}`;
}
