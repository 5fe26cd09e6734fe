/**
 * The one error class of dcvops. It is thrown where a failure is understood and printed in one place
 * (`report/print-error.ts`); everything else that is thrown is a bug and is printed as one.
 */

/** What kind of failure this is; it decides the exit code. */
export type ErrorCode =
  /** argv, an option's value, or a question that cannot be asked without a terminal */
  | 'usage'
  /** the inventory cannot be read or breaks its schema */
  | 'inventory'
  /** a host does not answer: DNS, TCP, time-out, connection lost */
  | 'unreachable'
  /** a host's key is unknown, changed or revoked: nobody logged in */
  | 'host-key'
  /** the host refused the login, or the key file cannot be used */
  | 'login'
  /** sudo wants a password that was not given, or refused it */
  | 'sudo'
  /** something was tried on a host and failed; nothing is left half done */
  | 'failed'
  /** a change was made and undone */
  | 'undone'
  /** Ctrl-C */
  | 'interrupted';

export interface DcvopsErrorOptions {
  /** The host it happened on, as the inventory names it; messages do not repeat it. */
  host?: string;
  /** What to do next: the command to type, where there is one. Several lines are several steps. */
  hint?: string;
  cause?: unknown;
}

/** A failure a user can meet. `message` says what, where and why in one sentence; `hint` what to do. */
export class DcvopsError extends Error {
  override readonly name = 'DcvopsError';
  readonly code: ErrorCode;
  readonly host: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: DcvopsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.host = options.host;
    this.hint = options.hint;
  }
}

/** Exit codes, as the README's table lists them. */
export const EXIT_CODE = {
  usage: 2,
  inventory: 2,
  unreachable: 4,
  'host-key': 4,
  login: 4,
  sudo: 4,
  failed: 1,
  undone: 3,
  interrupted: 130,
} as const satisfies Record<ErrorCode, number>;

/**
 * Of several exit codes the one a caller most needs to know: the first of 130, 2, 3, 1, 4 that is there; else one that a
 * program had and that is passed on (`dcvops ssh`); else 0.
 */
export function worstExitCode(codes: Iterable<number>): number {
  const seen = new Set(codes);
  return [130, 2, 3, 1, 4].find((code) => seen.has(code)) ?? [...seen].find((code) => code !== 0) ?? 0;
}
