import { program } from '../../shell/shell.ts';

/**
 * For a script that tells facts, after `SAY`: `probe NAME SECONDS COMMAND…` runs a command with its own limit and tells the
 * last 64 KiB of its stdout and stderr, and its exit code; `tell NAME VALUE` tells what the shell itself has at hand. A
 * command that hangs costs its limit and no more. Names are of letters and dashes; one may be told several times.
 * `timeout` knows no functions and no pipes: those are given as `sh -c`.
 */
export const PROBE = program`
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
probe() {
  probe_name=$1 probe_limit=$2
  shift 2
  probe_told=$({ timeout -k 1 "$probe_limit" "$@" </dev/null 2>&1; echo ":$?"; } | tail -c 65536)
  say "$probe_name" "$probe_told"
}
tell() { say "$1" "$2:0"; }
has() { command -v "$1" >/dev/null 2>&1; }`;
