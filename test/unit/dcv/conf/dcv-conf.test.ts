import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  confLines,
  confValues,
  readConfString,
  withConfValue,
  withoutConfValue,
} from '../../../../src/dcv/conf/dcv-conf.ts';

/* A wrong edit here locks people out of a desktop, or lets somebody in: every other line has to stay as it is. */

describe('what dcv.conf sets', () => {
  it.each<[string, string, Record<string, string>]>([
    ['values of sections', '[a]\nx=1\n[a/b]\ny="z"\n', { 'a/x': '1', 'a/b/y': '"z"' }],
    ['the last of two', '[a]\nx=1\nx=2\n[b]\n[a]\nx=3', { 'a/x': '3' }],
    ['nothing of comments and of other lines', '[a]\n#x=1\n  # y=2\nz\n=3\n', {}],
    ['values with spaces, equals signs and CRLF around', '[a]\r\n  x = "b = c"  \r\n', { 'a/x': '"b = c"' }],
    ['what is above all sections, which DCV does not read', 'x=1\n[a]\n', { '/x': '1' }],
  ])('is %s', (_what, conf, values) => {
    expect(Object.fromEntries(confValues(conf))).toEqual(values);
  });

  it.each<[string, string | undefined]>([
    ['[security]\nauthentication="none"', 'none'],
    ["[security]\nauthentication='none'", 'none'],
    ['[security]\nauthentication=none', 'none'],
    ['[security]\n', undefined],
    ['[other]\nauthentication="none"', undefined],
    ['[security]\nauthentication="none"\nauthentication=1', '1'],
  ])('of %j the text is %s', (conf, text) => {
    expect(readConfString(conf, 'security', 'authentication')).toBe(text);
  });
});

describe('a value that is set', () => {
  it.each<{ name: string; conf: string; then: string }>([
    {
      name: 'stands where it stood, with the spaces there',
      conf: '[log]\n  level = "warn" \t\n[x]\n',
      then: '[log]\n  level = "debug" \t\n[x]\n',
    },
    {
      name: 'replaces the last of two, which is the one that counts',
      conf: '[log]\nlevel="a"\n[x]\nlevel="b"\n[log]\nlevel="c"\n',
      then: '[log]\nlevel="a"\n[x]\nlevel="b"\n[log]\nlevel="debug"\n',
    },
    {
      name: 'comes below the comment that shows its default',
      conf: '[log]\n# how much\n#level="info"\n\n# where\n#directory=""\n',
      then: '[log]\n# how much\n#level="info"\nlevel="debug"\n\n# where\n#directory=""\n',
    },
    {
      name: 'comes behind the last of its section, not behind the comment of the next one',
      conf: '[log]\nrotate=1\n\n# about x\n[x]\n#level="info"\n',
      then: '[log]\nrotate=1\nlevel="debug"\n\n# about x\n[x]\n#level="info"\n',
    },
    { name: 'begins a section that is empty', conf: '[log]\n\n[x]\n', then: '[log]\nlevel="debug"\n\n[x]\n' },
    {
      name: 'brings its section',
      conf: '[x]\ny=1\n',
      then: '[x]\ny=1\n\n[log]\nlevel="debug"\n',
    },
    { name: 'begins a file', conf: '', then: '[log]\nlevel="debug"\n' },
    {
      name: 'has the line ends of the file',
      conf: '[log]\r\nrotate=1\r\n',
      then: '[log]\r\nrotate=1\r\nlevel="debug"\r\n',
    },
    {
      name: 'ends a last line that had no end',
      conf: '[log]\nrotate=1',
      then: '[log]\nrotate=1\nlevel="debug"\n',
    },
    { name: 'adds no end to a last line of its own', conf: '[log]\nlevel=1', then: '[log]\nlevel="debug"' },
  ])('$name', ({ conf, then }) => {
    expect(withConfValue(conf, 'log', 'level', '"debug"')).toBe(then);
  });
});

const text = fc.string({
  unit: fc.constantFrom('a', 'b', '=', '[', ']', '#', '"', "'", ' ', '\t', '\r', '\\', 'é', '/'),
  maxLength: 12,
});
const line = fc.oneof(
  text,
  fc.constantFrom(
    '[a]',
    '[b]',
    '[a/b]',
    ' [a] ',
    '#k=1',
    '# k = 2',
    'k=1',
    ' k = "x" ',
    'kk=2',
    'k',
    '[a',
    '',
  ),
);
const conf = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 14 }), line)
  .map(([lines, last]) => lines.map(([one, end]) => one + end).join('') + last);
const section = fc.constantFrom('a', 'b', 'a/b', 'new/one');
const value = fc.constantFrom('5', '"x y"', "['a', 'b']");

const ofOthers = (whole: string, own: string): string[] =>
  confLines(whole)
    .filter((one) => `${one.section}/${one.key ?? ''}` !== own)
    // a lone one at the file's end becomes part of a line end, whatever stands before it
    .map((one) => one.text.replace(/\r+$/, ''));

describe('any dcv.conf', () => {
  it('is its lines', () => {
    fc.assert(
      fc.property(conf, (whole) => {
        expect(
          confLines(whole)
            .map(({ raw }) => raw)
            .join(''),
        ).toBe(whole);
      }),
    );
  });

  it('has the value after it was set, once more than before at most, and the same again changes nothing', () => {
    fc.assert(
      fc.property(conf, section, value, (whole, where, what) => {
        const then = withConfValue(whole, where, 'k', what);
        expect(confValues(then).get(`${where}/k`)).toBe(what);
        expect(withConfValue(then, where, 'k', what)).toBe(then);
        const others = [...confValues(whole)].filter(([name]) => name !== `${where}/k`);
        expect([...confValues(then)].filter(([name]) => name !== `${where}/k`)).toEqual(others);
      }),
    );
  });

  it('keeps every other line, in its order, when a value is set', () => {
    fc.assert(
      fc.property(conf, section, value, (whole, where, what) => {
        const before = ofOthers(whole, `${where}/k`);
        const after = ofOthers(withConfValue(whole, where, 'k', what), `${where}/k`);
        // a section that was missing comes behind all, with an empty line between
        const added = after.slice(before.length);
        expect(after.slice(0, before.length)).toEqual(before);
        expect([[], [`[${where}]`], ['', `[${where}]`]]).toContainEqual(added);
        expect(added.length === 0 || !confLines(whole).some((one) => one.section === where)).toBe(true);
      }),
    );
  });

  it('keeps every byte of the others when a value is taken out', () => {
    fc.assert(
      fc.property(conf, section, (whole, where) => {
        const then = withoutConfValue(whole, where, 'k');
        expect(confValues(then).has(`${where}/k`)).toBe(false);
        const kept = confLines(whole).filter((one) => one.section !== where || one.key !== 'k');
        expect(then).toBe(kept.map(({ raw }) => raw).join(''));
      }),
    );
  });
});
