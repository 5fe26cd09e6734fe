import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternMatches } from '../../../src/dcv/patterns.ts';

/* What a user would lose: an agent that refuses the gateway is not found, or one that does not is blamed. */
describe('patternMatches', () => {
  it.each<[string, string, boolean | undefined]>([
    ['^.+$', 'gw.example:8443', true],
    ['^https://.+$', 'https://gw.example', true],
    ['^https://.+$', 'http://gw.example', false],
    [String.raw`^gw\.example(:443)?$`, 'gw.example', true],
    [String.raw`^gw\.example(:443)?$`, 'gw.example:8443', false],
    [String.raw`^gw\\.example$`, 'gw.example', true],
    ['gw|desks', 'desks.example', true],
    [String.raw`^10\.\d+\.\d+\.\d+$`, '10.1.2.3', true],
    ['(?i)^GW', 'gw', undefined],
    ['^(?=gw)', 'gw', undefined],
    ['^[[:alpha:]]+$', 'gw', undefined],
    ['^gw++$', 'gw', undefined],
    [String.raw`\Agw\z`, 'gw', undefined],
    ['^(a+)+$', 'a'.repeat(40), undefined],
    ['.*.*.*.*.*x', 'a', undefined],
    ['(', '(', undefined],
    [`^${'a'.repeat(300)}$`, 'a', undefined],
  ])('%s on %s', (pattern, text, matches) => {
    expect(patternMatches(pattern, text)).toBe(matches);
  });

  it('never throws, and answers at once, whatever stands in dcv.conf', () => {
    const piece = fc.constantFrom(
      '.*',
      '.+',
      'a{1,9}',
      '(a|aa)',
      '?',
      '^',
      '$',
      '|',
      'a',
      '[ab]',
      '(',
      ')',
      '\\',
    );
    const pattern = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(pattern, (written) => {
        // one that ran away would not come back before the test's own limit
        expect([true, false, undefined]).toContain(patternMatches(written, `${'a'.repeat(250)}!`));
      }),
    );
  });
});
