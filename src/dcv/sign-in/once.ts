import { createHash } from 'node:crypto';
import { type ShellText, lines, program, sh } from '../../shell/shell.ts';
import {
  describeSession,
  describeSessionAsText,
  listConnections,
  listConnectionsAsText,
} from '../commands.ts';
import { type DcvCommand, runDcv, unlimitedDcv } from '../run-dcv.ts';

/*
 * A token that works once, with an end. dcvsimpleextauth knows neither, but takes a session's tokens back (`remove-auth`); so a
 * transient unit on the host watches the session, and when it ends, however it ends, the tokens are taken back.
 */

/** The folder of what the watchers need; in memory, as the tokens are. */
export const WATCH_FOLDER = '/run/dcvops-sign-in';

/** Where a session's watcher is on its host. An id may have any characters, so that it is in no name. */
export interface WatchPlace {
  readonly unit: string;
  /** What its files begin with. */
  readonly base: string;
}

/** Pure. */
export function watchPlace(id: string, folder = WATCH_FOLDER): WatchPlace {
  const key = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return { unit: `dcvops-sign-in-${key}.service`, base: `${folder}/${key}` };
}

/** Seconds, as `sleep` takes them. */
export interface WatchPace {
  /** Between two looks. */
  readonly every: number;
  /** For somebody who came in, until all channels are open. */
  readonly settle: number;
}

const PACE: WatchPace = { every: 2, settle: 5 };

/**
 * The watcher of one session, a program in a file of its own: `BASE.sh watch` ends when somebody came in, when the session is
 * gone, or at the end of the token's time; `BASE.sh take-back`, which systemd runs after it, takes the tokens back and removes
 * its files. It never knows a token. `BASE.known` has who was connected before, `BASE.end` the end, in seconds of the host's
 * uptime: setting a clock changes nothing.
 */
export function watcher(
  { id, remove, base }: { readonly id: string; readonly remove: DcvCommand; readonly base: string },
  { every, settle }: WatchPace = PACE,
): ShellText {
  return lines(
    program`PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH LC_ALL=C`,
    sh`id=${id} base=${base} every=${every} settle=${settle}`,
    sh`remove() { ${runDcv(remove, 10)} >/dev/null 2>&1 </dev/null; }`,
    UPTIME,
    LIMIT,
    ask('viewers', listConnections(id), listConnectionsAsText(id)),
    ask('described', describeSession(id), describeSessionAsText(id)),
    CONNECTION_IDS,
    WATCH,
  );
}

/** Like `askDcv`, with a limit that is never beyond the token's time, and an exit code of 124 where dcv hangs. */
function ask(name: string, json: DcvCommand, text: DcvCommand): ShellText {
  return lines(
    sh`${name}() {`,
    sh`  timeout "$(limit)" ${unlimitedDcv(json)} 2>/dev/null </dev/null`,
    program`  case $? in 0) return 0 ;; 124) return 124 ;; esac`,
    sh`  timeout "$(limit)" ${unlimitedDcv(text)} 2>/dev/null </dev/null`,
    program`}`,
  );
}

/**
 * `connection_ids TEXT`: a word for each connection that `dcv list-connections` told, of JSON or of text. What is not
 * understood is a word of its own: when it changes, somebody may have come.
 */
export const CONNECTION_IDS = program`
connection_ids() {
  flat=$(printf '%s' "$1" | tr -d ' \t\r\n')
  case $flat in
  '' | '[]' | '{"connections":[]}' | Therearenoconnectionsavailable.) return ;;
  esac
  ids=$(
    printf '%s' "$flat" | grep -o '"id":[^,}]*'
    printf '%s\n' "$1" | sed -n 's/^Connection:[[:space:]]*\([^[:space:]]*\).*/\1/p'
  )
  printf '%s\n' "\${ids:-$flat}"
}`;

/** `uptime_now`: whole seconds since the host started. */
export const UPTIME = program`
uptime_now() { read -r up rest </proc/uptime; echo "\${up%%.*}"; }`;

const LIMIT = program`
limit() {
  seconds=$((end - $(uptime_now)))
  if [ "$seconds" -gt 10 ]; then seconds=10; fi
  if [ "$seconds" -lt 1 ]; then seconds=1; fi
  echo "$seconds"
}`;

/**
 * Somebody who came and left between two looks is seen by the time of the last disconnection, which is asked for first: when
 * those who were known are all still there afterwards, none of them has left.
 */
const WATCH = program`
set -f
tell() { printf '%s: %s\n' "$id" "$1"; }
newcomer() {
  for one in $1; do
    case " $known " in *" $one "*) ;; *) return 0 ;; esac
  done
  return 1
}
last_left() {
  told=$(described) || return
  at=$(printf '%s' "$told" | tr -d ' \t\r\n' | sed -n 's/.*"last-disconnection-time":\([^,}]*\).*/\1/p')
  echo "\${at:-none}"
}
watch() {
  end=$(cat "$base.end") known=$(echo $(cat "$base.known")) before=
  while :; do
    if [ "$(uptime_now)" -ge "$end" ]; then
      tell 'nobody came in by the link in time'
      return
    fi
    now=$(last_left)
    told=$(viewers)
    case $? in
    0)
      there=$(connection_ids "$told")
      if newcomer "$there"; then
        tell 'somebody came in'
        sleep "$settle"
        return
      fi
      there=$(echo $there)
      if [ "$there" != "$known" ]; then known=$there before=$(last_left)
      elif [ -n "$before" ] && [ -n "$now" ] && [ "$now" != "$before" ]; then
        tell 'somebody came in, and left'
        return
      elif [ -n "$now" ]; then before=$now
      fi
      ;;
    124) ;;
    *)
      described >/dev/null
      case $? in
      0 | 124) ;;
      *)
        tell 'the session is gone'
        return
        ;;
      esac
      ;;
    esac
    sleep "$every"
  done
}
take_back() {
  tries=1
  until remove; do
    if [ "$tries" -ge 5 ]; then
      tell 'its tokens were not taken back, so the link may still work' >&2
      return 1
    fi
    tries=$((tries + 1))
    sleep 1
  done
  tell 'the link is taken back'
  rm -f "$base.known" "$base.end" "$base.sh"
}
case $1 in
watch) watch ;;
take-back) take_back ;;
esac
exit`;
