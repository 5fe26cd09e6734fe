import { expect, it } from 'vitest';
import { silenceError } from '../../../../src/operations/session/silence.ts';

// The usual session, made by hand where others are declared, would be in the way of those.
it.each([
  [[], 'dcvops session create agent1 --start-service'],
  [[{ id: 'desk' }], 'dcvops session restore agent1 --start-service'],
])('a stopped dcvserver gets the sessions of its agent again: %j', (sessions, hint) => {
  const facts = { installed: true, service: 'stopped', silence: undefined } as const;
  expect(silenceError({ name: 'agent1', sessions }, facts).hint).toBe(hint);
});
