import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration } from '../../../src/report/quantity.ts';

describe('bytes: a figure that is a unit off sends somebody after the wrong desktop', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1024, '1.02 kB'],
    [4500, '4.5 kB'],
    [12_345, '12.3 kB'],
    [123_456, '123 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [3_400_000, '3.4 MB'],
    [1_500_000_129, '1.5 GB'],
    [2e12, '2 TB'],
    [3e15, '3 PB'],
    [4e18, '4000 PB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('is never further off than a rounded third digit', () => {
    const factor: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        const [amount = '', unit = ''] = formatBytes(bytes).split(' ');
        expect(amount.replace('.', '').length).toBeLessThanOrEqual(3);
        expect(Math.abs(Number(amount) * (factor[unit] ?? NaN) - bytes)).toBeLessThanOrEqual(bytes * 0.00501);
      }),
    );
  });
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [12, '12 ms'],
    [999, '999 ms'],
    [999.7, '1 s'],
    [1000, '1 s'],
    [1234, '1.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [3_599_400, '59 min 59 s'],
    [3_599_600, '1 h'],
    [3_600_000, '1 h'],
    [7_980_000, '2 h 13 min'],
    [86_399_000, '1 d'],
    [86_400_000, '1 d'],
    [273_600_000, '3 d 4 h'],
    [8_640_000_000, '100 d'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
