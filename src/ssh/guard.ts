import { DcvopsError } from '../errors.ts';
import type { Script } from '../shell/script.ts';
import { lines, program, words } from '../shell/shell.ts';

/**
 * The command lines that carry a script to a host. Each begins its output with a line of its own on stdout
 * and stderr, the mark: what stands before it came from a login shell's start-up files or from sudo, and is
 * none of the script's.
 */
export interface Carriage {
  readonly mark: string;
  /**
   * How root is had: not needed; sudo without a password; or sudo with one. Then sudo asks with
   * `promptOf(mark)` on stderr and reads the answer from stdin, and the script starts only when the mark
   * comes in on stdin as a line: what sudo did not read (a cached login, NOPASSWD) never reaches the script.
   */
  readonly root: 'as-is' | 'sudo' | 'sudo-with-password';
}

export interface GuardedRun extends Carriage {
  /** How many bytes of stdin are the script's. */
  readonly stdinSize: number;
  /** The host ends the script after so many seconds; undefined: never. */
  readonly limitSeconds: number | undefined;
  /**
   * The host ends the script when it has heard nothing on stdin for so many seconds: the network may be gone without a
   * word. Undefined: it waits for the end of stdin alone. Only for a script without a stdin of its own.
   */
  readonly silenceSeconds?: number;
}

/** What a guard with `silenceSeconds` wants to hear every now and then. */
export const HEARTBEAT = '+\n';

export function promptOf(mark: string): string {
  return `${mark}:password:`;
}

const BEGIN = program`export LC_ALL=C
printf '%s\n' "$mark"; printf '%s\n' "$mark" >&2
if [ "$wait" = yes ]; then line=; until [ "$line" = "$mark" ]; do IFS= read -r line || exit 125; done; fi`;

/**
 * `$1` mark, `$2` whether to wait for it, `$3` bytes of stdin, `$4` seconds of silence (0: any), `$5` the script, then
 * its arguments. The feeder hands the script its stdin and then waits for the end of the channel's. Neither it nor the shell
 * that waits holds stdout or stderr: a word of theirs into a closed channel ("Terminated") would be their
 * end. The feeder is a grandchild of the pipe, because dash's wait would otherwise wait for it, too; and the
 * wait is repeated while the script is there, because TERM interrupts it, twice even (`timeout` passes it
 * on). `kill 0` reaches the group that `timeout` made and nothing else.
 */
const GUARD = lines(
  program`mark=$1 wait=$2 size=$3 silence=$4 text=$5; shift 5`,
  BEGIN,
  program`hear() {
  if [ "$silence" = 0 ]; then read -r line; return; fi
  line=$(timeout "$silence" head -n 1) && [ -n "$line" ]
}
watch() { exec >/dev/null 2>&1 3<&-; while hear; do :; done; kill -TERM 0; }
exec 3<&0
trap : TERM
if [ "$size" = 0 ]; then
  watch <&3 &
  sh -c "$text" dcvops "$@" </dev/null 3<&- &
else
  { { head -c "$size"; watch; } <&3 2>/dev/null & } | sh -c "$text" dcvops "$@" 3<&- &
fi
exec >/dev/null 2>&1 </dev/null 3<&-
while wait "$!"; code=$?; [ "$code" -gt 128 ] && kill -0 "$!"; do :; done
exit "$code"`,
);

/**
 * `$1` mark, `$2` whether to wait for it, `$3` the script, then its arguments: stdin is the script's from
 * here on.
 */
const OPEN = lines(program`mark=$1 wait=$2 text=$3; shift 3`, BEGIN, program`exec sh -c "$text" dcvops "$@"`);

/**
 * The command for a script that is run to its end: guarded, with so much stdin. `timeout` makes a process
 * group of its own, so that everything in it can be ended: after the limit, or when the channel's stdin ends,
 * which is how the host notices that nobody listens any more.
 */
export function guardedCommand(script: Script, run: GuardedRun): string {
  const limit = run.limitSeconds === undefined ? '0' : String(run.limitSeconds);
  const guard = [
    ...[GUARD.toString(), 'dcvops', run.mark, waits(run)],
    ...[String(run.stdinSize), String(run.silenceSeconds ?? 0)],
  ];
  const timeout = ['timeout', '-k', '5', limit, 'sh', '-c', ...guard];
  // sudo is asked for sh and for nothing else, so that one rule in sudoers is enough
  const argv = run.root === 'as-is' ? timeout : ['sh', '-c', 'exec "$@"', 'dcvops', ...timeout];
  return commandOf(script, run, argv);
}

/** The command for a script that is talked with; it guards itself. */
export function conversationCommand(script: Script, carriage: Carriage): string {
  return commandOf(script, carriage, ['sh', '-c', OPEN.toString(), 'dcvops', carriage.mark, waits(carriage)]);
}

function waits({ root }: Carriage): string {
  return root === 'sudo-with-password' ? 'yes' : 'no';
}

/** Linux allows one argument 128 KiB with its final NUL, and sshd hands a command over as one. */
const MAX_COMMAND_BYTES = 128 * 1024 - 1;

function commandOf(script: Script, { root, mark }: Carriage, carrier: readonly string[]): string {
  const sudo =
    root === 'as-is' ? [] : root === 'sudo' ? ['sudo', '-n'] : ['sudo', '-S', '-p', promptOf(mark)];
  const argv = [
    ...['env', 'LC_ALL=C', ...sudo, ...carrier],
    ...[script.text.toString(), ...(script.args ?? [])],
  ];
  const command = words(argv).toString();
  if (Buffer.byteLength(command) <= MAX_COMMAND_BYTES) return command;
  throw new DcvopsError(
    'failed',
    `"${script.name}" is too large for one command (128 KiB); data goes on stdin`,
  );
}
