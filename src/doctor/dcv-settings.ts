import { words } from '../shell/shell.ts';
import { steps } from './commands.ts';
import type { FactSet } from './facts/fleet.ts';
import { createAgain } from './sessions.ts';

/* How findings tell a change of dcv.conf. Settings are named `section/key`. */

/** Steps that take a setting out of dcv.conf, so that DCV's default counts, and make dcvserver read it. Its sessions end. */
export function unsetAndRestart(host: string, setting: string, set: FactSet): string {
  return changed(['dcv', 'config', 'unset', host, setting], host, set);
}

/** Steps that give a setting another value, and make dcvserver read it. Its sessions end. */
export function setAndRestart(host: string, setting: string, value: string, set: FactSet): string {
  return changed(['dcv', 'config', 'set', host, `${setting}=${value}`], host, set);
}

/** Steps that have DCV ask for a login and take this gateway's names and pages. Its sessions end. */
export function hardenAndRestart(host: string, set: FactSet): string {
  return changed(['dcv', 'harden', host], host, set);
}

/** The command that shows what settings are; without any, all that dcv.conf sets. */
export function showSettings(host: string, ...settings: readonly string[]): string {
  return `dcvops ${words(['dcv', 'config', 'get', host, ...settings]).toString()}`;
}

/** By these DCV chooses whom it answers. */
export const PATTERNS = ['security/allowed-http-host-regex', 'security/allowed-ws-origin-regex'] as const;

/** A restart ends all sessions, so that those that are wanted have to be made again. */
function changed(argv: readonly string[], host: string, set: FactSet): string {
  return steps(`dcvops ${words([...argv, '--restart']).toString()}`, createAgain(host, set));
}
