import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../../src/operations/line-splitter.ts';

function split(pieces: readonly string[]): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (const piece of pieces) splitter.write(piece);
  splitter.end();
  return lines;
}

describe('lines of output that comes in pieces', () => {
  it.each([
    [[], []],
    [['a\nb\n'], ['a', 'b']],
    [
      ['a', 'b\nc', '\n'],
      ['ab', 'c'],
    ],
    [
      ['a\r\nb\r', '\n'],
      ['a', 'b'],
    ],
    [['\n\n'], ['', '']],
    [['no end'], ['no end']],
  ])('%j', (pieces, lines) => {
    expect(split(pieces)).toEqual(lines);
  });

  it('do not depend on where the pieces were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\n', '€', '\r\n')), fc.nat(), (parts, at) => {
        const whole = parts.join('');
        expect(split([whole.slice(0, at), whole.slice(at)])).toEqual(split([whole]));
      }),
    );
  });

  it('are given in parts when they never end', () => {
    const lines = split(['x'.repeat(200_000)]);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('')).toBe('x'.repeat(200_000));
  });
});
