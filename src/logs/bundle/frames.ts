import { DcvopsError } from '../../errors.ts';
import { FOLDERS, type Folder } from './contents.ts';

/** Why a host left something out. */
export const LEFT_OUT = {
  absent: 'the host has no such program',
  'no-room': 'the size limit was reached',
  'several-names': 'a file with several names (hard links): it may be another file than it seems',
  'not-a-file': 'no regular file (a link, a folder, a pipe)',
  changed: 'it was replaced while it was being read',
  gone: 'it was gone before it could be read',
  'too-slow': 'it could not be read in 10 s',
  unreadable: 'it could not be read',
  'too-large': 'larger than 1 MiB',
  secret: 'it may hold a secret, as its name says',
  outside: 'a link that leads out of /etc',
  compressed: 'compressed in another way than gzip',
} as const;
export type LeftOutReason = keyof typeof LEFT_OUT;

/** One frame of what `script.ts` prints. */
export type Frame =
  | PieceFrame
  | {
      readonly kind: 'left-out';
      readonly folder: Folder;
      readonly name: string;
      readonly reason: LeftOutReason;
    }
  /** Nothing follows: the host told everything. */
  | { readonly kind: 'end' };

export interface PieceFrame {
  readonly kind: 'piece';
  readonly folder: Folder;
  /** A command's name, or the file's path on the host. */
  readonly name: string;
  /** Bytes of the content. */
  readonly size: number;
  /** Bytes that there were: more than the size means that the beginning is missing. */
  readonly total: number;
  /** When the file was written last; undefined for a command. */
  readonly modified: Date | undefined;
  /** A command's exit code, 124 for one that took too long; 0 for a file. */
  readonly exitCode: number;
  /** To be read before the next frame; what is not read is skipped. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** The longest path of Linux. */
const MAX_NAME_BYTES = 4096;
const MAX_HEADER_BYTES = 200;

const PIECE = /^piece ([a-z]+) (\d{1,4}) (\d{1,12}) (\d{1,15}) (\d{1,11}) (\d{1,3})$/;
const LEFT = /^left-out ([a-z]+) (\d{1,4}) ([a-z-]+)$/;

/**
 * Reads a host's part of a bundle, frame by frame, at the reader's pace. Ends without an `end` when the stream does.
 * @param maxBytes all contents together; the host was told so
 * @throws DcvopsError `failed` for anything else on the stream
 */
export async function* readFrames(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Frame, undefined> {
  const reader = createByteReader(stream);
  let room = maxBytes;
  try {
    for (;;) {
      const header = await reader.line(MAX_HEADER_BYTES);
      if (header === undefined) return;
      if (header === 'end') {
        yield { kind: 'end' };
        return;
      }
      const piece = PIECE.exec(header);
      if (piece !== null) {
        const [, folder = '', nameBytes, size, total, modified, exitCode] = piece;
        room -= Number(size);
        if (!isFolder(folder) || room < 0) throw unexpected(header);
        const name = await readName(reader, Number(nameBytes));
        if (name === undefined) return;
        yield {
          kind: 'piece',
          folder,
          name,
          size: Number(size),
          total: Number(total),
          modified: Number(modified) === 0 ? undefined : new Date(Number(modified) * 1000),
          exitCode: Number(exitCode),
          content: reader.take(Number(size)),
        };
        continue;
      }
      const [, folder = '', nameBytes, reason = ''] = LEFT.exec(header) ?? [];
      if (!isFolder(folder) || !isReason(reason)) throw unexpected(header);
      const name = await readName(reader, Number(nameBytes));
      if (name === undefined) return;
      yield { kind: 'left-out', folder, name, reason };
    }
  } finally {
    await reader.close();
  }
}

async function readName(reader: ByteReader, bytes: number): Promise<string | undefined> {
  if (bytes > MAX_NAME_BYTES) throw unexpected(`a name of ${bytes} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.take(bytes)) chunks.push(chunk);
  const name = Buffer.concat(chunks);
  return name.length === bytes ? name.toString('utf8') : undefined;
}

function isFolder(text: string): text is Folder {
  return (FOLDERS as readonly string[]).includes(text);
}

function isReason(text: string): text is LeftOutReason {
  return Object.hasOwn(LEFT_OUT, text);
}

function unexpected(what: string): DcvopsError {
  return new DcvopsError('failed', `the host said something unexpected: ${what.slice(0, 200)}`, {
    hint: 'a login shell that prints text (.bashrc, a banner) would do this: dcvops exec HOST -- true',
  });
}

/** A stream that is read by line and by size. Everything ends early, and says nothing, when the stream does. */
interface ByteReader {
  /** The next line; skips what was not taken of the bytes before it. */
  readonly line: (maxBytes: number) => Promise<string | undefined>;
  readonly take: (size: number) => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

function createByteReader(stream: AsyncIterable<Uint8Array>): ByteReader {
  const source = stream[Symbol.asyncIterator]();
  let rest: Uint8Array = Buffer.alloc(0);
  /** Of what is to be taken. */
  let left = 0;

  async function more(): Promise<boolean> {
    const next = await source.next();
    if (next.done === true) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  }

  async function* taken(): AsyncGenerator<Uint8Array, undefined> {
    while (left > 0) {
      if (rest.length === 0 && !(await more())) return;
      const chunk = rest.subarray(0, left);
      rest = rest.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }

  return {
    async line(maxBytes) {
      const skipped = taken();
      while ((await skipped.next()).done !== true);
      for (;;) {
        const end = rest.indexOf(0x0a);
        if (end > maxBytes || (end === -1 && rest.length > maxBytes)) {
          throw unexpected(Buffer.from(rest.subarray(0, maxBytes)).toString('utf8'));
        }
        if (end !== -1) {
          const line = Buffer.from(rest.subarray(0, end)).toString('utf8');
          rest = rest.subarray(end + 1);
          return line;
        }
        if (!(await more())) return undefined;
      }
    },
    take(size) {
      left = size;
      return taken();
    },
    async close() {
      await source.return?.();
    },
  };
}
