import { DcvopsError, type ErrorCode } from '../errors.ts';
import type { OutcomeEvent } from '../report/events.ts';

const OUTCOME: Partial<Record<ErrorCode, OutcomeEvent['outcome']>> = {
  failed: 'failed',
  undone: 'undone',
  interrupted: 'interrupted',
  unreachable: 'unreachable',
  'host-key': 'unreachable',
  login: 'unreachable',
  sudo: 'unreachable',
};

/**
 * A host's failure as its outcome, so that one dead host never stops the others.
 * @throws the error itself when it isn't about a host: a usage error, a bug
 */
export function outcomeOf(error: unknown, host: string): OutcomeEvent {
  if (!(error instanceof DcvopsError)) throw error;
  const outcome = OUTCOME[error.code];
  if (outcome === undefined) throw error;
  return {
    type: 'outcome',
    host,
    outcome,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

/**
 * The outcome of a host whose turn had not come when the command was interrupted.
 * @param again the command to type for it
 */
export function notStarted(host: string, again: string): OutcomeEvent {
  return {
    type: 'outcome',
    host,
    outcome: 'not-started',
    message: 'not started, since the command was interrupted. Nothing changed.',
    hint: again,
  };
}
