import fs from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node';

/** What came of a run; `test/run.ts` prints it. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly SkippedTest[];
}

export interface SkippedTest {
  readonly name: string;
  /** What the test gave as its reason: `ctx.skip('why')`. */
  readonly why: string | undefined;
}

/** The environment variable with the file that the counts are written to. */
export const COUNTS_FILE = 'DCVOPS_TEST_COUNTS';

/** Counts tests for the closing line. Files, hooks and stray errors that fail count as well: nothing fails unseen. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[COUNTS_FILE];
    if (file !== undefined) fs.writeFileSync(file, JSON.stringify(countsOf(modules, unhandled)));
  }
}

function countsOf(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const suites: (TestModule | TestSuite)[] = modules.flatMap((module) => [
    module,
    ...module.children.allSuites(),
  ]);
  const skipped = tests.flatMap((test) => {
    const result = test.result();
    if (result.state === 'pending') return [{ name: test.fullName, why: 'the run ended before it' }];
    return result.state === 'skipped' ? [{ name: test.fullName, why: result.note }] : [];
  });
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed:
      tests.filter((test) => test.result().state === 'failed').length +
      suites.filter((suite) => suite.errors().length > 0).length +
      unhandled.length,
    skipped,
  };
}
