import type { Assembler } from '../assemble.ts';
import { createByteLines } from '../lines.ts';
import type { LogRecord } from '../record.ts';
import type { Part } from './part.ts';
import { type TrackedFile, learnHead } from './tracking.ts';

export interface ReadOptions {
  readonly assembler: Assembler;
  /** Longer lines are cut, so that none fills the memory. */
  readonly maxLineBytes: number;
  /** Bytes become characters one by one, so that they can be written again as they came. */
  readonly keepBytes: boolean;
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
 * The records of a part, in whole lines, in batches as they come. The file's position moves over a batch when the next one
 * is asked for: what was given is delivered, and nothing else is.
 */
export async function* readRecords(
  part: Part,
  file: TrackedFile,
  { assembler, maxLineBytes, keepBytes, isFinal, skipsToLine = false, hear }: ReadOptions,
): AsyncGenerator<readonly LogRecord[]> {
  const splitter = createByteLines({ maxLineBytes, encoding: keepBytes ? 'latin1' : 'utf8' });
  let position = part.from;
  let skipping = skipsToLine && part.from > 0;
  file.head = part.head;
  file.offset = part.from;
  for await (const chunk of part.bytes) {
    hear?.(chunk);
    learnHead(file, position, chunk);
    position += chunk.length;
    const skipped = skipping ? chunk.indexOf(NEWLINE_BYTE) + 1 : 0;
    if (skipping) file.offset = skipped > 0 ? position - chunk.length + skipped : position;
    if (skipping && skipped === 0) continue;
    skipping = false;
    const { lines, consumed } = splitter.push(chunk.subarray(skipped));
    const records = assembler.take(lines);
    if (records.length > 0) yield records;
    file.offset += consumed;
  }
  if (!isFinal || splitter.pending() === 0) return;
  const { lines, consumed } = splitter.push(NEWLINE);
  const records = assembler.take(lines);
  if (records.length > 0) yield records;
  file.offset += consumed - NEWLINE.length;
}
