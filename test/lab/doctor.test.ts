import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_FAULTS, makeHealthy } from './support/doctor-faults.ts';
import { type TestLab, useLab } from './support/lab.ts';

/* Real hosts, broken one thing at a time: the doctor names it, nothing else, and mends what it promises to mend. */

let lab: TestLab;
beforeAll(async () => {
  lab = await useLab();
  await lab.reset();
  await makeHealthy(lab);
});
afterAll(() => lab.reset());

interface Report {
  readonly errors: number;
  readonly findings: readonly {
    readonly check: string;
    readonly subject: string;
    readonly seen: string;
    readonly remedy: readonly string[];
    readonly fix?: { readonly title: string };
  }[];
  readonly fixes?: readonly { readonly check: string; readonly outcome: string }[];
}

async function doctor(...flags: string[]): Promise<Report & { code: number; stderr: string }> {
  const run = await lab.dcvops(['doctor', '--json', '--connect-timeout', '3', ...flags]);
  if (run.stdout === '') throw new Error(run.stderr);
  return { ...(JSON.parse(run.stdout) as Report), code: run.code, stderr: run.stderr };
}

const shown = ({ findings }: Report): string[] =>
  findings.map(({ check, subject, seen }) => `${check} ${subject}: ${seen}`);

describe('dcvops doctor', () => {
  it('finds nothing at all in a fleet in which nothing is wrong', async () => {
    const report = await doctor('--strict');
    expect(shown(report)).toEqual([]);
    expect(report.code).toBe(0);
  });

  it.each(LAB_FAULTS)('$check: $name', async (fault) => {
    await fault.breaks(lab);
    try {
      const report = await doctor();
      expect(shown(report).map((line) => line.split(':')[0]?.trim())).toEqual(
        expect.arrayContaining([`${fault.check} ${fault.subject}`]),
      );
      const others = report.findings.filter(
        ({ check, subject }) =>
          (check !== fault.check || subject !== fault.subject) &&
          !(fault.beside ?? []).includes(`${check} ${subject}`),
      );
      expect(others.map(({ check, subject, seen }) => `${check} ${subject}: ${seen}`)).toEqual([]);
      const found = report.findings.find(
        ({ check, subject }) => check === fault.check && subject === fault.subject,
      );
      expect(found?.seen).toMatch(fault.seen);
      expect(found?.remedy.join('\n')).toMatch(fault.remedy);
      expect(found?.fix !== undefined).toBe(fault.fixes === true);
      if (fault.fixes === true) {
        const mended = await doctor('--fix', '--yes');
        expect(mended.fixes?.map(({ check }) => check)).toContain(fault.check);
        expect(shown(mended)).toEqual([]);
      }
    } finally {
      await fault.mends?.(lab);
    }
  });

  it('is healthy again after all that', async () => {
    expect(shown(await doctor())).toEqual([]);
  });
});
