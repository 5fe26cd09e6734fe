import type { Level } from '../record.ts';

/** The words that programs have for how bad an entry is: syslog's, nginx's, DCV's, and those of common libraries. */
const LEVEL_OF_WORD: ReadonlyMap<string, Level> = new Map([
  ['trace', 'debug'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['information', 'info'],
  ['notice', 'notice'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['error', 'error'],
  ['crit', 'critical'],
  ['critical', 'critical'],
  ['fatal', 'critical'],
  ['panic', 'critical'],
  ['alert', 'critical'],
  ['emerg', 'critical'],
  ['emergency', 'critical'],
]);

/** What a word says about how bad an entry is, in upper or lower case; undefined for a word that says nothing of it. */
export function levelOfWord(word: string): Level | undefined {
  return LEVEL_OF_WORD.get(word) ?? LEVEL_OF_WORD.get(word.toLowerCase());
}

const LEVEL_OF_PRIORITY: readonly Level[] = [
  'critical',
  'critical',
  'critical',
  'error',
  'warn',
  'notice',
  'info',
  'debug',
];

/** Syslog's priorities (RFC 5424): 0 is an emergency, 7 is for debugging. */
export function levelOfPriority(priority: number): Level | undefined {
  return LEVEL_OF_PRIORITY[priority];
}

/** A request that failed at the server is an error, one that the client got wrong a warning; 499 is a client that left. */
export function levelOfStatus(status: number): Level {
  if (status >= 500) return 'error';
  return status >= 400 && status !== 499 ? 'warn' : 'info';
}
