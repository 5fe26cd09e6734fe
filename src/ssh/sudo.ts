import { DcvopsError } from '../errors.ts';
import { Secret } from '../shell/secret.ts';

/** Who becomes root, for messages. */
export interface SudoUser {
  readonly host: string;
  readonly user: string;
}

/** How a trial with the password ended. */
export type SudoTrial<T> =
  | { readonly kind: 'started'; readonly value: T; readonly asked: boolean }
  | { readonly kind: 'wrong-password' };

/**
 * sudo's password, asked once a run for all hosts. It is tried on one host first, and on the others only when
 * it was right there: a mistyped password must not count against an account as often as there are hosts.
 */
export interface SudoPassword {
  /** True once it was needed: further hosts then start with it. */
  readonly isKnown: () => boolean;
  /** @throws DcvopsError `sudo` when it is wrong, here or on the host that tried it first */
  readonly lend: <T>(who: SudoUser, trial: (password: Secret) => Promise<SudoTrial<T>>) => Promise<T>;
}

export function createSudoPassword(
  env: NodeJS.ProcessEnv,
  ask: (host: string) => Promise<Secret>,
): SudoPassword {
  let password: Promise<Secret> | undefined;
  let proven = false;
  let wrongAt: string | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const passwordFor = (host: string): Promise<Secret> => {
    const given = env['DCVOPS_SUDO_PASSWORD'];
    password ??= given === undefined || given === '' ? ask(host) : Promise.resolve(new Secret(given));
    return password;
  };

  const tryOnce = async <T>(
    who: SudoUser,
    trial: (password: Secret) => Promise<SudoTrial<T>>,
  ): Promise<T> => {
    if (wrongAt !== undefined) throw notTriedAgain(who, wrongAt);
    const result = await trial(await passwordFor(who.host));
    if (result.kind === 'wrong-password') {
      if (!proven) wrongAt = who.host;
      throw wrongPassword(who);
    }
    proven ||= result.asked;
    return result.value;
  };

  return {
    isKnown: () => password !== undefined,
    lend(who, trial) {
      if (proven) return tryOnce(who, trial);
      const mine = turn.then(() => tryOnce(who, trial));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

function wrongPassword({ host, user }: SudoUser): DcvopsError {
  return new DcvopsError('sudo', `sudo refuses the password of ${user}; it was tried once`, {
    host,
    hint: `dcvops ssh ${host} -- sudo -v`,
  });
}

function notTriedAgain({ host }: SudoUser, wrongAt: string): DcvopsError {
  return new DcvopsError('sudo', `the sudo password was wrong on ${wrongAt}, and was not tried here`, {
    host,
    hint: 'run it again with the right password',
  });
}

export type SudoAnswer =
  { readonly kind: 'password-required' } | { readonly kind: 'refused'; readonly error: DcvopsError };

/**
 * What sudo meant when it did not start the script. Its words are English, since it ran under LC_ALL=C.
 * @param said everything that was printed instead of the script's mark
 */
export function readSudoAnswer(said: string, { host, user }: SudoUser): SudoAnswer {
  const text = said.trim();
  // the second form is sudo-rs's
  if (/a password is required|interactive authentication is required/i.test(text)) {
    return { kind: 'password-required' };
  }
  if (/sudo: (command )?not found|sudo['’]?: No such file/i.test(text)) {
    return refused(
      `there is no sudo on the host for ${user} to become root with`,
      'log in as root: ssh: { user: root }',
    );
  }
  if (/not in the sudoers file|may not run sudo|not allowed to (execute|run)/i.test(text)) {
    return refused(
      `sudo does not let ${user} run sh as root ("${lastLine(text)}")`,
      `on the host, as root: echo '${user} ALL=(root) NOPASSWD: /usr/bin/sh' > /etc/sudoers.d/dcvops`,
    );
  }
  if (/must have a tty|no tty present/i.test(text)) {
    return refused(
      'sudo wants a terminal (requiretty), which dcvops does not give it',
      `on the host, as root: echo 'Defaults:${user} !requiretty' > /etc/sudoers.d/dcvops`,
    );
  }
  return refused(
    `sudo did not start the command: ${text === '' ? 'it said nothing' : `"${lastLine(text)}"`}`,
  );

  function refused(message: string, hint?: string): SudoAnswer {
    return {
      kind: 'refused',
      error: new DcvopsError('sudo', message, { host, ...(hint === undefined ? {} : { hint }) }),
    };
  }
}

function lastLine(text: string): string {
  return text.split('\n').at(-1)?.trim() ?? text;
}
