import type { KeyFileFacts, OperatorFacts } from '../../facts/operator.ts';

/** The keys whose passphrase neither the SSH agent nor the environment makes unnecessary. Pure. */
export function needsPassphrase({ keys, passphraseGiven }: OperatorFacts): KeyFileFacts[] {
  if (passphraseGiven === true) return [];
  return keys.filter(({ state, encrypted, inAgent }) => state === 'ok' && encrypted && inAgent !== true);
}
