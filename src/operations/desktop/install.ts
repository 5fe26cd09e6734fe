import pLimit from 'p-limit';
import { sessionsCommand } from '../../dcv/session/again.ts';
import { FLAVORS, type FlavorName } from '../../doctor/desktop/flavors.ts';
import { desktopReports } from '../../doctor/desktop/needs.ts';
import { type DesktopPlan, type PlanOptions, nameOf, planDesktop } from '../../doctor/desktop/plan.ts';
import type { InstallState } from '../../doctor/desktop/state.ts';
import type { FactSet } from '../../doctor/facts/fleet.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost, Host } from '../../inventory/types.ts';
import { type Confirm, confirmOrThrow } from '../../report/ask.ts';
import type { Emit, OutcomeEvent } from '../../report/events.ts';
import { quote, words } from '../../shell/shell.ts';
import type { Remote } from '../../ssh/remote.ts';
import type { SurveyContext } from '../doctor/survey.ts';
import { notStarted, outcomeOf } from '../outcome.ts';
import { describeFailure, expectEndedWell, followOn, readState, startOn } from './carry-out.ts';
import { lookAtAgents, notRead } from './look.ts';

/** What installing desktops works with. */
export interface DesktopInstallContext extends SurveyContext {
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly confirm: Confirm;
  /** Aborted by Ctrl-C: nothing is begun any more, and what runs on a host goes on there. */
  readonly signal: AbortSignal;
  /** For the hosts' audit logs: "anna@laptop". */
  readonly who: string;
}

export interface DesktopInstallOptions extends PlanOptions {
  /** Show the plan, and do nothing. */
  readonly dryRun: boolean;
}

const READING = { id: 'facts', title: 'Reading the host' };
const INSTALLING = { id: 'install', title: 'Installing' };

/**
 * Installs a desktop on agents: reads them side by side, shows what will be done, asks once, and has each host do it in a
 * systemd unit of its own, which is followed and goes on when the connection is lost. Where one runs already, it is followed,
 * and is not taken for what was asked: that is looked at then.
 * Emits an outcome for every agent; one that fails never stops the others.
 * @throws DcvopsError `usage` where nobody can be asked, `failed` when the answer is no
 */
export async function installDesktops(
  context: DesktopInstallContext,
  agents: readonly AgentHost[],
  options: DesktopInstallOptions,
): Promise<void> {
  const { emit, confirm, signal } = context;
  const atOnce = pLimit(context.concurrency);
  const names = (list: readonly { readonly agent: AgentHost }[]): string[] =>
    list.map(({ agent }) => agent.name);

  emit({ type: 'steps', hosts: agents.map(({ name }) => name), steps: [READING] });
  const states = await Promise.all(agents.map((agent) => atOnce(() => reach(context, agent))));
  const reached = states.filter((one) => one !== undefined);
  const running = reached.filter(({ state }) => state.run?.state === 'running');
  const idle = reached.filter(({ state }) => state.run?.state !== 'running');
  const ready = await planAll(context, idle, options);
  for (const { agent } of running) tellRead(emit, agent);

  for (const { agent, state, plan } of ready) showPlan(emit, agent, state, plan);
  if (options.dryRun) {
    for (const one of [...ready, ...running]) emit(wouldOutcome(one));
    return;
  }
  if (ready.length + running.length === 0) return;
  if (ready.length > 0) {
    await confirmOrThrow(confirm, { text: `Install this on ${someOf(names(ready))}?`, flag: '--yes' });
  }
  signal.throwIfAborted();
  emit({ type: 'steps', hosts: names([...running, ...ready]), steps: [INSTALLING] });
  await Promise.all([
    ...running.map((one) => atOnce(() => concluded(emit, one, () => followRunning(context, one, options)))),
    ...ready.map((one) =>
      atOnce(async () => {
        if (signal.aborted) emit(notStarted(one.agent.name, commandFor(one.agent, options)));
        else await concluded(emit, one, () => install(context, one, options));
      }),
    ),
  ]);
}

/** An agent that answers, and how an installation stands there. */
interface Reached {
  readonly agent: AgentHost;
  readonly remote: Remote;
  readonly state: InstallState;
}

interface Ready extends Reached {
  readonly plan: Extract<DesktopPlan, { kind: 'install' }>;
}

async function reach(
  { connect, emit }: DesktopInstallContext,
  agent: AgentHost,
): Promise<Reached | undefined> {
  try {
    emit({ type: 'step', host: agent.name, step: READING.id, state: 'started' });
    const remote = await connect(agent);
    return { agent, remote, state: await readState(remote) };
  } catch (error) {
    emit(outcomeOf(error, agent.name));
    return undefined;
  }
}

/** Plans where something is to be done; of the others it emits the outcome. */
async function planAll(
  context: DesktopInstallContext,
  reached: readonly Reached[],
  options: PlanOptions,
): Promise<Ready[]> {
  if (reached.length === 0) return [];
  const set = await lookAtAgents(
    context,
    reached.map(({ agent }) => agent),
  );
  return reached.flatMap((one) => {
    const { emit } = context;
    try {
      const plan = planOne(set, one, options);
      tellRead(emit, one.agent);
      if (plan.kind === 'install') return [{ ...one, plan }];
      emit(outcomeOfPlan(set, one, plan));
    } catch (error) {
      emit(outcomeOf(error, one.agent.name));
    }
    return [];
  });
}

/** @throws DcvopsError for a host that told no facts, and for what cannot be planned */
function planOne(set: FactSet, { agent: { name }, state }: Reached, options: PlanOptions): DesktopPlan {
  const host = set.hosts.find((one) => one.name === name);
  const report = desktopReports(set).find(({ agent }) => agent === name);
  if (host?.system === undefined || host.agent === undefined || report === undefined) {
    const failure = host === undefined ? undefined : notRead(host);
    throw new DcvopsError(
      failure?.outcome === 'unreachable' ? 'unreachable' : 'failed',
      failure?.message ?? 'the host told nothing of itself',
      { host: name, ...(failure?.hint === undefined ? {} : { hint: failure.hint }) },
    );
  }
  return planDesktop({ host: name, system: host.system, agent: host.agent, report, state, set }, options);
}

function tellRead(emit: Emit, { name }: AgentHost): void {
  emit({ type: 'step', host: name, step: READING.id, state: 'done' });
}

/** The outcome of a plan without anything that dcvops would run. */
function outcomeOfPlan(
  { hosts }: FactSet,
  { agent: { name } }: Reached,
  plan: Exclude<DesktopPlan, { kind: 'install' }>,
): OutcomeEvent {
  if (plan.kind === 'nothing') {
    return {
      type: 'outcome',
      host: name,
      outcome: 'unchanged',
      message: `unchanged: ${plan.flavor} is there`,
    };
  }
  const system = hosts.find((host) => host.name === name)?.system;
  const where = system === undefined ? 'this distribution' : nameOf(system);
  return {
    type: 'outcome',
    host: name,
    outcome: 'failed',
    message: `the plan was printed and not run: nobody has tried it on ${where}`,
    hint: plan.commands.join('\n'),
  };
}

function showPlan(emit: Emit, { name }: AgentHost, { run, logEnd }: InstallState, plan: Ready['plan']): void {
  if (run?.state === 'failed') {
    emit({ type: 'note', level: 'warning', host: name, message: `before: ${describeFailure(run, logEnd)}` });
  }
  const list = plan.steps.map(({ title }) => `- ${title}`).join('\n');
  emit({ type: 'note', level: 'info', host: name, message: `to do for ${plan.flavor}:\n${list}` });
}

function wouldOutcome(one: Reached | Ready): OutcomeEvent {
  const what = 'plan' in one ? `would install ${one.plan.flavor}` : `would follow ${descriptionOf(one)}`;
  return { type: 'outcome', host: one.agent.name, outcome: 'done', message: `${what}; nothing changed` };
}

/** "dcvops desktop install: xfce, by anna@laptop (since …)": what the unit is called. */
function descriptionOf({ state: { run } }: Reached): string {
  return `"${run?.description ?? ''}"${run === undefined || run.since === '' ? '' : ` (since ${run.since})`}`;
}

function someOf(names: readonly string[]): string {
  return names.length > 5 ? `${names.length} agents` : names.join(', ');
}

/** Emits what came of one agent. */
async function concluded(emit: Emit, { agent }: Reached, work: () => Promise<string>): Promise<void> {
  let outcome: OutcomeEvent;
  try {
    const message = await work();
    emit({ type: 'step', host: agent.name, step: INSTALLING.id, state: 'done' });
    const hint = sessionsCommand(agent);
    outcome = { type: 'outcome', host: agent.name, outcome: 'done', message, hint };
  } catch (error) {
    outcome = outcomeOf(error, agent.name);
    if (outcome.outcome === 'failed') {
      emit({ type: 'step', host: agent.name, step: INSTALLING.id, state: 'failed' });
    }
  }
  emit(outcome);
}

async function followRunning(
  context: DesktopInstallContext,
  one: Reached,
  options: PlanOptions,
): Promise<string> {
  const { agent } = one;
  context.emit({
    type: 'note',
    level: 'info',
    host: agent.name,
    message: `follows what runs there already: ${descriptionOf(one)}`,
  });
  const flavor = options.flavor ?? flavorOf(one);
  await follow(context, one, '20', commandFor(agent, { ...options, flavor }));
  const left = flavor === undefined ? undefined : await leftToDo(context, one, { ...options, flavor });
  if (left !== undefined) {
    throw new DcvopsError(
      'failed',
      `${descriptionOf(one)} ended well; for ${flavor ?? ''} there is left: ${left}`,
      { host: agent.name, hint: commandFor(agent, options) },
    );
  }
  return `${descriptionOf(one)} ended well`;
}

/** What runs there, by what its unit is called: who follows it and names no flavor has asked for that. */
function flavorOf({ state: { run } }: Reached): FlavorName | undefined {
  const name = /^dcvops desktop install: (\S+), by /.exec(run?.description ?? '')?.[1];
  return FLAVORS.find((flavor) => flavor === name);
}

/** The command that was typed, for one agent. */
function commandFor({ name }: AgentHost, { flavor, endSessions }: PlanOptions): string {
  const options = [
    ...(flavor === undefined ? [] : ['--flavor', flavor]),
    ...(endSessions ? ['--end-sessions'] : []),
  ];
  return `dcvops desktop install ${words([name, ...options]).toString()}`;
}

async function install(
  context: DesktopInstallContext,
  one: Ready,
  options: DesktopInstallOptions,
): Promise<string> {
  const { agent, remote, plan } = one;
  const { flavor, steps } = plan;
  const started = await startOn(remote, steps, { flavor, who: context.who });
  if (started === 'running') {
    return followRunning(context, { ...one, state: await readState(remote) }, { ...options, flavor });
  }
  await follow(context, one, '+1', commandFor(agent, { ...options, flavor }));
  const left = await leftToDo(context, one, { ...options, flavor });
  if (left !== undefined) {
    throw new DcvopsError('failed', `the installation ended well, and yet there is left: ${left}`, {
      host: agent.name,
      hint: `dcvops desktop status ${quote(agent.name)}`,
    });
  }
  return `${flavor} is installed`;
}

async function follow(
  { emit, signal }: DesktopInstallContext,
  { agent: { name }, remote }: Reached,
  from: '+1' | '20',
  again: string,
): Promise<void> {
  emit({ type: 'step', host: name, step: INSTALLING.id, state: 'started' });
  await followOn(remote, {
    from,
    signal,
    onLine: (line) => {
      emit({ type: 'step', host: name, step: INSTALLING.id, state: 'progress', detail: line.slice(0, 300) });
    },
  });
  expectEndedWell(name, again, await readState(remote));
}

/** What was asked is planned once more: a program that ends well may have done nothing. undefined: all is there. */
async function leftToDo(
  context: DesktopInstallContext,
  { agent, remote }: Reached,
  options: PlanOptions,
): Promise<string | undefined> {
  const [state, set] = await Promise.all([readState(remote), lookAtAgents(context, [agent])]);
  const plan = planOne(set, { agent, remote, state }, options);
  return plan.kind === 'install' ? plan.steps.map(({ title }) => title).join('; ') : undefined;
}
