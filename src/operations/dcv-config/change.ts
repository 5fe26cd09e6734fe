import pLimit from 'p-limit';
import {
  type ConfChange,
  type RestartOptions,
  decideConfChange,
  parseConfFacts,
} from '../../dcv/conf/decide-change.ts';
import { diffOfDcvConf } from '../../dcv/conf/diff.ts';
import { readForConfChange } from '../../dcv/conf/file.ts';
import type { WantedSetting } from '../../dcv/conf/settings.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost } from '../../inventory/types.ts';
import { mask } from '../../logs/mask.ts';
import { confirmOrThrow } from '../../report/ask.ts';
import type { DiffEvent, OutcomeEvent } from '../../report/events.ts';
import { parseRecords } from '../../shell/records.ts';
import { together } from '../gateway/in-batches.ts';
import { notStarted, outcomeOf } from '../outcome.ts';
import type { SessionContext } from '../session/context.ts';
import { doneOutcome, restartQuestion, unchangedOutcome, wouldOutcome } from './outcomes.ts';
import type { ReadyAgent } from './ready-agent.ts';
import { writeConf } from './write.ts';

/** What changing settings works with. */
export interface ConfigContext extends SessionContext {
  /** For locks and audit lines: "anna@laptop". */
  readonly who: string;
  /** Aborted by Ctrl-C: nothing is begun any more; what is under way on a host is finished. */
  readonly signal: AbortSignal;
}

/** What is wanted of the agents. */
export interface ConfigGoal {
  /** For each agent, by what its dcv.conf says now (one character a byte); with words for people about what is left alone. */
  readonly wantedOn: (
    agent: AgentHost,
    conf: string,
  ) => { readonly wanted: readonly WantedSetting[]; readonly notes: readonly string[] };
  /** The command that was typed, for one agent, without its options about restarts. */
  readonly commandFor: (agent: AgentHost) => string;
}

export interface ConfigOptions extends RestartOptions {
  /** Show what would be done, and do nothing. */
  readonly dryRun: boolean;
  /** How long to wait for another command that holds a host's lock, in seconds. */
  readonly lockWaitSeconds: number;
}

/** What became of one agent. */
export interface ConfigResult {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  readonly outcome: OutcomeEvent['outcome'];
  readonly message: string;
  readonly hint: string | undefined;
  /** Unified diff; undefined where nothing was to be done. */
  readonly diff: string | undefined;
}

/**
 * Changes settings on agents: reads them side by side, shows what will change, asks once, writes. Where a change needs a
 * restart of dcvserver and that was not asked for, it asks for it too, if nobody is connected and somebody can be asked.
 * Tells an outcome for every agent and returns them in the order they were given.
 * @throws DcvopsError `usage` where nobody can be asked, `failed` when the answer is no
 */
export async function changeConfigs(
  context: ConfigContext,
  agents: readonly AgentHost[],
  goal: ConfigGoal,
  options: ConfigOptions,
): Promise<ConfigResult[]> {
  const limit = pLimit(context.concurrency);
  const { signal } = context;
  const prepared = await together(agents, (agent) =>
    limit(() => {
      signal.throwIfAborted();
      return prepare(context, agent, goal, options);
    }),
  );
  signal.throwIfAborted();
  const ready = prepared.filter((one) => 'change' in one);
  for (const { diff } of ready) if (diff !== undefined) context.emit(diff);
  if (ready.length > 0 && !options.dryRun) await askFirst(context, ready);
  const restartToo =
    !options.dryRun && !options.restart && (await mayRestart(context, ready))
      ? new Set(ready.filter(canRestart))
      : new Set<ReadyAgent>();
  signal.throwIfAborted();
  return Promise.all(
    prepared.map(async (one) => {
      if (!('change' in one)) return one;
      const change: ConfChange = restartToo.has(one) ? { ...one.change, restart: 'now' } : one.change;
      const outcome = options.dryRun
        ? wouldOutcome(one.agent.name, change)
        : await limit(() => act(context, { ...one, change }, options));
      context.emit(outcome);
      return resultOf(one.agent, outcome, one.diff);
    }),
  );
}

/** Reads an agent and decides; a result where nothing is to be done or it may not be done. */
async function prepare(
  context: ConfigContext,
  agent: AgentHost,
  goal: ConfigGoal,
  options: ConfigOptions,
): Promise<ReadyAgent | ConfigResult> {
  const { emit } = context;
  const command = goal.commandFor(agent);
  let outcome: OutcomeEvent;
  try {
    const remote = await context.connect(agent);
    const { stdout } = await remote.run(readForConfChange());
    const facts = parseConfFacts(agent.name, parseRecords(stdout));
    const { wanted, notes } = goal.wantedOn(agent, facts.file.text);
    for (const message of notes) emit({ type: 'note', level: 'info', host: agent.name, message });
    const change = decideConfChange(agent.name, facts, wanted, options, command);
    if (change.kind === 'change') {
      const isEdit = change.changes.length > 0;
      const diff = isEdit ? diffOfDcvConf(agent.name, change.before, change.after, mask) : undefined;
      return { agent, remote, change, diff, command };
    }
    outcome = unchangedOutcome(agent.name, change, command);
  } catch (error) {
    outcome = outcomeOf(error, agent.name);
  }
  emit(outcome);
  return resultOf(agent, outcome, undefined);
}

async function askFirst({ confirm }: ConfigContext, ready: readonly ReadyAgent[]): Promise<void> {
  const names = ready.map(({ agent }) => agent.name);
  const where = names.length > 5 ? `${names.length} agents` : names.join(', ');
  const restarts = ready.filter(({ change }) => change.restart === 'now');
  const and = restarts.length === 0 ? '' : ` ${restartQuestion(restarts)}`;
  await confirmOrThrow(confirm, { text: `Change dcv.conf on ${where}?${and}`, flag: '--yes' });
}

const NOT_ASKED = new DcvopsError('usage', 'nobody can be asked');

/** A restart that nobody asked for is done after a yes alone, and left where nobody can be asked. */
async function mayRestart({ confirm }: ConfigContext, ready: readonly ReadyAgent[]): Promise<boolean> {
  const candidates = ready.filter(canRestart);
  if (candidates.length === 0) return false;
  try {
    return await confirm({
      text: `Without a restart the change counts later. ${restartQuestion(candidates)}`,
      flag: '--restart',
      neverByYes: true,
      refusal: NOT_ASKED,
    });
  } catch (error) {
    if (error === NOT_ASKED) return false;
    throw error;
  }
}

function canRestart({ change }: ReadyAgent): boolean {
  return change.restart === 'later' && change.viewers === 0;
}

async function act(context: ConfigContext, one: ReadyAgent, options: ConfigOptions): Promise<OutcomeEvent> {
  if (context.signal.aborted) return notStarted(one.agent.name, one.command);
  try {
    const written = await writeConf(one, { ...options, who: context.who });
    return doneOutcome(one, written, context.inventory.sessions);
  } catch (error) {
    return outcomeOf(error, one.agent.name);
  }
}

function resultOf(
  { name, host }: AgentHost,
  { outcome, message, hint }: OutcomeEvent,
  diff: DiffEvent | undefined,
): ConfigResult {
  return { agent: name, address: host, outcome, message, hint, diff: diff?.diff };
}
