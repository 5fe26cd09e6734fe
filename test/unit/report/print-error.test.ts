import { describe, expect, it } from 'vitest';
import { DcvopsError, type ErrorCode, EXIT_CODE } from '../../../src/errors.ts';
import { errorAsJson, exitCodeOf, formatError } from '../../../src/report/print-error.ts';
import { createStyle } from '../../../src/report/style.ts';

const plain = createStyle(false);

describe('an error on the screen: what, where, why, and the next command', () => {
  it.each([
    [new DcvopsError('failed', 'no such agent'), '✖ no such agent\n'],
    [
      new DcvopsError('host-key', 'host key unknown; not logged in.', {
        host: 'agent1',
        hint: 'dcvops trust agent1',
      }),
      '✖ agent1: host key unknown; not logged in.\n  Next: dcvops trust agent1\n',
    ],
    [
      new DcvopsError('failed', 'nginx refuses it:\nunknown directive\n', { hint: 'first\nsecond\n' }),
      '✖ nginx refuses it:\n  unknown directive\n  Next: first\n        second\n',
    ],
    [new DcvopsError('failed', 'it said \x1b[2J', { host: 'agent1' }), '✖ agent1: it said \\x1b[2J\n'],
  ])('%s', (error, text) => {
    expect(formatError(error, plain)).toBe(text);
  });

  it.each([[new TypeError('x is not a function')], ['a string that was thrown']])(
    'an error that nobody foresaw is called a bug, with its stack: %s',
    (error) => {
      const text = formatError(error, plain);
      expect(text).toContain('a bug in dcvops');
      expect(text).toContain(error instanceof Error ? 'print-error.test.ts' : error);
      expect(exitCodeOf(error)).toBe(1);
    },
  );
});

describe('an error for programs', () => {
  it('is one JSON document with its kind, exit code, host and hint', () => {
    const error = new DcvopsError('unreachable', 'no answer', { host: 'agent1', hint: 'dcvops check' });
    expect(JSON.parse(JSON.stringify(errorAsJson(error)))).toEqual({
      type: 'error',
      code: 'unreachable',
      exitCode: 4,
      host: 'agent1',
      message: 'no answer',
      hint: 'dcvops check',
    });
  });

  it.each(Object.entries(EXIT_CODE))('of the kind %s ends with %i', (code, exitCode) => {
    const error = new DcvopsError(code as ErrorCode, 'x');
    expect(exitCodeOf(error)).toBe(exitCode);
    expect(errorAsJson(error)).toMatchObject({ code, exitCode });
  });
});
