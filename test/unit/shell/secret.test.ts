import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/shell/secret.ts';

describe('a secret: a password must not turn up in a log', () => {
  const secret = new Secret('hunter2');

  it.each([
    ['text', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['a debugger', inspect({ secret }, { showHidden: true, depth: 5 })],
    ['a list of its parts', JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
    ['a copy', JSON.stringify(Object.assign({}, secret))],
  ])('is not seen in %s', (_, seen) => {
    expect(seen).not.toContain('hunter2');
  });

  it('is told to the one who asks', () => {
    expect(secret.reveal()).toBe('hunter2');
  });
});
