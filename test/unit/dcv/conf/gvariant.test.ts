import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Variant,
  type VariantType,
  formatString,
  isPlainNumber,
  parseVariant,
  readAs,
} from '../../../../src/dcv/conf/gvariant.ts';

/* A value that is read otherwise than DCV reads it is set wrongly, or refused for nothing. */

describe('a value of dcv.conf', () => {
  it.each<[string, Variant | undefined]>([
    ['"system"', 'system'],
    ["'it''s'", undefined],
    [`'it\\'s "so"'`, `it's "so"`],
    ['"a\\\\.b\\n\\u00e9\\U0001f600\\."', 'a\\.b\né😀.'],
    ['"\\U00ffffff"', undefined],
    ['"open', undefined],
    ['true', true],
    ['-1', -1],
    ['+5', 5],
    ['uint32 5', 5],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['1E3', undefined],
    ['0x1F', 31],
    ['-010', -8],
    ['08', undefined],
    ['-0', 0],
    ['', undefined],
    ['none', undefined],
    ["['0.0.0.0:8443', '[::]:8443']", ['0.0.0.0:8443', '[::]:8443']],
    ['[ ]', []],
    ['@as []', []],
    ["['a',]", undefined],
    ["['a' 'b']", undefined],
    ["['a'] ['b']", undefined],
    ['(4096, 2160)', [4096, 2160]],
    ["('a',)", ['a']],
    [
      "[('h', 'v'), ('i','w')]",
      [
        ['h', 'v'],
        ['i', 'w'],
      ],
    ],
    ["[{'w': <800>, 'x': <0>}]", [['w', 800, 'x', 0]]],
    ['[[[[[[[[[[[[1]]]]]]]]]]]]', undefined],
  ])('%s is %j', (text, value) => {
    expect(parseVariant(text)).toEqual(value);
  });

  it('is what was written, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(parseVariant(formatString(text))).toBe(text);
      }),
    );
  });

  it('is read in time, and without an error, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            '[',
            ']',
            '(',
            ')',
            '{',
            '}',
            '<',
            '>',
            '"',
            "'",
            '\\',
            ',',
            ':',
            '@',
            ' ',
            'u',
            '1',
          ),
          maxLength: 60,
        }),
        (text) => {
          parseVariant(text);
        },
      ),
    );
    expect(parseVariant('['.repeat(100_000))).toBeUndefined();
    expect(parseVariant('@a '.repeat(100_000))).toBeUndefined();
  });

  it.each<[VariantType, string, boolean]>([
    ['s', '"a"', true],
    ['s', 'string "a"', true],
    ['s', "['a']", true],
    ['s', '"a', false],
    ['b', 'true', true],
    ['b', '"true"', false],
    ['i', '1', true],
    ['i', '010', true],
    ['i', 'uint32 5', true],
    ['i', '-2147483648', true],
    ['i', '-2147483649', false],
    ['i', '2147483648', false],
    ['i', '1.5', false],
    ['i', '60.0', false],
    ['i', '1e3', false],
    ['as', "['a']", true],
    ['as', '[1]', false],
    ['as', "'a'", false],
    ['a(ss)', "[('a','b')]", true],
    ['a(ss)', "[('a','b','c')]", false],
    ['list', '[(1,2)]', true],
    ['list', '1', false],
  ])('of type %s may be %s: %s', (type, text, fits) => {
    expect(readAs(type, text) !== undefined).toBe(fits);
  });

  it.each([
    ['none', 'none'],
    ['/etc/dcv/a b.pem', '/etc/dcv/a b.pem'],
    ['say "hi"', 'say "hi"'],
    ['5', '5'],
    ['', ''],
    ["it's", "it's"],
    ['a\\', undefined],
  ])('that is a text may lack its quotes: %s', (text, value) => {
    expect(readAs('s', text)).toBe(value);
  });

  it('is a number that everybody reads alike only in decimal', () => {
    const texts = ['0', '-1', '60', '2147483647', '+5', '010', '00', '0x10', 'uint32 5', '60.0', ''];
    expect(texts.filter(isPlainNumber)).toEqual(['0', '-1', '60', '2147483647']);
  });
});
