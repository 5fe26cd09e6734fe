import { DcvopsError } from '../../errors.ts';
import {
  type Decision,
  type DecisionOptions,
  type Target,
  decide,
  expectationOf,
  keptAs,
} from '../../gateway/decide.ts';
import { diffOf } from '../../gateway/diff.ts';
import type { ProxyFacts } from '../../gateway/proxy-facts.ts';
import {
  type Change,
  ChangedMeanwhile,
  type ProxyConversation,
  converseWithProxy,
} from '../../gateway/transaction.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import { confirmOrThrow } from '../../report/ask.ts';
import type { OutcomeEvent, Step } from '../../report/events.ts';
import type { Remote } from '../../ssh/remote.ts';
import type { GatewayContext } from './context.ts';
import { prepareHost } from './prepare-host.ts';
import { readDrift } from './read-drift.ts';
import { type Work, transact } from './transact.ts';
import { type Sight, viewGateway } from './view.ts';

/** What shall become of a proxy, once its facts are known. */
export interface Goal {
  /** A kept release whose files the facts shall hold; undefined for a deploy. */
  readonly wantedRelease: string | undefined;
  /** The files that shall be live. Throws what makes that impossible. */
  readonly target: (facts: ProxyFacts) => Target;
  /** Whether a bare host is made ready first. */
  readonly prepares: boolean;
  /** What to type for this again, for hints. */
  readonly command: string;
  /** Whether the diff is shown and asked for before the change. */
  readonly showsDiff: boolean;
  /** Whether agents that answer worse than before undo the change. */
  readonly comparesAgents: boolean;
  /** Told once the change is kept. */
  readonly onKept?: (replaced: Replaced) => void;
}

/** A change that was kept. */
export interface Replaced {
  /** The release that is live now. */
  readonly release: string;
  /** The kept release that holds what was there before. */
  readonly before: string;
}

export interface ChangeOptions {
  readonly dryRun: boolean;
  readonly takeOver: boolean;
  readonly force: boolean;
  readonly allowOpen: boolean;
  readonly prepareHost: boolean;
  /** In seconds: how long another deploy's lock is waited for. */
  readonly lockWaitSeconds: number;
  /** In seconds: how long the host waits for the operator's word. */
  readonly confirmSeconds: number;
}

const READING: readonly Step[] = [{ id: 'facts', title: 'Reading the host' }];

/** How often a change starts again because somebody else changed the gateway meanwhile. */
const ATTEMPTS = 3;

/**
 * Brings one proxy to its goal, as one transaction that the host finishes or undoes. Emits the steps, not the outcome.
 * @returns the outcome `done` or `unchanged`
 * @throws DcvopsError `failed` (nothing changed), `undone`, `interrupted`, or one of the connection's
 */
export async function changeGateway(
  context: GatewayContext,
  proxy: ProxyHost,
  goal: Goal,
  options: ChangeOptions,
): Promise<OutcomeEvent> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await changeOnce(context, proxy, goal, options);
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || attempt === ATTEMPTS) throw error;
      context.emit({
        type: 'note',
        level: 'info',
        host: proxy.name,
        message: 'changed by somebody else meanwhile; reading again',
      });
    }
  }
}

async function changeOnce(
  context: GatewayContext,
  proxy: ProxyHost,
  goal: Goal,
  options: ChangeOptions,
): Promise<OutcomeEvent> {
  const { inventory, emit } = context;
  const port = inventory.gateway.listen.port;
  emit({ type: 'steps', hosts: [proxy.name], steps: READING });
  emit({ type: 'step', host: proxy.name, step: 'facts', state: 'started' });
  // The gateway is looked at from outside while SSH is still shaking hands.
  const remote = context.connect(proxy);
  const view = viewGateway(inventory, proxy, remote);
  const lookBefore = view.look();
  lookBefore.catch(() => undefined);

  const start = async (): Promise<ProxyConversation> =>
    startConversation(context, proxy, await remote, goal, options);
  const ready = goal.prepares
    ? await prepareHost(context, proxy, await remote, start, options)
    : { conversation: await start(), files: [] };
  const { conversation } = ready;
  const { facts } = conversation;
  try {
    const before = await lookBefore;
    emit({ type: 'step', host: proxy.name, step: 'facts', state: 'done', detail: summary(facts, before) });
    const base = goal.target(facts);
    const target: Target = { ...base, files: [...base.files, ...ready.files] };
    const decision = decide(facts, target, before.served, decisionOptions(port, goal, options));
    const { confirmSeconds } = options;
    const { comparesAgents } = goal;
    return await carryOut({
      context,
      proxy,
      options,
      goal,
      conversation,
      decision,
      target,
      view,
      confirmSeconds,
      comparesAgents,
    });
  } catch (error) {
    await conversation.quit().catch(() => undefined);
    throw error;
  }
}

function decisionOptions(port: number, { command }: Goal, options: ChangeOptions): DecisionOptions {
  const { takeOver, force, allowOpen } = options;
  return { port, now: new Date(), takeOver, force, allowOpen, command };
}

async function startConversation(
  context: GatewayContext,
  proxy: ProxyHost,
  remote: Remote,
  goal: Goal,
  options: ChangeOptions,
): Promise<ProxyConversation> {
  const { tls, listen } = context.inventory.gateway;
  const conversation = await converseWithProxy(remote, {
    who: context.who,
    port: listen.port,
    certificate: tls.certificate,
    key: tls.key,
    wantedRelease: goal.wantedRelease,
    lockWaitSeconds: options.lockWaitSeconds,
    confirmSeconds: options.confirmSeconds,
  });
  if (conversation.facts.recovered !== undefined) {
    context.emit({
      type: 'note',
      level: 'warning',
      host: proxy.name,
      message: `${conversation.facts.recovered} was neither kept nor undone (the host lost power?); it is undone now`,
    });
  }
  return conversation;
}

interface Plan extends Work {
  readonly options: ChangeOptions;
  readonly goal: Goal;
  readonly decision: Decision;
}

async function carryOut(work: Plan): Promise<OutcomeEvent> {
  const { context, proxy, options, conversation, decision, target, view } = work;
  const host = proxy.name;
  if (decision.kind === 'unchanged') {
    // the host's script has nothing left to do: nobody waits for its end, which it also finds without a word
    conversation.quit().catch(() => undefined);
    return {
      type: 'outcome',
      host,
      outcome: 'unchanged',
      message: `release ${target.release} is live; unchanged`,
    };
  }
  if (decision.kind === 'reload') {
    if (options.dryRun) {
      await conversation.quit();
      return { type: 'outcome', host, outcome: 'done', message: `would reload nginx: ${decision.why}` };
    }
    await conversation.reload(target.release);
    const expected = expectationOf(target, work.context.inventory.gateway.listen.port);
    const after = await view.waitFor(expected, decision.certificate);
    if (!after.ok)
      throw new DcvopsError('failed', `nginx was reloaded (${decision.why}), but ${after.problem}`, { host });
    return {
      type: 'outcome',
      host,
      outcome: 'done',
      message: `release ${target.release}: nginx reloaded, since ${decision.why}`,
    };
  }
  if (options.dryRun) return dryRun(work, decision.change);
  await showFirst(work, decision.change);
  for (const question of decision.questions) await confirmOrThrow(context.confirm, question);
  if (work.goal.showsDiff) await confirmOrThrow(context.confirm, rollbackQuestion(host, target.release));
  if (context.signal.aborted) throw new DcvopsError('interrupted', 'interrupted. Nothing changed.', { host });
  const outcome = await transact(work, decision.change);
  work.goal.onKept?.({ release: target.release, before: keptAs(conversation.facts, decision.change) });
  return outcome;
}

/** Shows what the questions are about: the change, or what somebody edited by hand and would lose. */
async function showFirst(work: Plan, { files }: Change): Promise<void> {
  const { context, proxy, options, conversation } = work;
  if (work.goal.showsDiff) {
    for (const event of diffOf(proxy.name, conversation.facts, files)) context.emit(event);
  } else if (!options.force) {
    const drift = await readDrift(context, proxy, conversation.facts, work.target.files);
    for (const event of drift) context.emit(event);
  }
}

function rollbackQuestion(
  host: string,
  release: string,
): { text: string; flag: string; refusal: DcvopsError } {
  return {
    text: `Roll ${host} back to ${release}?`,
    flag: '--yes',
    refusal: new DcvopsError('failed', 'not rolled back. Nothing changed.', {
      host,
      hint: `dcvops rollback ${host} --to ${release} --yes`,
    }),
  };
}

/** Shows the change and has nginx judge it on the host; changes nothing. */
async function dryRun(work: Plan, change: Change): Promise<OutcomeEvent> {
  const { context, proxy, conversation } = work;
  for (const event of diffOf(proxy.name, conversation.facts, change.files)) context.emit(event);
  const verdict = await conversation.validate(change);
  if (verdict.kind === 'invalid') {
    throw new DcvopsError(
      'failed',
      `nginx would refuse the configuration. Nothing changed.\n${verdict.message.trim()}`,
      {
        host: proxy.name,
      },
    );
  }
  const judged =
    verdict.kind === 'valid'
      ? 'nginx accepts it'
      : `not tried with nginx: the host allows no private mount namespace (${verdict.message.trim()})`;
  return {
    type: 'outcome',
    host: proxy.name,
    outcome: 'done',
    message: `dry run: would become release ${change.release}; ${judged}. Nothing changed.`,
    hint: work.goal.command,
  };
}

function summary(facts: ProxyFacts, before: Sight): string {
  const version = facts.nginx === undefined ? 'no nginx' : `nginx ${facts.nginx.version.join('.')}`;
  const live =
    facts.live === undefined ? 'no gateway yet' : `live: ${facts.live.releaseId ?? 'not from dcvops'}`;
  return `${version}, ${live}${before.way === 'tunnel' ? ', reached through SSH' : ''}`;
}
