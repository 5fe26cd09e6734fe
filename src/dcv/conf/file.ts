import { createHash } from 'node:crypto';
import { type ScriptRecord, SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh } from '../../shell/shell.ts';
import { LIST, SESSIONS } from '../agent-facts.ts';
import { listSessionsAsText } from '../commands.ts';
import { HELPERS } from '../host-helpers.ts';
import { runDcv } from '../run-dcv.ts';

/** dcv.conf, one character a byte (`latin1`), with its SHA-256. */
export interface ConfFile {
  readonly text: string;
  /** `absent` where there is no file; the text is empty then. */
  readonly digest: string;
  /** "644 root:root"; empty where there is no file. */
  readonly mode: string;
}

/** Tells dcv.conf, in a form in which no byte is lost; `no-dcv` where there is no /etc/dcv. */
const CONF = program`
conf=$(readlink -f /etc/dcv/dcv.conf)
if [ -f "$conf" ]; then
  echo conf
  base64 "$conf" | sed 's/^/|/'
  echo .
  say conf-mode "$(stat -c '%a %U:%G' "$conf")"
elif [ ! -d /etc/dcv ]; then say no-dcv ''
fi`;

/** Is dcvserver running, and has it read what is in dcv.conf (`$conf`) now? Runs after `SAY`. */
export const SERVER = program`
if [ "$(systemctl is-active dcvserver.service 2>/dev/null)" = active ]; then
  say running ''
  started=$(systemctl show dcvserver.service --property=ActiveEnterTimestamp 2>/dev/null)
  started=$(date -d "\${started#*=}" +%s 2>/dev/null)
  changed=$(stat -c %Y "$conf" 2>/dev/null)
  if [ -n "$started" ] && [ "\${changed:-0}" -gt "$started" ]; then
    say stale ''
    # a file that is older than the start and was replaced after it is the one that dcvserver has read
    since=$(date -u -d "@$started" +%Y%m%d%H%M%S)
    for kept in /var/lib/dcvops/dcv-conf/dcv.conf.*; do
      replaced=\${kept##*/dcv.conf.} replaced=\${replaced%%.*}
      replaced=\${replaced%T*}\${replaced#*T}
      [ "$replaced" -gt "$since" ] 2>/dev/null && [ "$(stat -c %Y "$kept")" -le "$started" ] || continue
      echo started-with
      base64 "$kept" | sed 's/^/|/'
      echo .
      break
    done
  fi
fi`;

/** Reads dcv.conf; changes nothing. {@link parseConfFile} reads what it tells. */
export function readConfFile(): Script {
  return { name: 'read dcv.conf', text: lines(SAY, CONF), root: true };
}

/**
 * Reads all that a change of dcv.conf depends on, in one round trip: the file, `running`, `stale` and
 * `started-with` (see {@link isRunning}, {@link isStale}, {@link startedWith}), and what `readSessions` tells.
 */
export function readForConfChange(): Script {
  return {
    name: 'read dcv.conf and the sessions',
    text: lines(SAY, CONF, SERVER, LIST, SESSIONS),
    root: true,
  };
}

/** The file that was told; undefined where DCV is not installed. Pure. */
export function parseConfFile(records: readonly ScriptRecord[]): ConfFile | undefined {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  if (value('no-dcv') !== undefined) return undefined;
  const told = value('conf');
  if (told === undefined) return { text: '', digest: 'absent', mode: '' };
  const text = Buffer.from(told, 'base64').toString('latin1');
  return { text, digest: digestOf(text), mode: value('conf-mode') ?? '' };
}

/** Does dcvserver run? Pure. */
export function isRunning(records: readonly ScriptRecord[]): boolean {
  return records.some(({ name }) => name === 'running');
}

/** Was dcv.conf changed after dcvserver was started? Pure. */
export function isStale(records: readonly ScriptRecord[]): boolean {
  return records.some(({ name }) => name === 'stale');
}

/**
 * What dcv.conf said when dcvserver was started, one character a byte, where it is stale and the file was kept. Undefined where
 * nobody knows. Pure.
 */
export function startedWith(records: readonly ScriptRecord[]): string | undefined {
  const told = records.find(({ name }) => name === 'started-with')?.value;
  return told === undefined ? undefined : Buffer.from(told, 'base64').toString('latin1');
}

/** SHA-256 as sha256sum prints it. @param text one character a byte */
export function digestOf(text: string): string {
  return createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex');
}

/** What writing dcv.conf is told beside the file. */
export interface WriteOptions {
  /** For the lock and the audit log: "anna@laptop". */
  readonly who: string;
  /** How long to wait for another command that holds the lock, in seconds. */
  readonly lockWaitSeconds: number;
  readonly restart: boolean;
  /** Restart also when somebody is connected. */
  readonly endSessions: boolean;
}

/**
 * Replaces dcv.conf, whose bytes are its stdin, if it still is the one that was read; and restarts dcvserver where that is
 * wanted. The last 20 files before are kept. A dcvserver that does not start again gets it back. It tells `kept` with its path and
 * then `written`, or `locked`, `changed`, `failed` (nothing was changed), `undone`, `not-undone`; before them `restarted`, or
 * `restart-withheld` when somebody connected meanwhile.
 */
export function writeConfScript(
  before: ConfFile,
  after: string,
  { who, lockWaitSeconds, restart, endSessions }: WriteOptions,
): Script {
  return {
    name: before.text === after ? 'restart dcvserver' : 'write dcv.conf',
    text: lines(SAY, ANSWERS, HELPERS, WRITE),
    args: [
      who,
      String(lockWaitSeconds),
      restart ? 'yes' : 'no',
      endSessions ? 'yes' : 'no',
      before.digest,
      digestOf(after),
      String(after.length),
    ],
    root: true,
  };
}

const ANSWERS = sh`answers() { ${runDcv(listSessionsAsText())} >/dev/null 2>&1; }`;

const WRITE = program`
who=$1 lock_wait=$2 restart=$3 end_sessions=$4 before=$5 after=$6 size=$7
kept_most=20
conf=$(readlink -f /etc/dcv/dcv.conf)
make_work
head -c "$size" >"$work/dcv.conf"
if [ "$(digest "$work/dcv.conf")" != "$after" ]; then say failed 'dcv.conf did not arrive whole'; end 1; fi
take_lock "$lock_wait" "$who"
if [ "$(digest "$conf")" != "$before" ]; then say changed ''; end 1; fi
kept=
clean_up() { rm -f "$(beside "$conf" new)" "$(beside "$conf" old)"; }
abandon() { clean_up; say failed "$1"; end 1; }
trap 'abandon "the host is shutting down"' TERM

keep() {
  mkdir -p "$state/dcv-conf" && chmod 700 "$state/dcv-conf" || return 1
  kept=$state/dcv-conf/dcv.conf.$(date -u +%Y%m%dT%H%M%S.%NZ)
  cp -a "$conf" "$kept" && flush "$kept" "$state/dcv-conf" || return 1
  ls -1 "$state/dcv-conf" | grep '^dcv\.conf\.' | sort -r | tail -n "+$((kept_most + 1))" |
    while IFS= read -r name; do rm -f "$state/dcv-conf/$name"; done
}
create_beside() {
  rm -f "$(beside "$conf" new)" && cat "$work/dcv.conf" >"$(beside "$conf" new)" &&
    chmod 644 "$(beside "$conf" new)" && flush "$(beside "$conf" new)"
}
prepare() {
  if [ "$before" = absent ]; then create_beside; else keep && put_beside "$work/dcv.conf" "$conf"; fi
}
# Each crash that systemd makes good counts up from a restart by hand; systemd 219 does not tell.
stays_up() {
  until_then=$(($(date +%s) + 60))
  while [ "$(date +%s)" -lt "$until_then" ]; do
    crashes=$(systemctl show dcvserver.service --property=NRestarts 2>/dev/null)
    case \${crashes#NRestarts=} in '' | 0) ;; *) return 1 ;; esac
    case $(systemctl is-active dcvserver.service 2>/dev/null) in
      active) if answers; then return 0; fi ;;
      failed) return 1 ;;
    esac
    sleep 0.3
  done
  return 1
}
undo_and_end() {
  trap '' TERM
  problem=
  if [ "$before" != "$after" ]; then
    if [ "$before" = absent ]; then rm -f "$conf"; else mv -f "$(beside "$conf" old)" "$conf"; fi || problem="cannot put $conf back"
  fi
  said=$(systemd restart dcvserver.service) || problem="dcvserver does not start: $said"
  clean_up
  if [ -n "$problem" ]; then say not-undone "$1; $problem"; audit "could not undo a change of dcv.conf: $1; $problem"; end 3; fi
  audit "undid a change of dcv.conf: $1"
  say undone "$1"
  end 3
}

# for the audit log, too
{ mkdir -p "$state" && chmod 700 "$state"; } 2>"$work/problem" || abandon "$(cat "$work/problem")"
if [ "$before" != "$after" ]; then
  prepare 2>"$work/problem" || abandon "$(cat "$work/problem")"
  trap '' TERM
  mv -f "$(beside "$conf" new)" "$conf" 2>"$work/problem" || abandon "$(cat "$work/problem")"
  flush "\${conf%/*}"
  audit "changed dcv.conf\${kept:+, before: $kept}"
  if [ -n "$kept" ]; then say kept "$kept"; fi
fi
if [ "$restart" = yes ]; then
  if [ "$end_sessions" = no ] && in_use; then say restart-withheld ''
  else
    trap 'undo_and_end "the host is shutting down"' TERM
    problem=$(systemd restart dcvserver.service) || undo_and_end "dcvserver does not start again: $problem"
    stays_up || undo_and_end 'dcvserver does not stay up, or does not answer within a minute'
    audit 'restarted dcvserver'
    say restarted ''
  fi
fi
trap '' TERM
clean_up
say written ''
end 0
`;
