import { diagnose } from '../../../src/doctor/diagnose.ts';
import { formatTable } from '../../../src/report/table.ts';
import { LAB_FAULTS_TOGETHER, makeHealthy } from '../../lab/support/doctor-faults.ts';
import type { TestLab } from '../../lab/support/lab.ts';
import { FAULTS } from '../../unit/doctor/faults/all.ts';
import { healthySet } from '../../unit/doctor/healthy.ts';

/** How the doctor did on faults of one kind. */
interface Tally {
  readonly where: string;
  readonly faults: number;
  /** The check that knows the fault said so. */
  readonly found: number;
  /** On the right host, seeing the right thing; for a way, on whose side the fault is. */
  readonly placed: number;
  /** Findings that are none of the faults', and no fault's consequence either. */
  readonly wrong: number;
}

/** A finding, as far as it is judged here. */
interface Found {
  readonly check: string;
  readonly subject: string;
  readonly seen: string;
}

/** What has to be found. */
interface Expected {
  readonly check: string;
  readonly subject: string;
  readonly seen: RegExp;
  readonly beside?: readonly string[];
}

const NOTHING: Omit<Tally, 'where'> = { faults: 0, found: 0, placed: 0, wrong: 0 };

/** Breaks things one by one, in facts and on real hosts, and prints what the doctor said of them. */
export async function benchSeededFaults(lab: TestLab, tell: (line: string) => void): Promise<void> {
  tell('seeding faults in facts');
  const inFacts = FAULTS.reduce<Tally>(
    (sum, fault) => {
      const set = healthySet();
      fault.breaks(set);
      return added(sum, judge(diagnose(set).findings, [fault]));
    },
    { where: 'in facts', ...NOTHING },
  );
  tell('seeding faults on real hosts');
  await makeHealthy(lab);
  let onHosts: Tally = { where: 'on real hosts', ...NOTHING };
  for (const faults of LAB_FAULTS_TOGETHER) {
    for (const fault of faults) await fault.breaks(lab);
    onHosts = added(onHosts, judge(await findings(lab), faults));
    for (const fault of faults) await fault.mends?.(lab);
    await lab.dcvops(['doctor', '--fix', '--yes']);
  }
  const healthy = judge(await findings(lab), []);
  const rows = [inFacts, onHosts, { where: 'in a healthy fleet', ...healthy }];
  process.stdout.write(
    `\n${formatTable(
      [
        { heading: 'SEEDED FAULTS', cell: (row) => row.where },
        { heading: 'SEEDED', cell: (row) => String(row.faults) },
        { heading: 'FOUND', cell: (row) => share(row.found, row.faults) },
        { heading: 'PLACED RIGHT', cell: (row) => share(row.placed, row.faults) },
        { heading: 'FALSE FINDINGS', cell: (row) => String(row.wrong) },
      ],
      rows,
    )}`,
  );
}

async function findings(lab: TestLab): Promise<readonly Found[]> {
  const { stdout, stderr } = await lab.dcvops(['doctor', '--json', '--connect-timeout', '3']);
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { readonly findings: readonly Found[] }).findings;
}

function judge(found: readonly Found[], faults: readonly Expected[]): Omit<Tally, 'where'> {
  const expected = faults.flatMap(({ check, subject, beside = [] }) => [`${check} ${subject}`, ...beside]);
  return {
    faults: faults.length,
    found: faults.filter(({ check }) => found.some((one) => one.check === check)).length,
    placed: faults.filter(({ check, subject, seen }) =>
      found.some((one) => one.check === check && one.subject === subject && seen.test(one.seen)),
    ).length,
    wrong: found.filter(({ check, subject }) => !expected.includes(`${check} ${subject}`)).length,
  };
}

function added(sum: Tally, one: Omit<Tally, 'where'>): Tally {
  return {
    where: sum.where,
    faults: sum.faults + one.faults,
    found: sum.found + one.found,
    placed: sum.placed + one.placed,
    wrong: sum.wrong + one.wrong,
  };
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${Math.round((100 * part) / whole)} %  (${part})`;
}
