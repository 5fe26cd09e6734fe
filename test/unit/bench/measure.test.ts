import { describe, expect, it } from 'vitest';
import { median, mediansOf, quantile, sideBySide, timed } from '../../bench/measure.ts';

describe('median: one slow run in a busy second says nothing about a program', () => {
  it.each([
    [[3], 3],
    [[9, 1, 2], 2],
    [[4, 1, 2, 1000], 3],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('of nothing is an error, not a figure', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('quantile: a delay that one in a hundred meets', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  it.each([
    [hundred, 0.5, 51],
    [hundred, 0.99, 100],
    [[7], 0.99, 7],
    [[], 0.5, Number.NaN],
  ])('of %j the %d-quantile', (sorted, part, expected) => {
    expect(quantile(sorted, part)).toBe(expected);
  });
});

describe('mediansOf: the ratio is that of what was measured next to each other', () => {
  it('is the median of the pairs’ ratios, whatever a busy machine did to one of them', () => {
    // the machine was three times as busy during the second pair
    expect(mediansOf({ ours: [100, 300, 100], theirs: [50, 150, 40] })).toEqual({
      ours: 100,
      theirs: 50,
      ratio: 2,
    });
  });
});

describe('sideBySide', () => {
  it('takes turns, and does not count the first run of each', async () => {
    const order: string[] = [];
    const run = (name: string) => () => {
      order.push(name);
      return Promise.resolve({ code: 0, stdout: '', stderr: '' });
    };
    const { ours, theirs } = await sideBySide(run('ours'), run('theirs'), 2);
    expect(order).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
    expect([ours.length, theirs.length]).toEqual([2, 2]);
  });

  it('refuses to make a figure of a command that failed', async () => {
    const failing = () => Promise.resolve({ code: 1, stdout: '', stderr: 'no such host' });
    await expect(timed(failing)).rejects.toThrow(/exit 1.*\nno such host/);
  });
});
