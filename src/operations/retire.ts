import pLimit from 'p-limit';
import type { ActOptions } from '../doctor/retire/act.ts';
import { againCommand, describePlan } from '../doctor/retire/describe.ts';
import { parseRetireFacts } from '../doctor/retire/parse.ts';
import { planRetire } from '../doctor/retire/plan.ts';
import { type UndoOptions, planUndo } from '../doctor/retire/plan-undo.ts';
import { readForRetire } from '../doctor/retire/read.ts';
import type { NothingToDo, Retirable, RetireFacts, RetirePlan, UndoPlan } from '../doctor/retire/types.ts';
import type { Host, Inventory } from '../inventory/types.ts';
import { type Confirm, confirmOrThrow } from '../report/ask.ts';
import type { Emit, OutcomeEvent } from '../report/events.ts';
import { parseRecords } from '../shell/records.ts';
import type { Remote } from '../ssh/remote.ts';
import { notStarted, outcomeOf } from './outcome.ts';
import { ACT_STEPS, carryOut } from './retire/carry-out.ts';
import { diffOfConf } from './retire/conf-diff.ts';
import { type Done, doneOutcome, wouldOutcome } from './retire/outcomes.ts';

/** What retiring works with. */
export interface RetireContext {
  readonly inventory: Inventory;
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly confirm: Confirm;
  /** Aborted by Ctrl-C: nothing is begun any more; what is under way on a host is finished. */
  readonly signal: AbortSignal;
  /** For locks and audit lines: "anna@laptop". */
  readonly who: string;
  /** How many hosts are worked on at once. */
  readonly concurrency: number;
}

/** What is wanted: one thing retired, or one thing (undefined: all that is retired on a host) brought back. */
export type RetireGoal =
  | { readonly kind: 'retire'; readonly what: Retirable }
  | { readonly kind: 'undo'; readonly what: Retirable | undefined };

export interface RetireSettings extends UndoOptions {
  /** Show what would be done, and do nothing. */
  readonly dryRun: boolean;
  /** How long to wait for another command that holds a host's lock, in seconds. */
  readonly lockWaitSeconds: number;
  /** Where a session resolver listens, when no connection gateway on its host says so. */
  readonly resolverPort: number | undefined;
}

/**
 * Retires something on hosts, or brings it back: reads them side by side, shows what will be done, asks once, and does it,
 * each host as one script that finishes or undoes itself. Emits an outcome for every host; one that fails never stops the
 * others.
 * @throws DcvopsError `usage` where nobody can be asked, `failed` when the answer is no
 */
export async function retire(
  context: RetireContext,
  hosts: readonly Host[],
  goal: RetireGoal,
  settings: RetireSettings,
): Promise<void> {
  const atOnce = pLimit(context.concurrency);
  const { emit, signal } = context;
  emit({ type: 'steps', hosts: hosts.map(({ name }) => name), steps: [READING] });
  const read = await Promise.all(hosts.map((host) => atOnce(() => prepare(context, host, goal, settings))));
  signal.throwIfAborted();
  const ready = read.filter((one) => one !== undefined);
  if (ready.length === 0) return;

  for (const { plans } of ready) for (const plan of plans) showPlan(emit, plan);
  if (settings.dryRun) {
    for (const { host, plans } of ready) emit(wouldOutcome(host.name, plans));
    return;
  }
  const names = ready.map(({ host }) => host.name);
  await confirmOrThrow(context.confirm, { text: questionFor(goal, names), flag: '--yes' });
  signal.throwIfAborted();
  emit({ type: 'steps', hosts: names, steps: ACT_STEPS });
  await Promise.all(ready.map((one) => atOnce(() => act(context, one, settings))));
}

const READING = { id: 'facts', title: 'Reading the host' };

/** A host on which something is to be done. */
interface Ready {
  readonly host: Host;
  readonly remote: Remote;
  readonly plans: readonly (RetirePlan | UndoPlan)[];
}

/** Reads a host and decides; undefined when there is nothing to do or it may not be done, which its outcome says. */
async function prepare(
  context: RetireContext,
  host: Host,
  goal: RetireGoal,
  settings: RetireSettings,
): Promise<Ready | undefined> {
  const { emit } = context;
  try {
    emit({ type: 'step', host: host.name, step: 'facts', state: 'started' });
    const remote = await context.connect(host);
    const { listen } = context.inventory.gateway;
    const { stdout } = await remote.run(
      readForRetire({ gatewayPort: listen.port, resolverPort: settings.resolverPort }),
    );
    const plans = decide(context, host, parseRetireFacts(parseRecords(stdout)), goal, settings);
    emit({ type: 'step', host: host.name, step: 'facts', state: 'done' });
    if (!('kind' in plans)) return { host, remote, plans };
    emit({ type: 'outcome', host: host.name, outcome: 'unchanged', message: plans.message });
  } catch (error) {
    emit(outcomeOf(error, host.name));
  }
  return undefined;
}

function decide(
  { inventory }: RetireContext,
  { name, role }: Host,
  facts: RetireFacts,
  goal: RetireGoal,
  settings: RetireSettings,
): readonly (RetirePlan | UndoPlan)[] | NothingToDo {
  if (goal.kind === 'undo') return planUndo(name, goal.what, facts, settings);
  const { listen, tls } = inventory.gateway;
  const gateway = { role, port: listen.port, certificate: tls.certificate, key: tls.key };
  const plan = planRetire(name, goal.what, facts, settings, gateway);
  return plan.kind === 'nothing' ? plan : [plan];
}

function showPlan(emit: Emit, plan: RetirePlan | UndoPlan): void {
  const { host, warnings } = plan;
  emit({ type: 'note', level: 'info', host, message: describePlan(plan) });
  const diff = diffOfConf(plan);
  if (diff !== undefined) emit(diff);
  for (const message of warnings) emit({ type: 'note', level: 'warning', host, message });
}

function questionFor({ kind }: RetireGoal, hosts: readonly string[]): string {
  const where = hosts.length > 5 ? `${hosts.length} hosts` : hosts.join(', ');
  return kind === 'retire' ? `Retire this on ${where}?` : `Bring this back on ${where}?`;
}

async function act(
  context: RetireContext,
  { host, remote, plans }: Ready,
  settings: RetireSettings,
): Promise<void> {
  if (context.signal.aborted) {
    context.emit(notStarted(host.name, plans.map(againCommand).join('\n')));
    return;
  }
  const options: ActOptions = { ...settings, who: context.who };
  const done: Done[] = [];
  let outcome: OutcomeEvent;
  try {
    for (const plan of plans) done.push({ plan, ...(await carryOut(context.emit, remote, plan, options)) });
    outcome = doneOutcome(host, done);
  } catch (error) {
    outcome = outcomeOf(error, host.name);
  }
  context.emit(outcome);
}
