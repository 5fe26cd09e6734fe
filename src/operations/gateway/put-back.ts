import { DcvopsError } from '../../errors.ts';
import { type Target, expectationOf } from '../../gateway/decide.ts';
import type { ProxyFacts } from '../../gateway/proxy-facts.ts';
import { LIVE_FILE, isUnedited } from '../../gateway/release.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { outcomeOf } from '../outcome.ts';
import { wholeKeptTarget } from '../targets.ts';
import { type ChangeOptions, type Replaced, changeGateway } from './change.ts';
import type { GatewayContext } from './context.ts';

/**
 * Gives a proxy back what a change of this very command replaced there, by the same safe transaction, also after Ctrl-C.
 * Asks nothing. What somebody else changed since is left as it is. Emits the steps, not the outcome.
 * @param why as a clause: "gateway2 failed"
 * @returns the outcome `undone`; `failed` or `unreachable`, with what is live and what to type, where that did not work
 */
export async function putBack(
  context: GatewayContext,
  proxy: ProxyHost,
  replaced: Replaced,
  options: ChangeOptions,
  why: string,
): Promise<OutcomeEvent> {
  const host = proxy.name;
  const command = `dcvops rollback ${host} --to ${replaced.before}`;
  const seen: Seen = { live: replaced.release, target: undefined };
  try {
    await changeGateway(
      unasked(context),
      proxy,
      {
        wantedRelease: replaced.before,
        command,
        prepares: false,
        showsDiff: false,
        comparesAgents: false,
        target(facts) {
          seen.live = facts.live?.releaseId;
          seen.target = targetOf(host, replaced, facts);
          return seen.target;
        },
      },
      { ...options, takeOver: false, force: false, allowOpen: true },
    );
  } catch (error) {
    const { outcome, message, hint = '' } = outcomeOf(error, host);
    const found =
      seen.live === undefined ? 'a file that is not from dcvops, or none' : `release ${seen.live}`;
    return {
      type: 'outcome',
      host,
      outcome: outcome === 'unreachable' ? outcome : 'failed',
      message: `${why}, but what was there before did not come back here: ${message}\nLast seen live there: ${found}.`,
      hint: hint.includes(command) ? hint : `${command}   (what was there before)`,
    };
  }
  const again =
    seen.target === undefined ? '' : `; ${whatIsBack(seen.target, context.inventory.gateway.listen.port)}`;
  return { type: 'outcome', host, outcome: 'undone', message: `undone, since ${why}${again}` };
}

/** What the host told on the way. */
interface Seen {
  /** The live release's id; until the host was read, the one that the change left there. */
  live: string | undefined;
  target: Target | undefined;
}

/**
 * The same context, but nobody is asked and Ctrl-C stops nothing. Agents and networks may go, since they came with this
 * command; files of somebody else may not.
 */
function unasked(context: GatewayContext): GatewayContext {
  return {
    ...context,
    signal: new AbortController().signal,
    confirm: ({ flag }) => Promise.resolve(flag === '--yes'),
  };
}

function targetOf(host: string, { release, before }: Replaced, facts: ProxyFacts): Target {
  if (facts.live?.releaseId === release) return wholeKeptTarget(host, before, facts);
  throw new DcvopsError('failed', 'somebody else changed the gateway meanwhile. Nothing changed.', { host });
}

/** What is live once a target is, in words. Pure. */
export function whatIsBack(target: Target, port: number): string {
  const expected = expectationOf(target, port);
  if (expected.kind === 'silence') return 'no gateway is there, as before';
  if (expected.kind === 'answer') return 'the nginx files that were there before are live again';
  const isEdited = target.files.some(
    (file) => file.kind === 'write' && file.path === LIVE_FILE && !isUnedited(file.content),
  );
  return `release ${expected.id}${isEdited ? ', as it was edited by hand,' : ''} is live again`;
}
