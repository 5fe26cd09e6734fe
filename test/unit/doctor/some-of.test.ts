import { expect, it } from 'vitest';
import { someOf } from '../../../src/doctor/some-of.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index + 1}`);

// A list that hides one host behind "1 more" is longer than the list.
it.each([
  [0, 'none'],
  [1, 'a1'],
  [2, 'a1 and a2'],
  [6, 'a1, a2, a3, a4, a5 and a6'],
  [7, 'a1, a2, a3, a4, a5 and 2 more'],
])('names %i hosts as %s', (count, text) => {
  expect(someOf(names(count))).toBe(text);
});
