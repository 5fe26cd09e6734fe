import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { type ShellText, lines, program, sh, words } from '../../shell/shell.ts';
import { LIST } from '../agent-facts.ts';
import { type CreateSessionOptions, createSession } from '../commands.ts';
import { runDcv } from '../run-dcv.ts';
import { CLOSE, about } from './close.ts';
import { PLACE, type PlacedFile, placeArguments } from './place-file.ts';

/** What creating a session comes to on one agent, once its facts are known. */
export interface CreateAct {
  readonly session: CreateSessionOptions;
  /** Start dcvserver first. */
  readonly startService: boolean;
  /** Ids of sessions that are closed first. */
  readonly close: readonly string[];
  /** Close them even when somebody is connected. */
  readonly endSessions: boolean;
  /** What the session needs on the agent; `placedContents` of it is the script's stdin. */
  readonly files?: readonly PlacedFile[];
  /** Wait until its display can be reached. */
  readonly wait?: boolean;
}

/** A dcvserver that was started a moment ago answers within this time, or something is wrong with it. */
export const PATIENCE_SECONDS = 30;
/** A session that lives this long has a desktop: those that end by themselves do so at once. */
export const TRIAL_SECONDS = 3;
/** With `wait`, how long a session may take until its display can be reached. */
export const DISPLAY_SECONDS = 60;

/**
 * Creates a session and watches whether it lives, in one script. It tells, in this order, as far as it gets: `started`,
 * `answering`, `closed` (for each), `created`, `awaited` and `display` where that is waited for, then `alive` (the list of
 * sessions) or `gone` and the session's logs (`log`, `lines`); or the one thing that stopped it: `start-failed`, `silent`,
 * `in-use`, `close-failed`, `not-placed`, `create-failed` (with the end of the server's log), `no-display`.
 */
export function createScript(act: CreateAct): Script {
  return {
    name: 'create the session',
    text: lines(
      ...beginning(act.startService),
      PLACE,
      ...act.close.flatMap((id) => [
        ...about(id),
        sh`close_session ${id} ${act.endSessions ? 'in-use' : 'unused'}`,
      ]),
      ...(act.files ?? []).map(
        (file) => sh`place ${words(placeArguments([file]))} || stop not-placed ${file.path}`,
      ),
      ...commandsOf(act.session),
      sh`wait=${act.wait === true ? act.session.type : ''}`,
      sh`create_now ${act.session.id} && ${watch(act.session)}`,
    ),
    args: ARGUMENTS,
    root: true,
  };
}

/**
 * Waits until the display of a session that is there can be reached. It tells `answering` (or `silent`), then `awaited`, `display`
 * and `alive`, `no-display` or `gone`, as {@link createScript} does.
 */
export function awaitDisplayScript(session: CreateSessionOptions): Script {
  return {
    name: 'wait for the display',
    text: lines(
      ...beginning(false),
      ...about(session.id),
      sh`wait=${session.type} trial_end=0`,
      watch(session),
    ),
    args: ARGUMENTS,
    root: true,
  };
}

/**
 * Creates those of these sessions that are not there, and watches them together. It tells `started`, `answering` (or what
 * stopped it: `start-failed`, `silent`); then, for each in turn, `session` (its id) and `there` (the list of sessions),
 * `created` or `create-failed`; and again, for each that was created, `session` and `alive` or `gone`, as
 * {@link createScript} does.
 */
export function createMissingScript(
  sessions: readonly CreateSessionOptions[],
  startService: boolean,
): Script {
  return {
    name: 'create the missing sessions',
    text: lines(
      ...beginning(startService),
      sh`wait=`,
      ...sessions.flatMap((session) => [
        ...commandsOf(session),
        sh`say session ${session.id}`,
        sh`if exists; then say there "$(list)"; else create_now ${session.id}; fi`,
      ]),
      ...sessions.flatMap((session) => [
        sh`if was_created ${session.id}; then`,
        ...about(session.id),
        sh`(say session ${session.id}; ${watch(session)})`,
        sh`fi`,
      ]),
    ),
    args: ARGUMENTS,
    root: true,
  };
}

const ARGUMENTS = [PATIENCE_SECONDS, TRIAL_SECONDS, DISPLAY_SECONDS].map(String);

function beginning(startService: boolean): ShellText[] {
  return [SAY, LIST, CLOSE, HELPERS, ...(startService ? [sh`start_dcvserver`] : []), sh`await_dcvserver`];
}

function commandsOf(session: CreateSessionOptions): ShellText[] {
  return [...about(session.id), sh`create() { ${runDcv(createSession(session), 90)} </dev/null 2>&1; }`];
}

/** Which user a console session's logs are named after is not known. */
function watch({ id, type, user }: CreateSessionOptions): ShellText {
  return sh`watch ${id} ${type === 'virtual' ? user : ''}`;
}

const HELPERS = program`
patience=$1 trial=$2 display_patience=$3 created=
start_dcvserver() {
  output=$(systemctl start dcvserver.service 2>&1) || {
    journal=$(journalctl --unit=dcvserver --lines=5 --output=cat --no-pager 2>/dev/null)
    stop start-failed "$output
$journal"
  }
  say started ''
}
# An active dcvserver may not answer yet: creating at once fails about one time in ten.
await_dcvserver() {
  end=$(($(now) + patience))
  until output=$(list); do
    [ "$(now)" -lt "$end" ] || stop silent "$output"
    sleep 0.5
  done
  say answering ''
}
create_now() {
  if output=$(create); then
    say created ''
    created="$created $1 "
    trial_end=$(($(now) + trial))
  else
    say create-failed "\${output:-dcv create-session did not end within 90 s}"
    tell_log /var/log/dcv/server.log
    return 1
  fi
}
was_created() {
  case $created in *" $1 "*) ;; *) return 1 ;; esac
}
tell_log() {
  if [ -s "$1" ]; then say log "$1"; say lines "$(tail -n 20 "$1")"; fi
}
watch() {
  while exists; do
    if [ "$(now)" -ge "$trial_end" ]; then
      if [ -n "$wait" ]; then say awaited ''; await_display || break; fi
      stop alive "$(list)"
    fi
    sleep 0.5
  done
  say gone "$(list)"
  tell_own_logs "$1" "$2"
  for file in /var/log/dcv/sessionlauncher.log /var/log/dcv/server.log; do tell_log "$file"; done
}
# KIND.USER.ID.log; users and ids may have dots, so that those of "my.desk" end like those of "desk"
tell_own_logs() {
  own=
  for file in /var/log/dcv/*."$2.$1".log; do
    kind=\${file##*/}
    case \${kind%".$2.$1.log"} in
    *.*) ;;
    *) if [ -s "$file" ]; then own=yes; tell_log "$file"; fi ;;
    esac
  done
  [ -n "$own" ] || for file in /var/log/dcv/*."$1".log; do tell_log "$file"; done
}
# dcv tells the display in JSON, or as text where it has no JSON; of a console session it need not tell any.
display() {
  describe | sed -n 's/.*"x11-display"[^:]*:[^:]*:\([0-9][0-9]*\).*/\1/p' | grep . ||
    describe_as_text | sed -n 's/^ *x display: *:\([0-9][0-9]*\).*/\1/p'
}
await_display() {
  end=$(($(now) + display_patience))
  while exists; do
    number=$(display)
    if [ -n "$number" ] && [ -S "/tmp/.X11-unix/X$number" ]; then say display ":$number"; return; fi
    if [ -z "$number" ] && [ "$wait" = console ]; then say display ''; return; fi
    [ "$(now)" -lt "$end" ] || stop no-display "$number"
    sleep 0.5
  done
  return 1 # it is gone
}`;
