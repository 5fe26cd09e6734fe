import { SAY, type ScriptRecord } from '../shell/records.ts';
import type { Script } from '../shell/script.ts';
import { lines, program, sh } from '../shell/shell.ts';
import { LOGIN_COOKIE } from './config/login.ts';
import { LOGIN_REALM } from './login-state.ts';
import { NEW_WORKERS } from './new-workers.ts';
import { LIVE_FILE, STATE_DIRECTORY } from './release.ts';
import { GATEWAY_DIRECTORY } from './state.ts';

/** Where things lie on a proxy; only tests have other places. */
export interface UsersPlaces {
  readonly gateway: string;
  /** The gateway's live configuration. */
  readonly live: string;
  readonly lock: string;
  /** What dcvops keeps on the proxy, its audit log among it. */
  readonly records: string;
}

const PLACES: UsersPlaces = {
  gateway: GATEWAY_DIRECTORY,
  live: LIVE_FILE,
  lock: '/run/dcvops.lock',
  records: STATE_DIRECTORY,
};

/** The users of a proxy, as its script told of them. */
export interface FoundUsers {
  /** The file, '' where there is none. With hashes only where they were asked for. */
  readonly text: string;
  /** Names this very content, or its absence. */
  readonly digest: string;
  /** Does the live gateway ask for a login? */
  readonly asked: boolean;
}

/**
 * Tells the users of a proxy.
 * @param hashes whether whole lines are told, or only names and what kind of hash each has
 */
export function readUsersScript(hashes: boolean, places = PLACES): Script {
  return {
    name: "read the gateway's users",
    text: lines(SAY, COMMON, READ),
    args: [places.gateway, places.live, places.lock, places.records, hashes ? 'hashes' : 'names'],
    root: true,
  };
}

/** Reads what {@link readUsersScript} told; undefined where it told nothing of it. */
export function parseFoundUsers(records: readonly ScriptRecord[]): FoundUsers | undefined {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const digest = value('digest');
  if (digest === undefined) return undefined;
  // the "." keeps the newlines at the end
  return { text: (value('users') ?? '.').slice(0, -1), digest, asked: value('asked') === 'yes' };
}

export interface UsersChange {
  /** For the lock and the audit log: "anna@laptop". */
  readonly who: string;
  readonly lockWaitSeconds: number;
  /** The users that the change is based on. */
  readonly digest: string;
  /** Everybody has to log in anew. */
  readonly endsLogins: boolean;
  /** For the audit log, without anything secret: "added user anna". */
  readonly what: string;
  /** Bytes of the new file, which goes on stdin. */
  readonly size: number;
}

/**
 * Puts a new users' file in place, under the lock of the deploys. It finishes by itself, whatever becomes of the operator.
 * The login cookie's secret is made, on the proxy, where there is none or where logins end; only then nginx is reloaded, and
 * only where it runs and asks for logins: it reads the users at each of them, but the secret when it starts to serve.
 *
 * It tells `locked`, `changed` or `failed` when nothing was changed; else `done`, before it `secret` when there is a new
 * one, and after it `reloaded`, or `not-reloaded` with what nginx said.
 */
export function changeUsersScript(change: UsersChange, places = PLACES): Script {
  return {
    name: "change the gateway's users",
    text: lines(SAY, NEW_WORKERS, sh`realm=${LOGIN_REALM} cookie=${LOGIN_COOKIE}`, COMMON, CHANGE),
    args: [
      places.gateway,
      places.live,
      places.lock,
      places.records,
      change.who,
      String(change.lockWaitSeconds),
      change.digest,
      change.endsLogins ? 'yes' : 'no',
      change.what,
      String(change.size),
    ],
    root: true,
  };
}

const COMMON = program`
set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
gateway=$1 live=$2 lock=$3 records=$4
shift 4
state=$gateway/state
users=$state/users login=$state/login
digest() { if [ -e "$users" ]; then sum=$(sha256sum <"$users"); echo "\${sum%% *}"; else echo absent; fi; }
is_asked() { grep -qsF "$login/accept" "$live"; }
# before anything is asked of it
[ -d "\${gateway%/*}" ] || { say failed 'nginx is not installed here'; exit 1; }`;

const READ = program`
if [ "$1" = hashes ]; then filter=; else filter='/^#/d; s/^([^:]*:)([$][a-z0-9]+[$](rounds=[0-9]+[$])?|[{][A-Za-z0-9]+[}])?.*/\1\2/'; fi
if [ -e "$users" ]; then say users "$(sed -E -e "$filter" "$users"; echo .)"; fi
say digest "$(digest)"
if is_asked; then say asked yes; fi`;

const CHANGE = program`
# What is begun is finished.
trap '' PIPE HUP INT TERM
umask 077
who=$1 lock_wait=$2 expected=$3 ends_logins=$4 what=$5 size=$6
new=$state/.users.dcvops-new
fail() { rm -f "$new" "$login"/.*.dcvops-new; say failed "$1"; exit 1; }
flush() { sync "$@" 2>/dev/null || sync; }
audit() { { mkdir -p "$records" && printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$who" "$1" >>"$records/audit.log"; } 2>/dev/null; }

# The group of nginx's workers: as they run, else as nginx.conf has it, else as nginx was built.
worker_group() { # $1: file, which gets the group
  file=$1
  master=$(cat /run/nginx.pid 2>/dev/null)
  group=$(ps -eo ppid=,gid= 2>/dev/null | awk -v master="\${master:--}" '$1 == master { print $2; exit }')
  if [ -z "$group" ]; then
    set -- $(sed -n 's/^[[:space:]]*user[[:space:]]\{1,\}\([^;]*\);.*/\1/p' "\${gateway%/*}/nginx.conf" 2>/dev/null | head -n 1)
    group=\${2:-\${1:-}}
  fi
  if [ -z "$group" ]; then
    built=$(nginx -V 2>&1)
    case $built in
      *--group=*) group=\${built#*--group=} ;;
      *--user=*) group=\${built#*--user=} ;;
    esac
    group=\${group%%[!A-Za-z0-9_-]*}
  fi
  for group in "$group" www-data nginx nogroup nobody; do
    if [ -n "$group" ] && chgrp "$group" "$file" 2>/dev/null; then echo "$group"; return; fi
  done
  return 1
}
for_nginx() { chown "root:$group" "$1" && chmod 640 "$1" && flush "$1"; } # $1: file
nginx_runs() {
  if [ -d /run/systemd/system ] && systemctl cat nginx.service >/dev/null 2>&1; then systemctl is-active --quiet nginx.service
  else [ -s /run/nginx.pid ] && kill -0 "$(cat /run/nginx.pid)" 2>/dev/null; fi
}
# Graceful: open connections stay with the old workers.
reload_nginx() {
  nginx -t -q || return 1
  before=$(workers /run/nginx.pid)
  if [ -d /run/systemd/system ] && systemctl is-active --quiet nginx.service; then systemctl reload nginx.service
  else nginx -s reload; fi || return 1
  # a login that was ended must not be taken any more when we say so
  has_new_workers /run/nginx.pid "$before" 80 || { echo 'nginx was told to, but goes on with what it had' >&2; return 1; }
  have_closed "$before" 80 || { echo 'nginx has new workers, but after 8 s old ones still answer' >&2; return 1; }
}

command exec 9>>"$lock" || { say failed "cannot open $lock"; exit 1; } # without "command", dash would end here
flock -w "$lock_wait" 9 || { say locked "$(cat "$lock")"; exit 1; }
printf '%s, since %s\n' "$who" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$lock"
if [ "$(digest)" != "$expected" ]; then say changed ''; exit 1; fi

problem=$( (umask 022 && mkdir -p "$login") 2>&1) || fail "$problem"
head -c "$size" >"$new" || fail "cannot write to $state"
if [ "$(wc -c <"$new")" -ne "$size" ]; then fail 'the users did not arrive whole'; fi
# the group is found out on a file of nobody's secrets
: >"$login/.group.dcvops-new"
group=$(worker_group "$login/.group.dcvops-new") || fail "cannot tell the group of nginx's workers"
rm -f "$login/.group.dcvops-new"
problem=$(for_nginx "$new" 2>&1) || fail "$problem"

renewed=no
if [ "$ends_logins" = yes ] || [ ! -s "$login/accept.map" ] || [ ! -s "$login/issue.map" ]; then
  secret=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
  if [ "\${#secret}" -ne 64 ]; then fail 'cannot read /dev/urandom'; fi
  printf '"~^%s$" off;\n' "$secret" >"$login/.accept.map.dcvops-new" &&
    printf '"~^%s$" "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax";\n' "$realm" "$cookie" "$secret" \
      >"$login/.issue.map.dcvops-new" || fail "cannot write to $login"
  for map in accept issue; do problem=$(for_nginx "$login/.$map.map.dcvops-new" 2>&1) || fail "$problem"; done
  renewed=yes
fi
if command -v restorecon >/dev/null 2>&1; then restorecon -R "$gateway" >/dev/null 2>&1; fi

# The secret first: should the host stop in between, the next reload ends the logins.
if [ "$renewed" = yes ]; then
  for map in accept issue; do mv -f "$login/.$map.map.dcvops-new" "$login/$map.map" || fail "cannot write to $login"; done
  say secret ''
fi
# Without the file nginx, and the doctor, can tell that nobody can log in.
if [ "$size" -eq 0 ]; then rm -f "$new" "$users"; else mv -f "$new" "$users"; fi || fail "cannot write to $state"
flush "$login" "$state"
audit "$what"
say done ''
if [ "$renewed" = yes ] && is_asked && nginx_runs; then
  if problem=$(reload_nginx 2>&1 9>&-); then say reloaded ''; audit 'reloaded for the logins'; else say not-reloaded "$problem"; fi
fi
exit 0`;
