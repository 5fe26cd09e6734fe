import { DcvopsError } from '../../errors.ts';
import { type Target, expectationOf } from '../../gateway/decide.ts';
import type { Change, OpenTransaction, ProxyConversation } from '../../gateway/transaction.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { OutcomeEvent, Step } from '../../report/events.ts';
import type { GatewayContext } from './context.ts';
import { type AgentSight, type GatewayView, type Way, describeAgents, worseThan } from './view.ts';

const CHANGING: readonly Step[] = [
  { id: 'stage', title: 'Staging the files' },
  { id: 'validate', title: 'Validating with nginx -t' },
  { id: 'swap', title: 'Swapping in' },
  { id: 'reload', title: 'Reloading nginx' },
  { id: 'verify', title: 'Looking from outside' },
  { id: 'commit', title: 'Keeping it' },
];

/** A change of one proxy, decided and agreed to. */
export interface Work {
  readonly context: GatewayContext;
  readonly proxy: ProxyHost;
  readonly conversation: ProxyConversation;
  readonly target: Target;
  readonly view: GatewayView;
  /** How long the host waits for the operator's word, in seconds. */
  readonly confirmSeconds: number;
  /** Whether agents that answer worse than before undo the change; not where it restores what was there before them. */
  readonly comparesAgents: boolean;
}

/**
 * Puts the change in place, looks from outside, and keeps or undoes it.
 * @throws DcvopsError `failed` (nothing changed), `undone`, `interrupted`, or `unreachable` (the host undoes it itself)
 */
export async function transact(work: Work, change: Change): Promise<OutcomeEvent> {
  const { context, proxy, conversation } = work;
  const { emit } = context;
  const host = proxy.name;
  // Only what gets worse counts against the change.
  const agentsBefore = work.comparesAgents ? await work.view.lookAtAgents() : [];
  emit({ type: 'steps', hosts: [host], steps: CHANGING });
  const progress: Progress = { step: 'stage' };
  try {
    const open = await conversation.apply(change, {
      onStep(step, state) {
        progress.step = step;
        emit({ type: 'step', host, step, state });
      },
      onUnsupported(why) {
        emit({ type: 'step', host, step: 'validate', state: 'skipped' });
        const message = `no private mount namespace here (${why.trim()}); nginx judges the files in place, before it reloads`;
        emit({ type: 'note', level: 'info', host, message });
      },
      onWaiting(holder) {
        const detail = `waiting for another deploy: ${holder.trim()}`;
        emit({ type: 'step', host, step: 'stage', state: 'progress', detail });
      },
    });
    const seen = await verify(work, open, agentsBefore, progress);
    return await commit(work, change, open, seen, progress);
  } catch (error) {
    emit({ type: 'step', host, step: progress.step, state: 'failed' });
    throw asLostInTheMiddle(error, progress.step, work.confirmSeconds);
  }
}

/** The step that is being taken; where a failure is told. */
interface Progress {
  step: string;
}

/** A connection lost on the way: the host is on its own now, and knows what to do. */
function asLostInTheMiddle(error: unknown, step: string, confirmSeconds: number): unknown {
  if (!(error instanceof DcvopsError) || error.code !== 'unreachable') return error;
  const host =
    step === 'commit'
      ? 'whether the host heard that it may keep the change is not known from here; it serves the old or the new release, whole'
      : `the host undoes the change by itself, within ${confirmSeconds} s`;
  return new DcvopsError('unreachable', `${error.message} (while at "${step}"); ${host}`, {
    ...(error.host === undefined ? {} : { host: error.host }),
    hint: hintAfter(error.host ?? 'PROXY', step),
    cause: error,
  });
}

/** Where it may be kept, the way back is worth a word: with all or nothing, the other proxies are put back. */
function hintAfter(host: string, step: string): string {
  const back = step === 'commit' ? `, or dcvops rollback ${host}` : '';
  return `dcvops releases ${host}   (what is live), then dcvops deploy ${host}${back}`;
}

/** How the gateway answers after the change. */
type Seen =
  | { readonly ok: true; readonly way: Way; readonly detail: string }
  | { readonly ok: false; readonly problem: string };

/** Looks from outside, and undoes the change when it is not live, made something worse, or was interrupted. */
async function verify(
  work: Work,
  open: OpenTransaction,
  agentsBefore: readonly AgentSight[],
  progress: Progress,
): Promise<Seen & { ok: true }> {
  const { emit, signal } = work.context;
  const host = work.proxy.name;
  progress.step = 'verify';
  emit({ type: 'step', host, step: 'verify', state: 'started' });
  const seen = await Promise.race([lookAround(work, agentsBefore), aborted(signal)]).catch(
    async (error: unknown): Promise<never> => {
      // nothing is known to throw here; whatever does, the host is not left waiting
      await open.rollback('the look from outside failed');
      throw error;
    },
  );
  if (seen === 'aborted') throw await undone(open, host, 'interrupted', 'interrupted');
  if (!seen.ok) throw await undone(open, host, 'undone', seen.problem);
  emit({ type: 'step', host, step: 'verify', state: 'done', detail: seen.detail });
  return seen;
}

async function lookAround(work: Work, agentsBefore: readonly AgentSight[]): Promise<Seen> {
  const expected = expectationOf(work.target, portOf(work));
  const answer = await work.view.waitFor(expected);
  if (!answer.ok) return { ok: false, problem: withHolder(work, answer.problem) };
  if (expected.kind === 'silence') return { ...answer, detail: 'nothing has the port, as before dcvops' };
  if (!work.comparesAgents) return { ...answer, detail: 'it answers again' };
  const agents = await work.view.lookAtAgents(agentsBefore);
  const worse = worseThan(agentsBefore, agents);
  if (worse.length > 0) return { ok: false, problem: `worse than before: ${worse.join(', ')}` };
  return { ...answer, detail: describeAgents(agentsBefore, agents) };
}

async function commit(
  work: Work,
  change: Change,
  open: OpenTransaction,
  seen: Seen & { ok: true },
  progress: Progress,
): Promise<OutcomeEvent> {
  const { emit } = work.context;
  const host = work.proxy.name;
  progress.step = 'commit';
  emit({ type: 'step', host, step: 'commit', state: 'started' });
  const { emerg, connections } = await open.commit();
  emit({ type: 'step', host, step: 'commit', state: 'done' });
  for (const line of emerg) emit({ type: 'note', level: 'warning', host, message: `nginx wrote: ${line}` });
  if (seen.way === 'tunnel') {
    const port = portOf(work);
    emit({
      type: 'note',
      level: 'warning',
      host,
      message: `:${port} unreachable from here, fine on the host (release ${change.release} kept). Security group or firewall.`,
      hint: `open TCP ${port} for your network, then dcvops check`,
    });
  }
  const kept =
    connections === 0
      ? ''
      : `, ${connections} open ${connections === 1 ? 'connection' : 'connections'} to desktops kept`;
  return {
    type: 'outcome',
    host,
    outcome: 'done',
    message: `release ${change.release} live${kept}`,
    hint: 'dcvops check   (undo: dcvops rollback)',
  };
}

function portOf(work: Work): number {
  return work.context.inventory.gateway.listen.port;
}

/** Undoes the change and returns the error that says so. */
async function undone(
  open: OpenTransaction,
  host: string,
  code: 'undone' | 'interrupted',
  reason: string,
): Promise<DcvopsError> {
  const { emerg } = await open.rollback(reason);
  const message = code === 'interrupted' ? 'interrupted; the change is undone' : `${reason}; undone.`;
  return new DcvopsError(code, [message, ...emerg].join('\n'), {
    host,
    hint: 'dcvops check   (what is live now)',
  });
}

/** A reload that "succeeded" but isn't live has one usual cause: somebody else has the port. */
function withHolder(work: Work, problem: string): string {
  const { listeners = [] } = work.conversation.facts;
  const others = listeners.filter((listener) => listener.program !== 'nginx');
  if (others.length === 0) return problem;
  const names = others.map((listener) => `${listener.program} (pid ${listener.pid})`).join(', ');
  return `${problem}; port ${portOf(work)} is held by ${names}`;
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => {
      resolve('aborted');
    });
  });
}
