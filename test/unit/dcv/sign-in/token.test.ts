import { describe, expect, it } from 'vitest';
import { watchPlace } from '../../../../src/dcv/sign-in/once.ts';
import { removeTokens } from '../../../../src/dcv/sign-in/token.ts';

describe('removeTokens', () => {
  it('is a command that can be typed as it stands', () => {
    expect(removeTokens('agent1', 'a b')).toBe(
      "dcvops exec --sudo agent1 -- dcvsimpleextauth remove-auth '--session=a b'",
    );
  });
});

describe('watchPlace', () => {
  it('has nothing of an id in a name', () => {
    const { unit, base } = watchPlace('../%i $x ü');
    expect(unit).toMatch(/^dcvops-sign-in-[0-9a-f]{16}\.service$/);
    expect(base).toMatch(/^\/run\/dcvops-sign-in\/[0-9a-f]{16}$/);
    expect(watchPlace('desk').unit).not.toBe(watchPlace('Desk').unit);
  });
});
