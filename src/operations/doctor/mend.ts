import { type Diagnosis, diagnose } from '../../doctor/diagnose.ts';
import type { FactSet } from '../../doctor/facts/fleet.ts';
import { DcvopsError } from '../../errors.ts';
import {
  type FixContext,
  type FixResult,
  type PlannedFix,
  applyFixes,
  placeOfFix,
  planFixes,
} from './fix.ts';

export interface MendContext extends FixContext {
  /** Finds out the facts anew. */
  readonly lookAgain: () => Promise<FactSet>;
}

/** How things are after mending. */
export interface Mended {
  readonly facts: FactSet;
  readonly diagnosis: Diagnosis;
  /** What was done, in order. */
  readonly results: readonly FixResult[];
}

/** A started service shows what else is missing, and that again; more rounds than this have no end. */
const MAX_ROUNDS = 4;

/**
 * Mends what can be mended safely: shows the plan, asks, does it, looks again; and once more while what was hidden behind a
 * cause can be mended, too.
 * @throws DcvopsError `failed` when the answer is no; nothing more is changed then
 */
export async function mendInRounds(
  context: MendContext,
  before: FactSet,
  allow: { readonly endSessions: boolean },
): Promise<Mended> {
  const results: FixResult[] = [];
  let facts = before;
  let diagnosis = diagnose(facts);
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const { doable, withheld } = planFixes(facts, diagnosis.findings, allow);
    // what was tried once is not tried again
    const fresh = doable.filter(({ fix }) => !results.some((result) => isSame(result.fix, fix)));
    if (round === 1) tellWithheld(context, withheld);
    if (fresh.length === 0) break;
    await agree(context, fresh);
    const done = await applyFixes(context, fresh);
    results.push(...done);
    facts = await context.lookAgain();
    diagnosis = diagnose(facts);
    tell(context, done, diagnosis);
  }
  if (results.length === 0 && diagnosis.findings.length > 0) {
    context.emit({
      type: 'note',
      level: 'info',
      message: 'there is nothing that --fix could mend; nothing was changed',
    });
  }
  return { facts, diagnosis, results };
}

function isSame(one: PlannedFix['fix'], other: PlannedFix['fix']): boolean {
  return one.title === other.title && placeOfFix(one) === placeOfFix(other);
}

function tellWithheld({ emit }: MendContext, withheld: readonly PlannedFix[]): void {
  for (const { fix } of withheld) {
    emit({
      type: 'note',
      level: 'warning',
      host: placeOfFix(fix),
      message: `not planned: ${fix.title}, for it ends sessions that people are connected to`,
      hint: 'dcvops doctor --fix --end-sessions   (ends them)',
    });
  }
}

async function agree({ emit, confirm }: MendContext, fixes: readonly PlannedFix[]): Promise<void> {
  for (const { finding, fix } of fixes) {
    const undo = fix.undo === undefined ? 'no undo' : `undo: ${fix.undo}`;
    emit({
      type: 'note',
      level: 'info',
      host: placeOfFix(fix),
      message: `${finding.seen}: would ${fix.title}   (${undo})`,
    });
  }
  const what = fixes.length === 1 ? 'this' : `these ${fixes.length} things`;
  const refusal = new DcvopsError('failed', 'nothing was changed.', {
    hint: 'dcvops doctor --fix --yes   (does what the plan says)',
  });
  if (!(await confirm({ text: `Do ${what}?`, flag: '--yes', refusal }))) throw refusal;
}

/** What was done, and whether the finding is gone. */
function tell({ emit }: MendContext, results: readonly FixResult[], { findings, silenced }: Diagnosis): void {
  const isThere = ({ finding }: PlannedFix): boolean =>
    [...findings, ...silenced].some(
      (other) => other.check === finding.check && other.subject === finding.subject,
    );
  for (const result of results) {
    const host = placeOfFix(result.fix);
    if (result.outcome === 'failed') {
      const message = `could not ${result.fix.title}: ${result.message}`;
      emit({ type: 'note', level: 'warning', host, message, hint: result.finding.remedy });
    } else if (isThere(result)) {
      const message = `did ${result.fix.title}, but ${result.finding.check} is still there`;
      emit({ type: 'note', level: 'warning', host, message, hint: result.finding.remedy });
    } else {
      emit({ type: 'note', level: 'info', host, message: `mended: ${result.fix.title}` });
    }
  }
}
