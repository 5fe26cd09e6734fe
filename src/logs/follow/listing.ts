import { unexpectedOutput } from '../../shell/records.ts';
import type { FileId } from './host-scripts.ts';

/** A regular file, as the host listed it. */
export interface ListedFile {
  readonly path: string;
  readonly id: FileId;
  /** In bytes. */
  readonly size: number;
  /** Microseconds since 1970. */
  readonly mtimeUs: number;
  /** Of the host's clock when the file was written last; east of UTC, in minutes. */
  readonly utcOffsetMinutes: number;
}

/** What one look at the host told. */
export interface Listing {
  /** The host's clock when the watch began, in seconds since 1970. */
  readonly startedAt: number;
  /** Of the host's clock, when the watch began. */
  readonly utcOffsetMinutes: number;
  readonly files: readonly ListedFile[];
  /** What is there and is not read: links, and names with characters that no log's name has. */
  readonly refused: readonly string[];
}

/**
 * Reads what `watchFiles` prints, in pieces as they come; gives a listing for every look, also where nothing changed.
 * @throws DcvopsError `failed` for what it would never begin with
 */
export async function* readListings(stdout: AsyncIterable<Uint8Array>): AsyncGenerator<Listing, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let clock: { startedAt: number; utcOffsetMinutes: number } | undefined;
  let files: ListedFile[] = [];
  let refused: string[] = [];
  let last: Listing | undefined;
  for await (const bytes of stdout) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (clock === undefined) {
        clock = readClock(line);
      } else if (line === '.' || (line === '=' && last === undefined)) {
        yield (last = { ...clock, files, refused });
        files = [];
        refused = [];
      } else if (line === '=') {
        if (last !== undefined) yield last;
      } else {
        const entry = readEntry(line);
        if (typeof entry === 'string') refused.push(entry);
        else files.push(entry);
      }
    }
  }
}

function readClock(line: string): { startedAt: number; utcOffsetMinutes: number } {
  const [word, seconds = '', zone = ''] = line.split(' ');
  if (word !== 'time' || !/^\d+$/.test(seconds)) throw unexpectedOutput(line);
  return { startedAt: Number(seconds), utcOffsetMinutes: readZone(zone) };
}

/** A regular file's mode, in hexadecimal. */
const REGULAR = /^8[0-9a-f]{3}$/;
const ENTRY =
  /^(?<mode>[0-9a-f]+) (?<device>\d+) (?<inode>\d+) (?<size>\d+) (?<seconds>-?\d+)\.(?<fraction>\d+) \S+ \S+ (?<zone>[+-]\d{4}) (?<name>['"].*)$/;
/** Quoted as it is: a name that needs more than that is no log's. */
const PLAIN_NAME = /^(?<quote>['"])(?<path>\/[^'"\\\u0000-\u001f\u007f-\uffff]*)\k<quote>$/;

function readEntry(line: string): ListedFile | string {
  const {
    mode = '',
    device,
    inode,
    size,
    seconds,
    fraction = '',
    zone = '',
    name = '',
  } = ENTRY.exec(line)?.groups ?? {};
  if (seconds === undefined) return line;
  const path = PLAIN_NAME.exec(name)?.groups?.['path'];
  if (path === undefined || !REGULAR.test(mode)) return name;
  return {
    path,
    id: `${device}:${inode}`,
    size: Number(size),
    mtimeUs: Number(seconds) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0')),
    utcOffsetMinutes: readZone(zone),
  };
}

/** `+0530` in minutes. */
function readZone(zone: string): number {
  const match = /^([+-])(\d\d)(\d\d)$/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
