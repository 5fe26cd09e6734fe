import { DcvopsError, EXIT_CODE } from '../errors.ts';
import { sanitise } from './sanitise.ts';
import type { Style } from './style.ts';

/**
 * The one place where errors become text:
 *
 *     ✖ agent1: host key unknown; not logged in.
 *       Next: dcvops trust agent1
 */
export function formatError(error: unknown, style: Style): string {
  const known = asDcvopsError(error);
  return formatFailure(known.host, known.message, known.hint, style);
}

/** The same form for a host's outcome. */
export function formatFailure(
  host: string | undefined,
  message: string,
  hint: string | undefined,
  style: Style,
): string {
  const where = host === undefined ? '' : `${host}: `;
  const [first = '', ...more] = sanitise(message).trimEnd().split('\n');
  const body = [`${style.bad('✖')} ${style.bold(where)}${first}`, ...more.map((line) => `  ${line}`)];
  return [...body, ...formatHint(hint, style)].join('\n') + '\n';
}

/** "Next: …", further lines aligned below. */
export function formatHint(hint: string | undefined, style: Style): string[] {
  if (hint === undefined) return [];
  const [first = '', ...more] = sanitise(hint).trimEnd().split('\n');
  return [`  ${style.dim('Next:')} ${first}`, ...more.map((line) => `        ${line}`)];
}

/** The document that `--json` prints for an error, on stderr. */
export function errorAsJson(error: unknown): Record<string, unknown> {
  const { code, host, message, hint } = asDcvopsError(error);
  return { type: 'error', code, exitCode: EXIT_CODE[code], host, message, hint };
}

export function exitCodeOf(error: unknown): number {
  return EXIT_CODE[asDcvopsError(error).code];
}

/** Whatever is not a DcvopsError is a bug: its stack is worth more than a sentence. */
function asDcvopsError(error: unknown): DcvopsError {
  if (error instanceof DcvopsError) return error;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new DcvopsError(
    'failed',
    `an error that dcvops does not know, which is a bug in dcvops:\n${stack}`,
    {
      hint: 'report it with the command that was typed; what was changed on hosts is in `dcvops releases`',
      cause: error,
    },
  );
}
