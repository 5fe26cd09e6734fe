import { explainSilence } from '../dcv/failures.ts';
import type { SessionTarget } from '../dcv/select-sessions.ts';
import {
  addTokenScript,
  parseSignInFacts,
  readForSignIn,
  removeTokens,
  signInProblem,
} from '../dcv/sign-in.ts';
import { DcvopsError } from '../errors.ts';
import { sanitiseLine } from '../report/sanitise.ts';
import { parseRecords } from '../shell/records.ts';
import { Secret } from '../shell/secret.ts';
import type { Remote } from '../ssh/remote.ts';
import type { SessionContext } from './session-create.ts';
import { sessionsTold } from './session-silence.ts';
import { type SessionResult, sessionOf, workOnSessions } from './session-targets.ts';

/** A token that opens one session. */
export interface SignIn {
  /** As whom. */
  readonly user: string;
  readonly token: Secret;
}

export interface SignInOptions {
  /** undefined: each session's owner. */
  readonly user: string | undefined;
  /** What the token becomes a part of, for the warning. */
  readonly as: 'link' | 'file';
}

/** How long a token works, as far as anything is known of it: DCV documents neither a lifetime nor a single use. */
export const TOKEN_LIFETIME =
  'DCV documents no end of it: it works, perhaps more than once, until it is taken back or the host restarts';

/**
 * Makes a token for each session that somebody is to be signed in to. Failures get outcomes of their own; each token gets
 * a warning, and is in no event.
 */
export function signIn(
  context: SessionContext,
  targets: readonly SessionTarget[],
  { user, as }: SignInOptions,
): Promise<(SessionResult & Partial<SignIn>)[]> {
  return workOnSessions<SignIn>(
    context,
    targets,
    async (remote, target) => {
      const made = await makeToken(remote, target, user);
      const { agent, id } = target;
      context.emit({
        type: 'note',
        level: 'warning',
        host: agent.name,
        message: `whoever has this ${as} is signed in to ${id} as ${made.user}. ${TOKEN_LIFETIME}.`,
        hint: `${removeTokens(agent.name, id)}   (takes back all tokens of this session)`,
      });
      return { message: `${id}: a ${as} that signs ${made.user} in`, more: made };
    },
    { quiet: true },
  );
}

async function makeToken(remote: Remote, target: SessionTarget, wanted: string | undefined): Promise<SignIn> {
  const { agent, id } = target;
  const failed = (message: string, hint: string): DcvopsError =>
    new DcvopsError('failed', sanitiseLine(message), { host: agent.name, hint });
  const facts = parseRecords((await remote.run(readForSignIn(wanted))).stdout);
  const session = sessionOf(target, sessionsTold(agent.name, facts));
  const problem = signInProblem(parseSignInFacts(facts), { agent: agent.name, id, user: wanted });
  if (problem !== undefined) throw failed(problem.message, problem.hint);
  const user = wanted ?? session.owner;
  if (user === '') throw failed(`dcv does not tell whose session "${id}" is`, 'say who it is: --user USER');

  const told = parseRecords((await remote.run(addTokenScript(id, user))).stdout);
  const token = told.find(({ name }) => name === 'token')?.value ?? '';
  if (/^[0-9a-f]{64}$/.test(token)) return { user, token: new Secret(token) };
  const refused = told.find(({ name }) => name === 'refused')?.value.trim() ?? '';
  throw failed(
    `dcvsimpleextauth took no token: ${refused === '' ? 'it said nothing' : explainSilence(refused)}`,
    `dcvops exec --sudo ${agent.name} -- dcvsimpleextauth add-user --help`,
  );
}
