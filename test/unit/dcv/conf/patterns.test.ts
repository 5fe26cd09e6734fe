import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternMatches } from '../../../../src/dcv/conf/patterns.ts';

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
    ['(', '(', undefined],
    ['^GW[.]Example$', 'gw.example', true],
    [String.raw`^[^.]{2}\.[[a-x\]]+(?:|:\d{2,4}?)$`, 'gw.example:8443', true],
    ['^gw{2,}$', 'gw', false],
    ['^()*(gw)?$', 'gw', true],
    ['^(gw){0}$', 'gw', false],
    [`^(${'a.example|'.repeat(500)}gw)$`, 'gw', true],
    [`^${'a'.repeat(10_000)}$`, 'a', undefined],
    [`${'('.repeat(30)}a${')'.repeat(30)}`, 'a', undefined],
  ])('%.80s on %s', (pattern, text, matches) => {
    expect(patternMatches(pattern, text)).toBe(matches);
  });

  it.each<[string, boolean | undefined]>([
    ['^(a+)+$', false],
    ['.*.*.*.*.*x', false],
    [`^${'a?'.repeat(90)}${'a'.repeat(90)}x$`, false],
    [`^${'(a|aa)'.repeat(90)}x$`, false],
    ['((a*)*)*x', false],
    ['^(()){1,1000000000}(){1000000000}$', undefined],
    ['a{1000}{1000}{1000}', undefined],
    [`(?:${'|'.repeat(4000)}){9999}`, undefined],
    ['(?:(?:(?:){999}){999}){999}', undefined],
    ['((a{300}){300}|.){300}.{300}x', undefined],
  ])('answers %.40s at once', (pattern, matches) => {
    // one that ran away would not come back before the test's own limit
    expect(patternMatches(pattern, `${'a'.repeat(250)}!`)).toBe(matches);
  });

  const piece = fc.constantFrom(
    ...[
      '.*',
      '.+',
      'a{1,9}',
      '(a|aa)',
      '?',
      '^',
      '$',
      '|',
      'a',
      'B',
      '[ab]',
      '(',
      ')',
      '\\',
      '\\w',
      '(?:',
      '{2}',
    ],
  );
  const anyPattern = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

  it('never throws, and answers at once, whatever stands in dcv.conf', () => {
    fc.assert(
      fc.property(anyPattern, (written) => {
        expect([true, false, undefined]).toContain(patternMatches(written, `${'a'.repeat(250)}!`));
      }),
    );
  });

  it('says what JavaScript says', () => {
    fc.assert(
      fc.property(
        anyPattern,
        fc.string({ unit: fc.constantFrom('a', 'b', '!'), maxLength: 5 }),
        (written, text) => {
          const matches = patternMatches(written, text);
          if (matches === undefined) return;
          expect(matches).toBe(new RegExp(written.replaceAll('\\\\', '\\'), 'i').test(text));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
