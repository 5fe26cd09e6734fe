import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Variant,
  type VariantType,
  formatString,
  hasType,
  parseVariant,
} from '../../../src/dcv/gvariant.ts';

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
    ['0x10', undefined],
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
    ['s', '1', false],
    ['b', 'true', true],
    ['i', '1', true],
    ['i', '1.5', false],
    ['as', "['a']", true],
    ['as', '[1]', false],
    ['as', "'a'", false],
    ['a(ss)', "[('a','b')]", true],
    ['a(ss)', "[('a','b','c')]", false],
    ['list', '[(1,2)]', true],
  ])('of type %s may be %s: %s', (type, text, fits) => {
    expect(hasType(parseVariant(text) ?? '', type)).toBe(fits);
  });
});
