import type { Assembler } from '../assemble.ts';
import { createByteLines } from '../lines.ts';
import type { LogRecord } from '../record.ts';
import type { Part } from './part.ts';
import { type TrackedFile, learnHead } from './tracking.ts';

/** Makes what is to be delivered of a stream of bytes, in whole lines. */
export interface Splitter<Item> {
  /** What became whole, if anything did, and how many bytes that is. */
  readonly push: (chunk: Uint8Array) => { readonly item: Item | undefined; readonly consumed: number };
  /** Bytes of a line whose end has not come yet. */
  readonly pending: () => number;
}

/** How records are made. */
export interface RecordOptions {
  readonly assembler: Assembler;
  /** Longer lines are cut, so that none fills the memory. */
  readonly maxLineBytes: number;
  /** Bytes become characters one by one, so that they can be written again as they came. */
  readonly keepBytes: boolean;
}

/** Records, in batches. */
export function recordSplitter(options: RecordOptions): Splitter<readonly LogRecord[]> {
  const { assembler, maxLineBytes, keepBytes } = options;
  const splitter = createByteLines({ maxLineBytes, encoding: keepBytes ? 'latin1' : 'utf8' });
  return {
    push(chunk) {
      const { lines, consumed } = splitter.push(chunk);
      const records = assembler.take(lines);
      return { item: records.length > 0 ? records : undefined, consumed };
    },
    pending: splitter.pending,
  };
}

/** The bytes as they are, unread: for a log that nothing else is mixed with. */
export function passThrough(): Splitter<Uint8Array> {
  return { push: (chunk) => ({ item: chunk, consumed: chunk.length }), pending: () => 0 };
}

/** How a part is read. */
export interface PartReading {
  /** A last line without an end is a line: nothing will be written to this file any more. */
  readonly isFinal: boolean;
  /**
   * The part may begin in the middle of a line, which is skipped then. One that begins with the end of a line loses
   * nothing but that.
   */
  readonly skipsToLine?: boolean;
  /** Called with the bytes as they come. */
  readonly hear?: (chunk: Uint8Array) => void;
}

const NEWLINE_BYTE = 10;
const NEWLINE = Uint8Array.of(NEWLINE_BYTE);

/**
 * What a part holds, in whole lines, as it comes. The file's position moves over an item when the next one is asked for:
 * what was given is delivered, and nothing else is.
 */
export async function* readItems<Item>(
  part: Part,
  file: TrackedFile,
  splitter: Splitter<Item>,
  { isFinal, skipsToLine = false, hear }: PartReading,
): AsyncGenerator<Item> {
  let position = part.from;
  let skipping = (skipsToLine && part.from > 0) || file.isMidLine === true;
  file.head = part.head;
  file.offset = part.from;
  for await (const chunk of part.bytes) {
    hear?.(chunk);
    learnHead(file, position, chunk);
    position += chunk.length;
    const skipped = skipping ? chunk.indexOf(NEWLINE_BYTE) + 1 : 0;
    if (skipping) file.offset = skipped > 0 ? position - chunk.length + skipped : position;
    file.isMidLine = skipping && skipped === 0;
    if (file.isMidLine) continue;
    skipping = false;
    const { item, consumed } = splitter.push(chunk.subarray(skipped));
    if (item !== undefined) yield item;
    file.offset += consumed;
  }
  if (!isFinal || splitter.pending() === 0) return;
  const { item, consumed } = splitter.push(NEWLINE);
  if (item !== undefined) yield item;
  file.offset += consumed - NEWLINE.length;
}
