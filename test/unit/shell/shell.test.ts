import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lines, program, quote, sh, words } from '../../../src/shell/shell.ts';

/** The arguments that a shell makes of a text. */
function argumentsIn(text: string, shell = 'sh'): string[] {
  const print = `for word in ${text}; do printf '%s\\0' "$word"; done`;
  return execFileSync(shell, ['-c', print], {
    env: { ...process.env, HOME: '/nonexistent' },
    encoding: 'utf8',
  })
    .split('\0')
    .slice(0, -1);
}

const NASTY = [
  '',
  ' ',
  "it's",
  "'; rm -rf / #",
  '$(reboot)',
  '`reboot`',
  '${HOME}',
  '"quoted"',
  'back\\slash',
  'two\nlines',
  'tab\there',
  '-n',
  '--',
  '*',
  '~',
  '!!',
  '#comment',
  'é–漢',
  "'''",
  '&& true',
  '|',
  '>',
  '\\',
  '\r',
  '[a-z]',
];

describe('quoting: a name from the inventory must never become a command', () => {
  it.each(NASTY)('sh and bash read %j as one word', (word) => {
    for (const shell of ['sh', 'bash']) expect(argumentsIn(quote(word), shell)).toEqual([word]);
  });

  it('any list of words arrives as it was', () => {
    const character = fc.integer({ min: 1, max: 0xd7ff }).map((code) => String.fromCodePoint(code));
    const word = fc.string({ unit: character });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (list) => {
        expect(argumentsIn(words(list).toString())).toEqual(list);
      }),
      { numRuns: 50 },
    );
  });

  it('words that need no quotes stay readable', () => {
    expect(quote('/etc/nginx/conf.d/dcv-gateway.conf')).toBe('/etc/nginx/conf.d/dcv-gateway.conf');
    expect(words(['dcv', 'close-session', 'my session']).toString()).toBe("dcv close-session 'my session'");
  });

  it('a NUL byte, which no argument can hold, is refused', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
  });
});

describe('the template', () => {
  it('quotes text and numbers, takes shell text as it is, and joins lists of it', () => {
    const options = [sh`--user ${'jane doe'}`, sh`--max ${3}`];
    expect(sh`dcv create-session ${options} ${"it's"}; ${words(['echo', 'a b'])}`.toString()).toBe(
      `dcv create-session --user 'jane doe' --max 3 'it'\\''s'; echo 'a b'`,
    );
  });

  it('puts lines one below the other', () => {
    expect(lines(sh`echo ${'a b'}`, program`exit`).toString()).toBe("echo 'a b'\nexit");
  });
});

describe('a program written out', () => {
  it('keeps backslashes, and loses only those that the template itself asks for', () => {
    const text = program`printf '%s\n' "\${1}" \`date\` '\\'`.toString();
    expect(text).toBe("printf '%s\\n' \"${1}\" `date` '\\\\'");
  });
});
