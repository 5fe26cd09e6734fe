import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteLines } from '../../../src/logs/lines.ts';

interface Delivered {
  readonly lines: string[];
  readonly consumed: number;
  readonly pending: number;
}

function readAll(
  chunks: readonly Uint8Array[],
  maxLineBytes: number,
  encoding?: 'utf8' | 'latin1',
): Delivered {
  const splitter = createByteLines(encoding === undefined ? { maxLineBytes } : { maxLineBytes, encoding });
  const lines: string[] = [];
  let consumed = 0;
  for (const chunk of chunks) {
    const delivered = splitter.push(chunk);
    lines.push(...delivered.lines);
    consumed += delivered.consumed;
    chunk.fill(0x58); // the memory may be used again
  }
  return { lines, consumed, pending: splitter.pending() };
}

/** The same bytes, cut at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
}

const UTF8 = new TextEncoder();

const streams = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'bb', '\n', '\r\n', '\r', '€', '😀', '\n\n').map((text) => UTF8.encode(text)),
      fc.uint8Array({ maxLength: 4 }),
      fc.uint8Array({ minLength: 12, maxLength: 30 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

describe('createByteLines: a line that is cut in two, or lost, is a lie in the log', () => {
  it.each<[string, string[], string[], number, number]>([
    ['nothing', [], [], 0, 0],
    ['whole lines', ['a\nb\n'], ['a', 'b'], 4, 0],
    ['a line in pieces', ['a', 'b\nc', '\n'], ['ab', 'c'], 5, 0],
    ['a line whose end is missing', ['a\nbc'], ['a'], 2, 2],
    ['CR LF, also cut', ['a\r\nb\r', '\n'], ['a', 'b'], 6, 0],
    ['a CR within a line', ['a\rb\n'], ['a\rb'], 4, 0],
    ['empty lines', ['\n\n'], ['', ''], 2, 0],
    ['a line as long as the limit', ['12345678\n1\n'], ['12345678', '1'], 11, 0],
    ['one that is longer', ['1\n123456789\n2\n'], ['1', '12345678 … (9 bytes)', '2'], 14, 0],
    [
      'one that is longer, in pieces',
      ['1234', '56789', '01', '\n2\n'],
      ['12345678 … (11 bytes)', '2'],
      14,
      0,
    ],
    ['one that is cut within a character', ['1234567€\n'], ['1234567 … (10 bytes)'], 11, 0],
    ['one that is cut behind a character', ['12345€9\n'], ['12345€ … (9 bytes)'], 10, 0],
  ])('%s', (_what, chunks, lines, consumed, pending) => {
    const bytes = chunks.map((chunk) => UTF8.encode(chunk));
    expect(readAll(bytes, 8)).toEqual({ lines, consumed, pending });
  });

  it('shows bytes that are no UTF-8', () => {
    expect(readAll([new Uint8Array([0x61, 0xff, 0xc3, 0x0a])], 100).lines).toEqual(['a\ufffd\ufffd']);
  });

  it.each([
    ['all of a line', [0x61, 0xff, 0xc3, 0x0d], 100, [0x61, 0xff, 0xc3, 0x0d]],
    ['a line that is cut', [0x61, 0x62, 0x63], 2, [0x61, 0x62, ...UTF8.encode(' … (3 bytes)')]],
  ])('can keep bytes, for a file that gets the same: %s', (_what, bytes, limit, kept) => {
    const { lines } = readAll([new Uint8Array([...bytes, 0x0a])], limit, 'latin1');
    expect([...Buffer.from(lines[0] ?? '', 'latin1')]).toEqual(kept);
  });

  it('gives the same lines and the same offset wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        streams,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.integer({ min: 1, max: 24 }),
        (bytes, at, limit) => {
          const whole = readAll([bytes.slice()], limit);
          expect(readAll(cut(bytes, at), limit)).toEqual(whole);
          expect(whole.consumed).toBe(bytes.lastIndexOf(10) + 1);
          expect(whole.consumed + whole.pending).toBe(bytes.length);
        },
      ),
    );
  });

  it('decodes as one would by hand, where no line is too long', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(), { maxLength: 8 }), (bytes, at) => {
        const lines = Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1);
        expect(readAll(cut(bytes, at), 100_000).lines).toEqual(lines.map((line) => line.replace(/\r$/, '')));
      }),
    );
  });

  it('forgets half a line when the stream goes on elsewhere', () => {
    const splitter = createByteLines({ maxLineBytes: 100 });
    splitter.push(UTF8.encode('half a li'));
    splitter.reset();
    expect(splitter.pending()).toBe(0);
    expect(splitter.push(UTF8.encode('next\n'))).toEqual({ lines: ['next'], consumed: 5 });
  });

  it('keeps no more of an endless line than it will show', () => {
    const splitter = createByteLines({ maxLineBytes: 1000 });
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 64; i++) splitter.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    expect(splitter.pending()).toBe(64 * 1024 * 1024);
    expect(splitter.push(UTF8.encode('\n'))).toEqual({
      lines: [`${'x'.repeat(1000)} … (67108864 bytes)`],
      consumed: 64 * 1024 * 1024 + 1,
    });
  });
});
