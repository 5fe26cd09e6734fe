import { describe, expect, it } from 'vitest';
import { DcvopsError, EXIT_CODE, worstExitCode } from '../../src/errors.ts';

describe('the exit code of several outcomes: a script that looks at it has to see the worst', () => {
  it.each([
    [[], 0],
    [[0, 0], 0],
    [[0, 4], 4],
    [[4, 1], 1],
    [[1, 3, 0], 3],
    [[3, 2], 2],
    [[4, 3, 2, 1, 130], 130],
    [[4, 4], 4],
  ])('%j gives %i', (codes, worst) => {
    expect(worstExitCode(codes)).toBe(worst);
    expect(worstExitCode([...codes].reverse())).toBe(worst);
  });

  it('knows every code that an error can have, so that none is lost', () => {
    for (const code of Object.values(EXIT_CODE)) expect(worstExitCode([0, code])).toBe(code);
  });
});

describe('an error', () => {
  it('keeps what a person needs: what kind, where, what to do, and what was behind it', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new DcvopsError('unreachable', 'refused', { host: 'agent1', hint: 'dcvops check', cause });
    expect(error).toMatchObject({
      name: 'DcvopsError',
      code: 'unreachable',
      message: 'refused',
      host: 'agent1',
      hint: 'dcvops check',
      cause,
    });
  });

  it('has no cause where there is none', () => {
    expect('cause' in new DcvopsError('failed', 'x')).toBe(false);
  });
});
