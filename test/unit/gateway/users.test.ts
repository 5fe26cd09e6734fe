import { describe, expect, it } from 'vitest';
import {
  checkUserName,
  judgeHash,
  makePassword,
  parseUsers,
  problemOfPassword,
  withUser,
  withoutUsers,
} from '../../../src/gateway/users.ts';
import { Secret } from '../../../src/shell/secret.ts';

const FILE = '# from the old server\nanna:$6$a$1\n\nbob:$apr1$b$2:a comment\nanna:$6$c$3\nsomething else\n';

describe('the file of users', () => {
  it('is read as nginx reads it: the first line of a name counts', () => {
    expect(parseUsers(FILE)).toEqual([
      { name: 'anna', hash: '$6$a$1' },
      { name: 'bob', hash: '$apr1$b$2' },
    ]);
  });

  // Whoever edits the file by hand as well must not lose anything by it.
  it.each([
    ['', 'anna', 'anna:NEW\n'],
    ['bob:1\n', 'anna', 'bob:1\nanna:NEW\n'],
    ['bob:1', 'anna', 'bob:1\nanna:NEW\n'],
    ['#anna:1\nanna2:1\n', 'anna', '#anna:1\nanna2:1\nanna:NEW\n'],
    [FILE, 'anna', '# from the old server\nanna:NEW\n\nbob:$apr1$b$2:a comment\nsomething else\n'],
  ])('%j takes %s', (text, name, expected) => {
    expect(withUser(text, { name, hash: 'NEW' })).toBe(expected);
  });

  it.each([
    [FILE, ['anna'], '# from the old server\n\nbob:$apr1$b$2:a comment\nsomething else\n'],
    [FILE, ['nobody'], FILE],
    ['anna:1\nbob:2\n', ['anna', 'bob'], ''],
    ['annab:1\n', ['anna'], 'annab:1\n'],
  ])('%j loses %j', (text, names, expected) => {
    expect(withoutUsers(text, names)).toBe(expected);
  });
});

it.each([
  ['$6$salt$hash', 'SHA-512', undefined],
  ['$6$rounds=5000$salt$hash', 'SHA-512', undefined],
  ['$6$rounds=500000$', 'SHA-512', 'slow'],
  ['$5$', 'SHA-256', undefined],
  ['$2y$10$abc', 'bcrypt', 'slow'],
  ['$2b$', 'bcrypt', 'slow'],
  ['$y$j9T$abc', 'scrypt', 'slow'],
  ['$apr1$', 'MD5', 'weak'],
  ['$1$abc', 'MD5', 'weak'],
  ['{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'SHA-1', 'weak'],
  ['{PLAIN}secret', 'plain text', 'weak'],
  ['rqXexS6ZhobKA', 'DES or unknown', 'weak'],
  ['', 'DES or unknown', 'weak'],
])('the hash %s is %s, %s', (hash, kind, problem) => {
  expect(judgeHash(hash)).toEqual({ kind, problem });
});

describe('names', () => {
  it.each(['a', 'anna', 'anna.smith@example.com', 'a_b-c+d', 'x'.repeat(64)])('%s is one', (name) => {
    expect(() => {
      checkUserName(name);
    }).not.toThrow();
  });

  it.each([
    ['', /empty/],
    ['a:b', /colon/],
    ['#a', /begins with "#"/],
    ['-a', /begins with "-"/],
    ['a b', /space/],
    ['a\nb:$6$x', /colon/],
    ['a\nb', /control/],
    ['ä', /ASCII/],
    ['x'.repeat(65), /longer/],
  ])('%j is none', (name, why) => {
    expect(() => {
      checkUserName(name);
    }).toThrow(why);
  });
});

describe('passwords', () => {
  it.each([
    ['correct horse', undefined],
    ['x'.repeat(12), undefined],
    ['x'.repeat(128), undefined],
    ['x'.repeat(11), /at least 12/],
    ['', /at least 12/],
    ['x'.repeat(129), /at most 128/],
    ['two lines\nof it', /ASCII/],
    ['größer als zwölf', /ASCII/],
  ])('%j: %s', (password, problem) => {
    const found = problemOfPassword(new Secret(password));
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  it('that are made up are good ones, and no two are equal', () => {
    const made = [makePassword(), makePassword()];
    expect(made.map(problemOfPassword)).toEqual([undefined, undefined]);
    expect(made[0]?.reveal()).toMatch(/^(?:[a-km-np-z2-9]{5}-){4}[a-km-np-z2-9]{5}$/);
    expect(made[0]?.reveal()).not.toBe(made[1]?.reveal());
  });
});
