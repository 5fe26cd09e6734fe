import { describe, expect, it } from 'vitest';
import { conversationCommand, guardedCommand, promptOf } from '../../../src/ssh/guard.ts';
import { sh } from '../../../src/shell/shell.ts';

const MARK = 'dcvops-0123456789abcdef';

describe('the command that carries a script', () => {
  const script = { name: 'x', text: sh`echo ${"it's"}`, args: ['a b'], root: true };

  it.each([
    ['as-is', /^env LC_ALL=C (sh -c|timeout -k 5 0 sh -c) /],
    ['sudo', /^env LC_ALL=C sudo -n sh -c /],
    ['sudo-with-password', /^env LC_ALL=C sudo -S -p dcvops-0123456789abcdef:password: sh -c /],
  ] as const)('becomes root: %s', (root, start) => {
    expect(conversationCommand(script, { mark: MARK, root })).toMatch(start);
    expect(guardedCommand(script, { mark: MARK, root, stdinSize: 0, limitSeconds: undefined })).toMatch(
      start,
    );
  });

  it('has a prompt that nothing else prints', () => {
    expect(promptOf(MARK)).toContain(MARK);
  });

  it('is at most what Linux takes as one argument', () => {
    const large = { name: 'large', text: sh`: ${'x'.repeat(131_072)}` };
    expect(() => conversationCommand(large, { mark: MARK, root: 'as-is' })).toThrow(
      '"large" is too large for one command',
    );
  });
});
