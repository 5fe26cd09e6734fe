import type { Obstacle } from '../../doctor/facts/path.ts';
import { NoAnswer, type Unanswered } from '../../gateway/probe-connection.ts';

/** What kept a question from being answered, by how far it came and by what was thrown. Pure. */
export function obstacleOf({ stage, cause }: Pick<Unanswered, 'stage' | 'cause'>): Obstacle {
  if (stage === 'tls') return 'tls';
  if (stage === 'request') return 'silent';
  for (const error of causesOf(cause)) {
    const found = ofSocket(error) ?? ofChannel(error);
    if (found !== undefined) return found;
  }
  return 'other';
}

const BY_CODE: Readonly<Record<string, Obstacle>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'filtered',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
};

function ofSocket(error: Error): Obstacle | undefined {
  if (error instanceof NoAnswer) return 'filtered';
  return BY_CODE[String((error as NodeJS.ErrnoException).code)];
}

/**
 * RFC 4254, 5.1: 1 is "administratively prohibited", 2 is "connect failed". With 2, OpenSSH's sshd says as text what the
 * system told it (strerror), or "unknown host".
 */
function ofChannel(error: Error & { readonly reason?: unknown }): Obstacle | undefined {
  if (error.reason === 1) return 'not-allowed';
  if (error.reason !== 2) return undefined;
  return BY_TEXT.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'other';
}

const BY_TEXT: readonly (readonly [RegExp, Obstacle])[] = [
  [/connection refused/i, 'refused'],
  [/timed out/i, 'filtered'],
  [/no route to host|network is unreachable/i, 'unreachable'],
  [/unknown host|name or service not known/i, 'dns'],
];

function* causesOf(cause: unknown): Generator<Error> {
  if (!(cause instanceof Error)) return;
  yield cause;
  yield* causesOf(cause.cause);
}
