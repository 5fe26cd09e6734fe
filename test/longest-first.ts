import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Test files that take longest, in seconds on two cores: begun last, one of them would be waited for alone. vitest knows
 * such times from the run before; a fresh clone has none. A wrong number costs time and nothing else.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'lab/deploy-faults.test.ts': 110,
  'lab/doctor.test.ts': 85,
  'lab/lab.test.ts': 90,
  'lab/session.test.ts': 85,
  'lab/session-commands.test.ts': 80,
  'lab/retire.test.ts': 70,
  'lab/logs.test.ts': 65,
  'lab/dcv-standin.test.ts': 60,
  'lab/logs-soak.test.ts': 55,
  'lab/deploy.test.ts': 50,
  'lab/deploy-odd-hosts.test.ts': 45,
  'lab/sudo.test.ts': 40,
  'integration/gateway/inventories.test.ts': 40,
  'integration/gateway/portal.test.ts': 30,
  'integration/gateway/tls.test.ts': 25,
  'integration/logs/bundle.test.ts': 20,
  'integration/package.test.ts': 15,
};

/** Begins with the files that take longest; the others follow as vitest sorts them. Projects keep their order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => secondsOf(b) - secondsOf(a));
  }
}

function secondsOf({ moduleId }: TestSpecification): number {
  return SECONDS[path.relative(import.meta.dirname, moduleId)] ?? 0;
}
