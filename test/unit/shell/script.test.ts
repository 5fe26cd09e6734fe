import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandLine, type Script } from '../../../src/shell/script.ts';
import { program } from '../../../src/shell/shell.ts';

const script: Script = {
  name: 'tell',
  text: program`printf '%s|' "$@" "$LC_ALL"`,
  args: ["it's", '', 'a b'],
};

describe('a script on its way to a host', () => {
  it.each([
    ['as it is, when root is not asked for', {}, 'without-password', 'env LC_ALL=C sh -c true dcvops'],
    ['without sudo, when the login is root', { root: true }, undefined, 'env LC_ALL=C sh -c true dcvops'],
    ['with sudo', { root: true }, 'without-password', 'env LC_ALL=C sudo -n sh -c true dcvops'],
    // the password goes on stdin, and sudo's own prompt would end up in the output
    [
      'with a password on stdin',
      { root: true },
      'password-on-stdin',
      "env LC_ALL=C sudo -S -p '' sh -c true dcvops",
    ],
  ] as const)('goes %s', (_, asked, sudo, expected) => {
    expect(commandLine({ name: 'x', text: program`true`, ...asked }, sudo)).toBe(expected);
  });

  it('gets its arguments one by one, and messages in English', () => {
    expect(execFileSync('sh', ['-c', commandLine(script)], { encoding: 'utf8' })).toBe("it's||a b|C|");
  });
});
