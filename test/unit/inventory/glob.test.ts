import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../src/inventory/glob.ts';

describe('a glob', () => {
  it.each([
    ['gpu-*', 'gpu-1', true],
    ['gpu-*', 'gpu-', true],
    ['gpu-*', 'agpu-1', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['?', '', false],
    ['??', 'ab', true],
    ['*b?', 'abba', true],
    ['*b?', 'abb', true],
    ['*ab', 'aab', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['10.150.*', '10x150.1.1', false],
    ['**', 'a', true],
  ])('%s and %s: %s', (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it('means what the regular expression would mean', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(letters, text, (glob, candidate) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matchesGlob(glob, candidate)).toBe(expression.test(candidate));
      }),
      { numRuns: 1_000 },
    );
  });
});
