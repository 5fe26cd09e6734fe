import { type ShellText, quote } from './shell.ts';

/** One program for one host, as data: what will be run is known before anything runs. */
export interface Script {
  /** What it does, as `-v` shows it: "read the host's facts". */
  readonly name: string;
  /** The program, for sh. */
  readonly text: ShellText;
  /** Positional parameters `$1`, `$2`, …; visible in the host's process list, so never secrets. */
  readonly args?: readonly string[];
  /** Run as root: directly when the login is root, else by sudo. */
  readonly root?: boolean;
}

/**
 * The argument of `exec` for a script: `sh -c 'TEXT' dcvops ARGS…`, under `LC_ALL=C` so that messages can be read by
 * programs. Linux allows one argument 128 KiB (MAX_ARG_STRLEN); larger data goes on stdin.
 * @param sudo how to become root, for a script that asks for it; `undefined` when the login is root already
 */
export function commandLine(script: Script, sudo?: 'without-password' | 'password-on-stdin'): string {
  const shell = ['sh', '-c', quote(script.text.toString()), 'dcvops', ...(script.args ?? []).map(quote)];
  const prefix =
    script.root !== true || sudo === undefined
      ? []
      : sudo === 'without-password'
        ? ['sudo', '-n']
        : ['sudo', '-S', '-p', "''"];
  return ['env', 'LC_ALL=C', ...prefix, ...shell].join(' ');
}
