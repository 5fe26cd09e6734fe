/** Whole lines, and how far into the stream they reach. */
export interface Lines {
  readonly lines: string[];
  /** Bytes of the stream that became whole lines since the last call: their sum is the offset behind the last whole line. */
  readonly consumed: number;
}

/** Makes lines of a stream of bytes that comes in chunks, wherever they were cut. */
export interface ByteLines {
  /** The chunk is copied where it has to be kept: the caller may use its memory again. */
  readonly push: (chunk: Uint8Array) => Lines;
  /** Bytes of the last line, whose end has not come yet. */
  readonly pending: () => number;
  /** Drops that line: the stream goes on from another place. */
  readonly reset: () => void;
}

const NEWLINE = 10;

export interface ByteLinesOptions {
  readonly maxLineBytes: number;
  /**
   * Default `utf8`: invalid bytes become U+FFFD, and a carriage return at a line's end is dropped. `latin1`: each byte is a
   * character and none is dropped, so that lines can be written again as they came.
   */
  readonly encoding?: 'utf8' | 'latin1';
}

/** Of a longer line, `maxLineBytes` are kept and, once its end has come, given with ` … (N bytes)` behind them. */
export function createByteLines({ maxLineBytes, encoding = 'utf8' }: ByteLinesOptions): ByteLines {
  const options = { maxLineBytes, encoding };
  const held = createStore(maxLineBytes);
  let pending = 0;

  function hold(bytes: Buffer): void {
    held.add(bytes);
    pending += bytes.length;
  }

  return {
    push(chunk) {
      const bytes = asBuffer(chunk);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      const consumed = end === 0 ? 0 : pending + end;
      const lines: string[] = [];
      let at = 0;
      if (end > 0 && pending > 0) {
        at = bytes.indexOf(NEWLINE) + 1;
        hold(bytes.subarray(0, at - 1));
        lines.push(decodeLine(held.bytes(), pending, options));
        pending = 0;
        held.clear();
      }
      decodeLines(bytes.subarray(at, end), options, lines);
      if (end < bytes.length) hold(bytes.subarray(end));
      return { lines, consumed };
    },
    pending: () => pending,
    reset() {
      pending = 0;
      held.clear();
    },
  };
}

/** Adds the lines of bytes that end with a newline: many at once, for one at a time takes several times as long. */
function decodeLines(bytes: Buffer, options: Required<ByteLinesOptions>, lines: string[]): void {
  const { maxLineBytes, encoding } = options;
  let at = 0;
  while (at < bytes.length) {
    const lastEnd = bytes.lastIndexOf(NEWLINE, at + maxLineBytes);
    if (lastEnd >= at) {
      decodeBlock(bytes.toString(encoding, at, lastEnd), encoding, lines);
      at = lastEnd + 1;
    } else {
      const longEnd = bytes.indexOf(NEWLINE, at);
      lines.push(decodeLine(bytes.subarray(at, at + maxLineBytes), longEnd - at, options));
      at = longEnd + 1;
    }
  }
}

function decodeBlock(text: string, encoding: 'utf8' | 'latin1', lines: string[]): void {
  const dropsReturns = encoding === 'utf8' && text.includes('\r');
  for (const line of text.split('\n')) lines.push(dropsReturns ? withoutReturn(line) : line);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** `bytes` is all of a line, or its first `maxLineBytes` where `length`, what it really has, is more. */
function decodeLine(bytes: Buffer, length: number, options: Required<ByteLinesOptions>): string {
  const { maxLineBytes, encoding } = options;
  if (length > maxLineBytes) {
    const end = Buffer.from(` … (${length} bytes)`).toString(encoding);
    return bytes.toString(encoding, 0, endOfWholeCharacters(bytes)) + end;
  }
  const line = bytes.toString(encoding);
  return encoding === 'utf8' ? withoutReturn(line) : line;
}

/** Where a character that was cut begins, or the end: four bytes are the longest, and all but the first are 10xxxxxx. */
function endOfWholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

const EMPTY = Buffer.alloc(0);

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** Bytes that are kept for later, in memory of their own that grows with them; what is beyond the limit is not kept. */
interface Store {
  readonly add: (bytes: Buffer) => void;
  /** Valid until the next call. */
  readonly bytes: () => Buffer;
  readonly size: () => number;
  readonly clear: () => void;
}

/** Memory that is kept for the next line, too. */
const KEPT_BYTES = 64 * 1024;

function createStore(limit: number): Store {
  let memory = EMPTY;
  let size = 0;

  function grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(needed, memory.length * 2, 1024)));
    memory.copy(larger, 0, 0, size);
    memory = larger;
  }

  return {
    add(bytes) {
      const added = Math.min(bytes.length, limit - size);
      if (size + added > memory.length) grow(size + added);
      bytes.copy(memory, size, 0, added);
      size += added;
    },
    bytes: () => memory.subarray(0, size),
    size: () => size,
    clear() {
      size = 0;
      if (memory.length > KEPT_BYTES) memory = EMPTY;
    },
  };
}
