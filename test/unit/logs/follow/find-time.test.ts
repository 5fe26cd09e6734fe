import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTime } from '../../../../src/logs/follow/find-time.ts';

/** A log whose line i has the time that is given for it, and the number of pieces that were read of it. */
function logOf(
  times: readonly number[],
  padding: number,
): { text: string; readPiece: (offset: number, bytes: number) => Promise<string>; pieces: () => number } {
  const text = times.map((time) => `${time} ${'x'.repeat(padding)}\n`).join('');
  let pieces = 0;
  return {
    text,
    readPiece(offset, bytes) {
      pieces++;
      return Promise.resolve(text.slice(offset, offset + bytes));
    },
    pieces: () => pieces,
  };
}

const timeOfLine = (line: string): number | undefined =>
  /^\d+ /.test(line) ? Number.parseInt(line, 10) : undefined;

describe('finding a time in a log', () => {
  it('never begins too late, whatever the lines and the time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(1000), { maxLength: 300 }),
        fc.nat(1000),
        fc.constantFrom(0, 50, 3000),
        async (times, since, padding) => {
          const sorted = [...times].sort((a, b) => a - b);
          const { text, readPiece } = logOf(sorted, padding);
          const offset = await findTime(text.length, since, readPiece, timeOfLine);
          const skipped = sorted.filter((time) => time >= since).length;
          const wholeLines = offset === 0 ? text : text.slice(text.indexOf('\n', offset) + 1);
          const found = wholeLines.split('\n').filter((line) => (timeOfLine(line) ?? -1) >= since).length;
          expect(found).toBe(skipped);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads a few pieces of a large log, and begins close to the time', async () => {
    const { text, readPiece, pieces } = logOf(
      Array.from({ length: 200_000 }, (_, index) => index),
      100,
    );
    const offset = await findTime(text.length, 150_000, readPiece, timeOfLine);
    expect(pieces()).toBeLessThan(16);
    expect(text.indexOf('\n150000 ') - offset).toBeLessThan(300_000);
  });
});
