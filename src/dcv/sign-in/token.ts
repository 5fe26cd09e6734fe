import { SAY, type ScriptRecord } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh, words } from '../../shell/shell.ts';
import { LIST, viewersOf } from '../agent-facts.ts';
import { explainSilence } from '../failures.ts';
import { type DcvCommand, dcvCommand, runDcv } from '../run-dcv.ts';
import { CONNECTION_IDS, UPTIME, WATCH_FOLDER, watchPlace, watcher } from './once.ts';
import { AUTH_DIR, type SignInProblem, type TakesBack } from './sign-in.ts';

/** What a token is for. */
export interface NewToken {
  readonly id: string;
  readonly user: string;
  /** How long it works, if nobody uses it before; undefined: until it is taken back. */
  readonly once: { readonly seconds: number; readonly takesBack: TakesBack } | undefined;
}

/**
 * Makes a token on the host and has the authenticator know it, until a unit takes it back (`once`). A link with such a unit that
 * was made for this session before is taken back first. Tells `replaced` where there was one, then `token` (64 hexadecimal
 * digits) with `left`, the seconds of its time; or what {@link tokenProblem} reads. The token is on the program's stdin only, and in
 * nobody's arguments: printf is the shell's own. It is told when its unit watches, not before.
 */
export function addTokenScript({ id, user, once }: NewToken, folder = WATCH_FOLDER): Script {
  const add = dcvCommand([
    ...['dcvsimpleextauth', 'add-user', `--user=${user}`, `--session=${id}`],
    ...[`--auth-dir=${AUTH_DIR}`, '--append'],
  ]);
  const { unit, base } = watchPlace(id, folder);
  const seconds = once?.seconds ?? '';
  return {
    name: 'make a token',
    text: lines(
      SAY,
      LIST,
      viewersOf(id),
      CONNECTION_IDS,
      UPTIME,
      sh`add() { ${runDcv(add, 30)} 2>&1; }`,
      sh`folder=${folder} unit=${unit} base=${base} seconds=${seconds}`,
      ADD,
    ),
    args: once === undefined ? [] : [watcher({ id, remove: removal(id, once.takesBack), base }).toString()],
    root: true,
  };
}

/** Takes all tokens of a session back. */
function removal(id: string, { authDir }: TakesBack): DcvCommand {
  const folder = authDir ? [`--auth-dir=${AUTH_DIR}`] : [];
  return dcvCommand(['dcvsimpleextauth', 'remove-auth', `--session=${id}`, ...folder]);
}

/**
 * The lock is held throughout: of two who make a link for one session, the second takes the first one's place. systemd ends
 * what hangs a little after the token's time, and runs ExecStopPost however the unit ends.
 */
const ADD = program`
stop() { say "$1" "$2"; exit 0; }
replace_earlier() {
  case $(systemctl is-active "$unit" 2>/dev/null) in
  active | activating | deactivating | reloading) timeout 120 systemctl stop "$unit" >/dev/null 2>&1 ;;
  *) [ -e "$base.sh" ] || return 0 ;;
  esac
  if [ -e "$base.sh" ]; then
    timeout 90 /bin/sh "$base.sh" take-back >/dev/null 2>&1 ||
      stop not-replaced ''
  fi
  say replaced ''
}
start_watcher() {
  (umask 077 && printf '%s\n' "$1" >"$base.sh" && printf '%s\n' "$before" >"$base.known" && echo "$end" >"$base.end") &&
    systemd-run --quiet --collect --unit="$unit" \
      --description='dcvops session url --sign-in: takes a link back when it was used, or in time' \
      --property=RuntimeMaxSec="$((seconds + 30))" --property=TimeoutStopSec=90 \
      --property=ExecStopPost="/bin/sh $base.sh take-back" /bin/sh "$base.sh" watch 2>&1 </dev/null &&
    systemctl is-active --quiet "$unit"
}
# the authenticator, which may be another user, reads what add-user writes: that keeps the host's own umask
mkdir -p -m 700 "$folder" && command exec 9>"$folder/lock" || stop failed "$folder cannot be written"
flock -w 150 9 || stop failed 'another link is being made on this host, and does not end'
token=$(od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n')
[ "\${#token}" -eq 64 ] || stop failed 'the host has no /dev/urandom to make a token from'
replace_earlier
if [ -n "$seconds" ]; then
  told=$(viewers) || stop failed 'dcv does not tell who is connected, so nobody could tell when the link was used'
  before=$(connection_ids "$told")
fi
if ! output=$(printf '%s\n' "$token" | add); then
  # what is told of a failure is shown and logged
  case $output in *"$token"*) output='dcvsimpleextauth did not take the token' ;; esac
  stop refused "$output"
fi
if [ -n "$seconds" ]; then
  end=$(($(uptime_now) + seconds))
  if ! output=$(start_watcher "$1"); then
    systemctl stop "$unit" >/dev/null 2>&1
    if [ -e "$base.sh" ]; then /bin/sh "$base.sh" take-back >/dev/null 2>&1; fi
    stop not-watched "$output"
  fi
  say left "$((end - $(uptime_now)))"
fi
say token "$token"`;

/** Why there is no token, as the records of {@link addTokenScript} tell it. Pure. */
export function tokenProblem(
  records: readonly ScriptRecord[],
  { agent, id }: { readonly agent: string; readonly id: string },
): SignInProblem {
  const value = (name: string): string | undefined =>
    records.find((record) => record.name === name)?.value.trim();
  const notWatched = value('not-watched');
  if (notWatched !== undefined) {
    return {
      message: `no link was made, for the unit that takes its token back did not start${notWatched === '' ? '' : `: ${notWatched}`}`,
      hint: `dcvops exec --sudo ${agent} -- journalctl --no-pager --lines=20 --unit=${watchPlace(id).unit}`,
    };
  }
  if (value('not-replaced') !== undefined) {
    return {
      message: 'no link was made, for the one that was made before cannot be taken back',
      hint: removeTokens(agent, id),
    };
  }
  const failed = value('failed');
  if (failed !== undefined) {
    return { message: `no link was made: ${failed}`, hint: `dcvops doctor ${words([agent]).toString()}` };
  }
  const refused = value('refused') ?? '';
  return {
    message: `dcvsimpleextauth took no token: ${refused === '' ? 'it said nothing' : explainSilence(refused)}`,
    hint: `dcvops exec --sudo ${agent} -- dcvsimpleextauth add-user --help`,
  };
}

/** The command that takes back all tokens of a session, as scripts in the field do it. */
export function removeTokens(agent: string, id: string): string {
  return `dcvops exec --sudo ${agent} -- ${words(['dcvsimpleextauth', 'remove-auth', `--session=${id}`]).toString()}`;
}
