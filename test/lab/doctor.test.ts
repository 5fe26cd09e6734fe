import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_FAULTS_TOGETHER, type LabFault, makeHealthy } from './support/doctor-faults.ts';
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

/** What is shown, one line a finding: what was seen and the remedy as far as they are what the fault says. */
const shown = ({ findings }: Report): string[] =>
  findings
    .map(({ check, subject, seen, remedy }) => {
      const fault = LAB_FAULTS_TOGETHER.flat().find((one) => one.check === check);
      const isSeen = fault?.seen.test(seen) === true ? 'seen' : seen;
      const isRemedy = fault?.remedy.test(remedy.join('\n')) === true ? 'remedy' : remedy.join('; ');
      return `${check} ${subject}: ${isSeen}, ${isRemedy}`;
    })
    .toSorted();

const told = ({ check, subject }: LabFault): string => `${check} ${subject}: seen, remedy`;

const namesOf = (faults: readonly LabFault[]): string => faults.map(({ name }) => name).join('; ');

describe('dcvops doctor', () => {
  it('finds nothing at all in a fleet in which nothing is wrong', async () => {
    const report = await doctor('--strict');
    expect(shown(report)).toEqual([]);
    expect(report.code).toBe(0);
  });

  it('prints facts from which the same is found without any host', async () => {
    const facts = await lab.dcvops(['doctor', '--facts']);
    expect(facts.code).toBe(0);
    const again = await lab.dcvops(['doctor', '--json', '--strict', '--from', '-'], { input: facts.stdout });
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ findings: [], hosts: [{ reached: true }, {}, {}] });
    expect(facts.stdout).not.toContain('PRIVATE KEY');
  });

  it.each(LAB_FAULTS_TOGETHER.map((faults) => ({ faults, names: namesOf(faults) })))(
    '$names',
    async ({ faults }) => {
      let asExpected = false;
      try {
        for (const fault of faults) await fault.breaks(lab);
        const report = await doctor();
        expect(shown(report)).toEqual(faults.map(told).toSorted());
        const mendable = faults.filter(({ fixes }) => fixes === true);
        expect(report.findings.filter(({ fix }) => fix !== undefined).length).toBe(mendable.length);
        if (mendable.length > 0) {
          const mended = await doctor('--fix', '--yes');
          expect(mended.fixes?.map(({ check }) => check)).toEqual(
            expect.arrayContaining(mendable.map(({ check }) => check)),
          );
          expect(shown(mended)).toEqual(
            faults
              .filter(({ fixes }) => fixes !== true)
              .map(told)
              .toSorted(),
          );
        }
        asExpected = true;
      } finally {
        for (const fault of faults) await fault.mends?.(lab);
        // the next one begins with a healthy fleet
        if (!asExpected) await lab.dcvops(['doctor', '--fix', '--yes']);
      }
    },
  );

  it('is healthy again after all that', async () => {
    expect(shown(await doctor())).toEqual([]);
  });
});
