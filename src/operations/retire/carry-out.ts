import { type ActOptions, retireScript } from '../../doctor/retire/act.ts';
import { undoScript } from '../../doctor/retire/act-undo.ts';
import { againCommand } from '../../doctor/retire/describe.ts';
import type { RetirePlan, UndoPlan } from '../../doctor/retire/types.ts';
import { DcvopsError } from '../../errors.ts';
import type { Emit, Step } from '../../report/events.ts';
import { oneLine } from '../../report/sanitise.ts';
import type { ScriptRecord } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { lostMidway, talkToEnd } from '../talk-to-end.ts';

/** The steps that a host takes by itself. */
export const ACT_STEPS: readonly Step[] = [
  { id: 'state', title: 'Keeping what the undo needs' },
  { id: 'units', title: 'Services' },
  { id: 'conf', title: 'dcv.conf' },
  { id: 'restart', title: 'Restarting dcvserver' },
];

/** What came of a plan beside what it said. */
export interface Result {
  /** Somebody connected meanwhile: dcvserver was not restarted. */
  readonly restartWithheld: boolean;
  /** Where a dcv.conf that somebody had changed is kept. */
  readonly replaced: string | undefined;
}

/**
 * Has the host carry a plan out, and follows what it tells. Emits the steps.
 * @throws DcvopsError `undone` when it was tried and undone, `failed` for the rest, `unreachable` when the connection was
 *   lost: the host finishes or undoes it without us
 */
export async function carryOut(
  emit: Emit,
  remote: Remote,
  plan: RetirePlan | UndoPlan,
  options: ActOptions,
): Promise<Result> {
  const { script, stdin } =
    plan.kind === 'retire' ? retireScript(plan, options) : { script: undoScript(plan, options), stdin: '' };
  try {
    const conversation = await remote.converse(script);
    const { records, code, stderr } = await talkToEnd(
      conversation,
      Buffer.from(stdin, 'latin1'),
      (record) => {
        tellStep(emit, plan.host, record);
      },
    );
    return resultOf(plan, records, `exit ${code}${stderr === '' ? '' : `: ${oneLine(stderr)}`}`);
  } catch (error) {
    throw lostMidway(error, {
      host: plan.host,
      goesOn: 'the host finishes this or undoes it by itself',
      hint: `${againCommand(plan)} --dry-run   (what is left to do)`,
    });
  }
}

function tellStep(emit: Emit, host: string, { name, value }: ScriptRecord): void {
  if (!ACT_STEPS.some(({ id }) => id === value)) return;
  if (name === 'step') emit({ type: 'step', host, step: value, state: 'started' });
  if (name === 'did') emit({ type: 'step', host, step: value, state: 'done' });
}

/** What the host said at the end. @throws DcvopsError unless it was done */
function resultOf(plan: RetirePlan | UndoPlan, told: readonly ScriptRecord[], end: string): Result {
  const value = (name: string): string | undefined => told.find((record) => record.name === name)?.value;
  const has = (name: string): boolean => value(name) !== undefined;
  if (has('retired') || has('restored') || has('nothing')) {
    return { restartWithheld: has('restart-withheld'), replaced: value('replaced') };
  }
  throw failureOf(plan, value, end);
}

function failureOf(
  plan: RetirePlan | UndoPlan,
  value: (name: string) => string | undefined,
  end: string,
): DcvopsError {
  const { host } = plan;
  const hint = againCommand(plan);
  const failed = (message: string): DcvopsError => new DcvopsError('failed', message, { host, hint });
  const undone = value('undone');
  if (undone !== undefined) {
    return new DcvopsError('undone', `${oneLine(undone)}; undone: everything is as it was`, { host, hint });
  }
  const notUndone = value('not-undone');
  if (notUndone !== undefined) return failed(`${oneLine(notUndone)}; not all of it could be undone`);
  const holder = value('locked');
  if (holder !== undefined) {
    return failed(
      `another command is at work here${holder === '' ? '' : ` (${oneLine(holder)})`}. Nothing changed.`,
    );
  }
  if (value('changed') !== undefined)
    return failed('dcv.conf was changed by somebody else meanwhile. Nothing changed.');
  const problem = value('failed');
  if (problem === undefined) return failed(`the script on the host ended early (${end})`);
  const state = plan.kind === 'retire' ? 'Nothing changed.' : 'What was brought back stays.';
  return failed(`${oneLine(problem)}. ${state}`);
}
