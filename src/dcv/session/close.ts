import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { type ShellText, lines, program, sh } from '../../shell/shell.ts';
import { LIST, SESSIONS, viewersOf } from '../agent-facts.ts';
import { closeSession, describeSession, describeSessionAsText } from '../commands.ts';
import { askDcv, runDcv } from '../run-dcv.ts';

/** When a session may be closed. */
export interface CloseCondition {
  /** Also while somebody is connected. */
  readonly endSessions: boolean;
  /**
   * Only while its last disconnection is still this one (undefined: there was none yet); left out, that does not matter.
   * To the second.
   */
  readonly lastDisconnectedAt?: Date | 'never';
}

/**
 * Closes a session in one script, which looks itself whether somebody is connected: nobody can come in between. Tells
 * `connections` (who is connected), then one of `closed`, `in-use`, `used-meanwhile`, `close-failed` with why, or nothing
 * when the session is not there; and then what sessions there are.
 */
export function closeScript(id: string, { endSessions, lastDisconnectedAt }: CloseCondition): Script {
  const mode = endSessions ? 'in-use' : 'unused';
  const since = lastDisconnectedAt === undefined ? '' : timeOrNever(lastDisconnectedAt);
  return {
    name: 'close the session',
    text: lines(SAY, LIST, CLOSE, ...about(id), sh`try_to_close ${id} ${mode} ${since}`, SESSIONS),
    root: true,
  };
}

/** How the value of `last-disconnection-time` begins. */
function timeOrNever(time: Date | 'never'): string {
  return time === 'never' ? time : time.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
}

/** The commands about one session, as functions for {@link CLOSE}. */
export function about(id: string): ShellText[] {
  return [
    sh`describe() { ${runDcv(describeSession(id))} 2>/dev/null; }`,
    sh`describe_as_text() { ${runDcv(describeSessionAsText(id))} 2>/dev/null; }`,
    sh`exists() { ${askDcv(describeSession(id), describeSessionAsText(id))} >/dev/null 2>&1; }`,
    viewersOf(id),
    sh`close() { ${runDcv(closeSession(id), 30)} 2>&1; }`,
  ];
}

/**
 * `close_session ID in-use|unused` closes a session and waits until it is gone; it tells what came of it, and `stop` ends
 * the script (or the subshell) where it could not. Words that are not known to mean "nobody" count as somebody.
 */
export const CLOSE = program`
now() { date +%s; }
stop() { say "$1" "$2"; exit 0; }
nobody() {
  case $(viewers | tr -d ' \t\r\n') in
  '[]' | '{"connections":[]}' | Therearenoconnectionsavailable.) ;;
  *) return 1 ;;
  esac
}
# DCV tells that nobody was there yet by an empty time, by null, or by none at all.
untouched_since() {
  described=$(describe | tr -d ' \t\r\n')
  if [ "$1" = never ]; then
    case $described in
    *'"last-disconnection-time":""'* | *'"last-disconnection-time":null'*) ;;
    *'"last-disconnection-time"'*) return 1 ;;
    *'{'*'"id":'*'}'*) ;;
    *) return 1 ;;
    esac
    return
  fi
  case $described in
  *"\"last-disconnection-time\":\"$1"*) ;;
  *) return 1 ;;
  esac
}
close_session() {
  if [ "$2" = unused ] && ! nobody; then stop in-use "$1"; fi
  output=$(close) || stop close-failed "$output"
  end=$(($(now) + 10))
  while exists; do
    [ "$(now)" -lt "$end" ] || stop close-failed "it is still there after 10 s"
    sleep 0.2
  done
  say closed "$1"
}
try_to_close() (
  command -v dcv >/dev/null 2>&1 || exit 0
  if connections=$(viewers); then say connections "$connections"; fi
  exists || exit 0
  if [ -n "$3" ] && ! untouched_since "$3"; then stop used-meanwhile "$1"; fi
  close_session "$1" "$2"
)`;
