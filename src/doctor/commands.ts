import { words } from '../shell/shell.ts';

/** A command on a host, as a person types it here: `dcvops exec HOST -- CMD`, each word quoted where it has to be. */
export function onHost(host: string, ...argv: readonly string[]): string {
  return `dcvops exec ${words([host]).toString()} -- ${words(argv).toString()}`;
}

/** The same as root: `dcvops exec --sudo HOST -- CMD`. */
export function asRoot(host: string, ...argv: readonly string[]): string {
  return `dcvops exec --sudo ${words([host]).toString()} -- ${words(argv).toString()}`;
}

/** Several steps, one a line; those that are undefined are left out. */
export function steps(...lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line !== undefined).join('\n');
}
