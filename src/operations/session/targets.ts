import pLimit from 'p-limit';
import { sessionsCommand } from '../../dcv/session/again.ts';
import type { SessionTarget } from '../../dcv/session/select.ts';
import type { DcvSession } from '../../dcv/types.ts';
import { DcvopsError } from '../../errors.ts';
import { didYouMean } from '../../inventory/near-match.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';
import type { SessionContext } from './context.ts';

/** What became of one session that a command was to work on. */
export interface SessionResult {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  readonly id: string;
  readonly outcome: OutcomeEvent['outcome'];
  readonly message: string;
  readonly hint: string | undefined;
}

/** What was done to one session, and what the command is to give back of it. */
export interface Done<More> {
  readonly message: string;
  readonly more: More;
}

/** A session's part of a command. Throws DcvopsError for what concerns this session. */
export type SessionWork<More> = (remote: Remote, target: SessionTarget) => Promise<Done<More>>;

/**
 * Works on sessions: agents side by side, the sessions of one agent one after another. Tells an outcome for each (with
 * `quiet` for failures only) and returns them in the order they were wanted; what failed has no `more`.
 */
export async function workOnSessions<More extends object>(
  context: SessionContext,
  targets: readonly SessionTarget[],
  work: SessionWork<More>,
  { quiet = false } = {},
): Promise<(SessionResult & Partial<More>)[]> {
  const agents = pLimit(context.concurrency);
  const ofAgent = new Map(targets.map(({ agent }) => [agent.name, pLimit(1)]));
  return Promise.all(
    targets.map((target) => {
      const label = labelOf(target, targets);
      const turn = ofAgent.get(target.agent.name) ?? pLimit(1);
      return turn(() => agents(() => workAndTell(context, target, label, work, quiet)));
    }),
  );
}

async function workAndTell<More extends object>(
  context: SessionContext,
  target: SessionTarget,
  label: string,
  work: SessionWork<More>,
  quiet: boolean,
): Promise<SessionResult & Partial<More>> {
  const answer = { agent: target.agent.name, address: target.agent.host, id: target.id };
  try {
    const { message, more } = await work(await context.connect(target.agent), target);
    if (!quiet) context.emit({ type: 'outcome', host: label, outcome: 'done', message });
    return { ...answer, outcome: 'done', message, hint: undefined, ...more };
  } catch (error) {
    const outcome = outcomeOf(error, label);
    context.emit(outcome);
    const { message, hint } = outcome;
    // nothing of `More` is there: this is what Partial means, and TypeScript cannot see
    return { ...answer, outcome: outcome.outcome, message, hint } as SessionResult & Partial<More>;
  }
}

/** The agent's name, with the id where several of its sessions are worked on. */
function labelOf({ agent, id }: SessionTarget, all: readonly SessionTarget[]): string {
  const several = all.filter((one) => one.agent.name === agent.name).length > 1;
  return several ? `${agent.name}/${id}` : agent.name;
}

const MOST_NAMED = 8;

/**
 * The session of this id.
 * @throws DcvopsError `failed` that names those that are there
 */
export function sessionOf({ agent, id }: SessionTarget, sessions: readonly DcvSession[]): DcvSession {
  const session = sessions.find((one) => one.id === id);
  if (session !== undefined) return session;
  const ids = sessions.map((one) => one.id);
  const near = didYouMean(id, ids);
  throw new DcvopsError(
    'failed',
    sanitiseLine(`there is no session "${id}"${near === '' ? there(ids) : near}`),
    {
      host: agent.name,
      hint: ids.length === 0 ? sessionsCommand(agent) : `dcvops session list ${agent.name}`,
    },
  );
}

function there(ids: readonly string[]): string {
  if (ids.length === 0) return '; there are none';
  const some = ids.slice(0, MOST_NAMED).map((id) => `"${id}"`);
  return `; there ${ids.length === 1 ? 'is' : 'are'} ${some.join(', ')}${ids.length > MOST_NAMED ? ', …' : ''}`;
}
