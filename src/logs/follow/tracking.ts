import { HEAD_BYTES, type FileId } from './host-scripts.ts';
import type { ListedFile } from './listing.ts';

/*
 * Which bytes of which file come next: decided from what the host lists and from what was delivered so far. Pure, but for
 * the positions, which move on as bytes are delivered. A log is a path and what rotation makes of it: `server.log`,
 * `server.log.1`, `server.log-20261125.gz`. Its files are told by inode and by their first bytes, never by name.
 */

/** One file of a log: what it is, and how far it was delivered. */
export interface TrackedFile {
  id: FileId;
  /** Its first bytes, up to {@link HEAD_BYTES}. */
  head: Buffer;
  /** So many bytes were delivered; the next one is wanted. */
  offset: number;
  /** As the host listed it last; of an unpacked file. */
  size: number;
  mtimeUs: number;
  /** The position is in the middle of a line that is not to be delivered. */
  isMidLine?: boolean;
  /** It is packed, and was read to its end. */
  isComplete?: boolean;
}

/** One log, for as long as it is followed, whatever becomes of connections. */
export interface TrackedLog {
  readonly path: string;
  /** The file that has the log's name, then those that had it, newest first. */
  files: TrackedFile[];
  /** Files that were rotated away before the log was followed. */
  readonly old: Set<FileId>;
  /** Since when it is followed, by the host's clock. */
  readonly startedUs: number;
}

export function newLog(path: string, startedUs: number): TrackedLog {
  return { path, files: [], old: new Set(), startedUs };
}

export function newFile({ id, size, mtimeUs }: ListedFile, offset: number): TrackedFile {
  return { id, head: Buffer.alloc(0), offset, size, mtimeUs };
}

/** What a file begins with, and how long it is when it is unpacked (modulo 4 GiB), where that is known. */
export interface Head {
  readonly bytes: Buffer;
  readonly length: number | undefined;
}

/** The files of one log in one listing. */
export interface LogFiles {
  /** The one that has the log's name. */
  readonly current: ListedFile | undefined;
  /** Those that rotation renamed, oldest first. */
  readonly rotated: readonly ListedFile[];
}

const PACKED = /\.(?:gz|xz|bz2|zst)$/;

/** Whether a file is packed, as rotation does with old ones. */
export function isPacked(path: string): boolean {
  return PACKED.test(path);
}

const ROTATED = /^(?<log>.+?)[.-](?:\d[\d.-]*|old)(?:\.(?:gz|xz|bz2|zst))?$/;

/** Sorts what was listed for a pattern into logs by path. A log whose file is away for the moment is there as well. */
export function logsIn(
  files: readonly ListedFile[],
  matches: (path: string) => boolean,
): Map<string, LogFiles> {
  const logs = new Map<string, { current: ListedFile | undefined; rotated: ListedFile[] }>();
  const logOf = (path: string): { current: ListedFile | undefined; rotated: ListedFile[] } => {
    const log = logs.get(path) ?? { current: undefined, rotated: [] };
    logs.set(path, log);
    return log;
  };
  const paths = new Set(files.map(({ path }) => path));
  const seen = new Set<string>();
  for (const file of files) {
    if (seen.has(file.path)) continue; // a pattern that ends in a star lists rotated files twice
    seen.add(file.path);
    // a packed file is whole when what it was made of is gone
    if (PACKED.test(file.path) && paths.has(file.path.replace(PACKED, ''))) continue;
    const of = ROTATED.exec(file.path)?.groups?.['log'];
    if (of !== undefined && matches(of)) logOf(of).rotated.push(file);
    else if (matches(file.path) && !PACKED.test(file.path)) logOf(file.path).current = file;
  }
  for (const log of logs.values()) log.rotated.sort((a, b) => a.mtimeUs - b.mtimeUs);
  return logs;
}

/**
 * Whose first bytes have to be known before {@link nextReads} can tell: files that nobody knows, packed ones and, after a
 * connection was lost, all of them, since an inode may have been used again meanwhile.
 */
export function headsWanted(
  log: TrackedLog,
  { current, rotated }: LogFiles,
  afterLoss: boolean,
): ListedFile[] {
  const known = new Set(log.files.map(({ id }) => id));
  const strange = rotated.filter(
    ({ id, path }) => !log.old.has(id) && (afterLoss || !known.has(id) || isPacked(path)),
  );
  return [...strange, ...(afterLoss && current !== undefined ? [current] : [])];
}

/** A part of a file that has to be delivered before the log goes on. */
export interface Rest {
  readonly listed: ListedFile;
  readonly tracked: TrackedFile;
}

export interface NextReads {
  /** In this order: what rotated away before it was delivered. */
  readonly rests: readonly Rest[];
  /** Where the log goes on. */
  readonly current: Rest | undefined;
  /** Files that are nowhere any more, and how much of them is known not to have been delivered. */
  readonly gone: readonly { readonly tracked: TrackedFile; readonly bytes: number }[];
}

/**
 * Compares what is tracked with what is there, brings the log's files up to date, and says what to read.
 * @param heads of the files that {@link headsWanted} names; one that is missing counts as unknown
 * @param held files that are being read anyway (`tail` holds them open), whatever their name is now
 */
export function nextReads(
  log: TrackedLog,
  { current, rotated }: LogFiles,
  heads: ReadonlyMap<FileId, Head>,
  held: ReadonlySet<TrackedFile>,
): NextReads {
  const unclaimed = new Set(log.files);
  const claim = (tracked: TrackedFile, listed: ListedFile): TrackedFile => {
    unclaimed.delete(tracked);
    return Object.assign(tracked, {
      id: listed.id,
      mtimeUs: listed.mtimeUs,
      ...(PACKED.test(listed.path) ? {} : { size: listed.size }),
    });
  };
  /** A host that boots may number its disks anew. */
  const onAnotherDevice = (listed: ListedFile): TrackedFile | undefined => {
    const [last] = log.files;
    const head = heads.get(listed.id);
    if (last === undefined || head === undefined || deviceOf(last.id) === deviceOf(listed.id))
      return undefined;
    return begins(head, last) ? last : undefined;
  };
  const sameInode = (listed: ListedFile): TrackedFile | undefined =>
    log.files.find((file) => file.id === listed.id && isSameFile(file, heads.get(listed.id)));

  const here = current === undefined ? undefined : (sameInode(current) ?? onAnotherDevice(current));
  if (current !== undefined && here !== undefined) claim(here, current);
  const byInode = new Map(rotated.map((listed) => [listed.id, sameInode(listed)]));
  for (const listed of rotated) {
    const tracked = byInode.get(listed.id);
    if (tracked !== undefined && tracked !== here) claim(tracked, listed);
  }

  const rests: Rest[] = [];
  for (const listed of rotated) {
    let tracked = byInode.get(listed.id);
    if (tracked === here && here !== undefined) continue; // a second name of the log's own file
    const head = heads.get(listed.id);
    if (tracked === undefined) {
      if (log.old.has(listed.id) || head === undefined) continue;
      const moved = [...unclaimed].find((file) => begins(head, file));
      if (moved !== undefined) tracked = claim(moved, listed);
      else if (log.files.some((file) => begins(head, file)))
        continue; // a copy of what is there
      else if (listed.mtimeUs < log.startedUs) {
        log.old.add(listed.id);
        continue;
      } else if (here !== undefined) {
        continue; // nothing was renamed: a copy, made before a truncation that is yet to be found out
      } else log.files.push((tracked = newFile(listed, 0))); // rotated twice between two looks
    }
    if (!held.has(tracked) && isUnfinished(listed, tracked, head)) rests.push({ listed, tracked });
  }

  const gone = [...unclaimed]
    .filter((file) => !held.has(file))
    .map((tracked) => ({ tracked, bytes: Math.max(0, tracked.size - tracked.offset) }));
  const forgotten = new Set(gone.map(({ tracked }) => tracked));
  let goesOn = here;
  if (current !== undefined && goesOn === undefined) goesOn = newFile(current, 0);
  const others = log.files.filter((file) => file !== goesOn && !forgotten.has(file));
  log.files = [...(goesOn === undefined ? [] : [goesOn]), ...others];
  return {
    rests,
    current: current === undefined || goesOn === undefined ? undefined : { listed: current, tracked: goesOn },
    gone,
  };
}

function deviceOf(id: FileId): string {
  return id.slice(0, id.indexOf(':'));
}

/** Too few bytes say nothing. */
const TELLING_BYTES = 32;

/** Whether a file with this inode is still the one that was tracked; without a head the inode is believed. */
function isSameFile({ head: known }: TrackedFile, head: Head | undefined): boolean {
  return head === undefined || head.bytes.subarray(0, known.length).equals(known);
}

/** Whether a file with another inode begins as the tracked one does, so that it is the same, moved or packed. */
function begins(head: Head, tracked: TrackedFile): boolean {
  return tracked.head.length >= TELLING_BYTES && isSameFile(tracked, head);
}

function isUnfinished(listed: ListedFile, tracked: TrackedFile, head: Head | undefined): boolean {
  if (!PACKED.test(listed.path)) return listed.size > tracked.offset;
  if (tracked.isComplete === true || head === undefined) return false;
  return head.length === undefined || head.length !== tracked.offset % 2 ** 32;
}

/** Bytes of the file came, from `position` on: while its head is short, the file is known better. */
export function learnHead(file: TrackedFile, position: number, bytes: Uint8Array): void {
  const known = file.head.length;
  if (known >= HEAD_BYTES || position > known || position + bytes.length <= known) return;
  const more = bytes.subarray(known - position, HEAD_BYTES - position);
  file.head = Buffer.concat([file.head, more]);
}

/**
 * How many bytes of a truncated file were received after its beginning was written anew: the longest end of `received`
 * that `start` begins with.
 */
export function bytesSinceTruncation(received: Uint8Array, start: Uint8Array): number {
  const end = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
  const begin = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  for (let length = Math.min(end.length, begin.length); length > 0; length--) {
    if (end[end.length - length] !== begin[0]) continue;
    if (end.subarray(end.length - length).equals(begin.subarray(0, length))) return length;
  }
  return 0;
}
