import type { SessionTarget } from '../../dcv/session/select.ts';
import {
  type WantedSignIn,
  parseSignInFacts,
  readForSignIn,
  signInProblem,
} from '../../dcv/sign-in/sign-in.ts';
import { type NewToken, addTokenScript, removeTokens, tokenProblem } from '../../dcv/sign-in/token.ts';
import { DcvopsError } from '../../errors.ts';
import { showDuration } from '../../inventory/duration.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import { Secret } from '../../shell/secret.ts';
import { words } from '../../shell/shell.ts';
import type { Remote } from '../../ssh/remote.ts';
import type { SessionContext } from './context.ts';
import { sessionsTold } from './silence.ts';
import { type SessionResult, sessionOf, workOnSessions } from './targets.ts';

/** A token that opens one session. */
export interface SignIn {
  /** As whom. */
  readonly user: string;
  readonly token: Secret;
  /** When it ends, by this machine's clock, if it was not used before; undefined: it works until it is taken back. */
  readonly expires: Date | undefined;
}

export interface SignInOptions {
  /** undefined: each session's owner. */
  readonly user: string | undefined;
  /** What the token becomes a part of, for the warning. */
  readonly as: 'link' | 'file';
  /** It works once, for so many milliseconds at most; undefined: more than once, without an end. */
  readonly validMs: number | undefined;
}

/** How long a token works. Pure. @param expires undefined: it works until it is taken back */
export function tokenLifetime(expires: Date | undefined): string {
  return expires === undefined
    ? 'DCV documents no end of it: it works, perhaps more than once, until the host restarts or the session’s tokens are taken back'
    : `It works once, until ${isoTime(expires)}`;
}

/** To the second, in UTC. */
export function isoTime(time: Date): string {
  return `${time.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
}

/**
 * Makes a token for each session that somebody is to be signed in to. Failures get outcomes of their own; each token gets
 * a warning, and is in no event.
 */
export function signIn(
  context: SessionContext,
  targets: readonly SessionTarget[],
  options: SignInOptions,
): Promise<(SessionResult & Partial<SignIn>)[]> {
  return workOnSessions<SignIn>(
    context,
    targets,
    async (remote, target) => {
      const { told, ...made } = await makeToken(remote, target, options);
      tellOf(made, told, context, target, options);
      return { message: `${target.id}: a ${options.as} that signs ${made.user} in`, more: made };
    },
    { quiet: true },
  );
}

function tellOf(
  { user, expires }: SignIn,
  { replaced, owner, takesBack }: Circumstances,
  { emit }: SessionContext,
  { agent, id }: SessionTarget,
  { as, validMs }: SignInOptions,
): void {
  if (replaced) {
    const message = `the link to ${id} that was made before works no more: this one took its place`;
    emit({ type: 'note', level: 'warning', host: agent.name, message });
  }
  if (user !== owner) {
    const message = `${user} gets in only if the permissions of ${id}, which is ${owner === '' ? 'somebody else' : owner}’s, say so`;
    const hint = `dcvops session permissions ${words([`${agent.name}/${id}`]).toString()} --file FILE`;
    emit({ type: 'note', level: 'warning', host: agent.name, message: sanitiseLine(message), hint });
  }
  const who = expires === undefined ? `whoever has this ${as}` : `whoever opens this ${as} first`;
  const time = validMs === undefined || expires === undefined ? '' : ` (${showDuration(validMs)})`;
  emit({
    type: 'note',
    level: 'warning',
    host: agent.name,
    message: `${who} is signed in to ${id} as ${user}. ${tokenLifetime(expires)}${time}.`,
    ...(takesBack
      ? { hint: `${removeTokens(agent.name, id)}   (takes back all tokens of this session)` }
      : {}),
  });
}

/** What else is said of a token. */
interface Circumstances {
  /** Did it take the place of another one? */
  readonly replaced: boolean;
  /** The session's owner. */
  readonly owner: string;
  /** Can it be taken back? */
  readonly takesBack: boolean;
}

type Made = SignIn & { readonly told: Circumstances };

async function makeToken(
  remote: Remote,
  target: SessionTarget,
  { user: asked, validMs }: SignInOptions,
): Promise<Made> {
  const { agent, id } = target;
  const failed = (message: string, hint: string): DcvopsError =>
    new DcvopsError('failed', sanitiseLine(message), { host: agent.name, hint });
  const records = parseRecords((await remote.run(readForSignIn(asked))).stdout);
  const session = sessionOf(target, sessionsTold(agent, records));
  const facts = parseSignInFacts(records);
  const wanted: WantedSignIn = { agent: agent.name, id, user: asked, reusable: validMs === undefined };
  const problem = signInProblem(facts, wanted);
  if (problem !== undefined) throw failed(problem.message, problem.hint);
  const user = asked ?? session.owner;
  if (user === '') throw failed(`dcv does not tell whose session "${id}" is`, 'say who it is: --user USER');

  const once: NewToken['once'] =
    validMs === undefined || facts.takesBack === undefined
      ? undefined
      : { seconds: validMs / 1000, takesBack: facts.takesBack };
  const told = parseRecords((await remote.run(addTokenScript({ id, user, once }))).stdout);
  const value = (name: string): string | undefined => told.find((record) => record.name === name)?.value;
  const replaced = value('replaced') !== undefined;
  const token = value('token') ?? '';
  if (/^[0-9a-f]{64}$/.test(token)) {
    const circumstances = { replaced, owner: session.owner, takesBack: facts.takesBack !== undefined };
    return { user, token: new Secret(token), expires: once && endOf(told), told: circumstances };
  }
  const { message, hint } = tokenProblem(told, { agent: agent.name, id });
  throw failed(`${message}${replaced ? '. The link that was made before works no more.' : ''}`, hint);
}

/** The host tells how long a token still works, so that its clock need not be right. To the second. */
function endOf(told: readonly ScriptRecord[]): Date {
  const left = Number(told.find(({ name }) => name === 'left')?.value ?? '0');
  return new Date(Math.floor(Date.now() / 1000 + left) * 1000);
}
