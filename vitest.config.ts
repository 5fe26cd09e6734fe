import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** Unit tests touch nothing outside the process; integration tests run real sshd and nginx on loopback; lab tests run
 *  on real hosts (test/lab). Each of the two lab workers has a lab of its own, which its files use one after another. */
/*
 * Real hosts and browsers on a machine that does other things as well: in CI a test that was red is tried once more, and the
 * report names it ("retry x1"). What is red twice is red; at a desk nothing is tried again.
 */
const retry = process.env['CI'] === 'true' ? 1 : 0;

export default defineConfig({
  test: {
    // by itself vitest leaves one core free, which is half of a machine with two
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // pure functions leave nothing behind, and loading them for each file anew takes longer than all tests
          isolate: false,
          // both cores are busy: a test of what must not hang has a bound of its own
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          retry,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
