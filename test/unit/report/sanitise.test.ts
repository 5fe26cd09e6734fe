import { describe, expect, it } from 'vitest';
import { sanitise, sanitiseLine } from '../../../src/report/sanitise.ts';

/** As Unicode has it, and not as the program lists it. */
const UNSAFE = /(?![\t\n])\p{Cc}|\p{Bidi_Control}/u;

describe('text from hosts: it must not take hold of the terminal that shows it', () => {
  it.each([
    ['colours and cursor movements', '\x1b[2J\x1b[31mall is well', '\\x1b[2J\\x1b[31mall is well'],
    ['a new window title', '\x1b]0;root\x07', '\\x1b]0;root\\x07'],
    ['C1 controls, which some terminals obey', '\u009b31m', '\\x9b31m'],
    ['a carriage return, which writes over the line', 'failed\rdone  ', 'failed\\x0ddone  '],
    ['backspaces', 'no\b\bok', 'no\\x08\\x08ok'],
    ['bidirectional overrides', 'user\u202eresu', 'user\\u202eresu'],
    ['isolates and marks', '\u2066a\u2069\u200f\u061c', '\\u2066a\\u2069\\u200f\\u061c'],
    ['line separators and a byte order mark', 'a\u2028b\ufeff', 'a\\u2028b\\ufeff'],
    ['NUL and DEL', '\0\x7f', '\\x00\\x7f'],
    ['nothing in plain text of any language', 'tab\tnewline\n漢字 é 🖥', 'tab\tnewline\n漢字 é 🖥'],
  ])('%s', (_, text, shown) => {
    expect(sanitise(text)).toBe(shown);
  });

  it('one line stays one line', () => {
    expect(sanitiseLine('first\nsecond')).toBe('first\\nsecond');
  });

  it('nothing but tabs and newlines is a control character afterwards, of all that there are', () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
    expect(all.filter((character) => UNSAFE.test(sanitise(character)))).toEqual([]);
    const known = /[\p{Cc}\u2028\u2029\ufeff]|\p{Bidi_Control}/u;
    expect(all.filter((character) => sanitise(character) !== character && !known.test(character))).toEqual(
      [],
    );
  });
});
