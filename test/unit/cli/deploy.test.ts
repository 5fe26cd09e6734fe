import { describe, expect, it } from 'vitest';
import { batchSize } from '../../../src/cli/deploy.ts';

describe('deploy --batch', () => {
  it.each<[text: string, size: ReturnType<typeof batchSize>]>([
    ['1', { count: 1 }],
    ['12', { count: 12 }],
    ['1%', { percent: 1 }],
    ['25%', { percent: 25 }],
    ['100%', { percent: 100 }],
  ])('%s', (text, size) => {
    expect(batchSize(text)).toEqual(size);
  });

  it.each([
    ['0', /1 or more/],
    ['0%', /from 1% to 100%/],
    ['101%', /from 1% to 100%/],
    ['', /a whole number of proxies, or a percentage/],
    ['-1', /a whole number of proxies, or a percentage/],
    ['2.5%', /a whole number of proxies, or a percentage/],
    ['25 %', /a whole number of proxies, or a percentage/],
    ['all', /a whole number of proxies, or a percentage/],
  ])('%j is refused', (text, message) => {
    expect(() => batchSize(text)).toThrow(message);
  });
});
