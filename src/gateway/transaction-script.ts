import type { Script } from '../shell/script.ts';
import { SAY } from '../shell/records.ts';
import { lines, program } from '../shell/shell.ts';
import { NEW_WORKERS } from './new-workers.ts';

/** What the transaction's script is told in its arguments; nothing here is secret. */
export interface TransactionArguments {
  /** Who asks, for the lock and the audit log: "anna@laptop". */
  readonly who: string;
  /** Port that the gateway listens on: whatever else names it in nginx's files is a rival. */
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  /** Id of a kept release whose files are wanted (rollback), or undefined. */
  readonly wantedRelease: string | undefined;
  /** How long to wait for another deploy that holds the lock, in seconds. */
  readonly lockWaitSeconds: number;
  /** How long the host waits for "commit" before it undoes the change, in seconds. */
  readonly confirmSeconds: number;
}

/**
 * The deploy transaction as the host runs it: it tells facts, is told what to change, and then either finishes or
 * undoes itself, whatever becomes of the operator. The conversation is in `transaction.ts`.
 *
 * - Undo needs neither space nor the operator: what is replaced stays beside its place as a second link, under a name
 *   that nginx's include patterns never match, and comes back by rename.
 * - `pending` on disk says that a change is neither kept nor undone. It is written before the first rename and removed
 *   at the commit; whoever finds it with the lock free undoes the change.
 * - Every wait is bounded, and end of input means undo.
 */
export function transactionScript(options: TransactionArguments): Script {
  return {
    name: 'gateway transaction',
    text: lines(SAY, NEW_WORKERS, TRANSACTION),
    args: [
      options.who,
      String(options.port),
      options.certificate,
      options.key,
      options.wantedRelease ?? '',
      String(options.lockWaitSeconds),
      String(options.confirmSeconds),
    ],
    root: true,
  };
}

const TRANSACTION = program`
set -u
umask 022
# The operator may be gone at any moment: a write to nobody, a hang-up or a Ctrl-C must not stop the undo.
trap '' PIPE HUP INT
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

who=$1 port=$2 certificate=$3 key=$4 wanted=$5 lock_wait=$6 confirm=$7
etc=/etc/nginx
live=$etc/conf.d/dcv-gateway.conf
gateway=$etc/dcv-gateway
logs=/var/log/nginx
state=/var/lib/dcvops
releases=$state/releases
pending=$state/pending
lock=/run/dcvops.lock
work=

have() { command -v "$1" >/dev/null 2>&1; }
digest() { if [ -e "$1" ]; then sum=$(sha256sum <"$1"); echo "\${sum%% *}"; else echo absent; fi; }
# A file as a record's value; the "." behind it keeps the ends of its last lines.
say_file() { # $1: name, $2: file
  printf '%s\n' "$1"
  cat "$2" - <<'END' | sed 's/^/|/'
.
END
  echo .
} 2>/dev/null
beside() { printf '%s/.%s.dcvops-%s' "\${1%/*}" "\${1##*/}" "$2"; }
flush() { sync "$@" 2>/dev/null || sync; }
flush_folders() { if [ -d "$gateway" ]; then flush "$etc/conf.d" "$gateway" "$gateway"/*/; else flush "$etc/conf.d"; fi; }
# Folders of the gateway's own are made for their files, and go with the last of them.
drop_empty_folder() { # $1: a file that is gone
  case $1 in "$gateway"/*) rmdir "\${1%/*}" "$gateway" 2>/dev/null ;; esac
  return 0
}
end() { if [ -n "$work" ]; then rm -rf "$work"; fi; exit "$1"; }

# ---------------------------------------------------------------- nginx as a service
unit_state() {
  if have systemctl && [ -d /run/systemd/system ]; then
    systemctl show nginx.service --property=LoadState,ActiveState,UnitFileState 2>/dev/null
  fi
}
unit=$(unit_state)
unit_is_loaded() { case $unit in *LoadState=loaded*) ;; *) false ;; esac; }
process_runs() { [ -s /run/nginx.pid ] && kill -0 "$(cat /run/nginx.pid)" 2>/dev/null; }
nginx_runs() { # and learns anew what systemd says of it
  if unit_is_loaded; then
    unit=$(unit_state)
    case $unit in *ActiveState=active*|*ActiveState=reloading*) ;; *) false ;; esac
  else process_runs; fi
}
# Always graceful: open connections stay with the old workers. Never a restart.
reload_nginx() { if unit_is_loaded; then systemctl reload nginx.service; else nginx -s reload; fi 2>&1 9>&-; }
start_nginx() {
  if unit_is_loaded; then systemctl enable --quiet nginx.service && systemctl start nginx.service
  else nginx; fi 2>&1 9>&-
}
stop_nginx() {
  if unit_is_loaded; then
    systemctl stop nginx.service
    case $1 in enabled|'') ;; *) systemctl disable --quiet nginx.service ;; esac
  else nginx -s quit; fi 2>&1 9>&-
}

# ---------------------------------------------------------------- undo
put_back() { # $1: "replaced" or "created", $2: path
  old=$(beside "$2" old)
  case $1 in
    replaced) if [ -e "$old" ] || [ -L "$old" ]; then mv -f "$old" "$2"; fi ;;
    created) rm -f "$2" ;;
  esac && rm -f "$(beside "$2" new)" && drop_empty_folder "$2"
}
# Puts back what the manifest in "pending" names. May be run again after it was cut short itself. Fails when a file cannot
# be put back, and leaves "pending" to the next command then; what nginx had to say is no failure, but told.
undo() { # $1: why
  undo_problem= nginx_problem=
  [ -r "$pending/manifest" ] || { undo_problem="cannot read $pending/manifest"; return 1; }
  while read -r kind path; do
    problem=$(put_back "$kind" "$path" 2>&1) || undo_problem=\${problem:-"cannot put $path back"}
  done <"$pending/manifest"
  if [ -n "$undo_problem" ]; then return 1; fi
  # only a nginx that is known to have been stopped is stopped
  if [ "$(cat "$pending/was-running")" = no ]; then
    if nginx_runs; then problem=$(stop_nginx "$(cat "$pending/was-enabled")"); fi
  elif nginx_runs; then problem=$(reload_nginx)
  else problem=$(start_nginx); fi || nginx_problem=" (the files are back, but nginx did not take them: $problem)"
  flush_folders
  rm -rf "$releases"/.*.new
  audit "undid $(cat "$pending/what"): $1"
  rm -rf "$pending.done" && mv "$pending" "$pending.done" && rm -rf "$pending.done"
}
audit() { printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$who" "$1" >>"$state/audit.log" 2>/dev/null; }

# ---------------------------------------------------------------- lock
take_lock() { # $1: seconds to wait
  command exec 9>>"$lock" || { say failed "cannot open $lock"; end 1; } # without "command", dash would end here
  if flock -n 9; then :
  else
    if [ "$1" -gt 0 ]; then say waiting "$(cat "$lock")"; fi
    flock -w "$1" 9 || return 1
  fi
  printf '%s, since %s\n' "$who" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$lock"
}
release_lock() { : >"$lock"; exec 9>&-; }

# ---------------------------------------------------------------- facts
# A change that was neither kept nor undone, and nobody at work on it: the host lost power, or the script was killed.
if [ -d "$pending" ]; then
  if take_lock 0; then
    if [ -d "$pending" ]; then
      say recovered "$(cat "$pending/what")"
      undo 'left unfinished; undone by the next command' ||
        { say not-undone "$(cat "$pending/what"), left unfinished: $undo_problem"; end 1; }
      unit=$(unit_state)
    fi
    release_lock
  fi
fi

# ss looks into every process of the host, which takes as long as all the rest: side by side with it.
listeners() { if have ss; then ss -Hltnp "sport = :$port" 2>/dev/null; fi; }
tell_facts() { # stdin: who listens
  say nginx "$(nginx -V 2>&1)"
  say unit "$unit"
  if ! unit_is_loaded && process_runs; then say runs yes; fi
  if [ -e "$live" ]; then say_file live "$live"; say live-stat "$(stat -c '%a %U:%G' "$live")"; fi
  say live-digest "$(digest "$live")"
  if [ -e "$etc/nginx.conf" ]; then say_file nginx-conf "$etc/nginx.conf"; fi
  for file in "$etc"/conf.d/*.conf "$etc"/sites-enabled/* "$etc"/default.d/*.conf; do
    if [ -f "$file" ] && [ "$file" != "$live" ] && grep -Eq "^[^#]*listen[[:space:]]+([^;#]*:)?$port([[:space:];]|$)" "$file"
    then say rival "$file"; say_file rival-content "$file"; fi
  done
  for file in "$gateway"/pages/* "$gateway"/pins/* "$gateway/state/pool.conf"; do
    if [ -f "$file" ]; then say gateway-file "$file"; say_file gateway-file-content "$file"; fi
  done
  if [ -d "$gateway/state" ]; then say state "$(cd "$gateway/state" && find . -type f | sed 's|^[.]/||' | sort)"; fi
  if [ -r "$certificate" ]; then say_file certificate "$certificate"; fi
  if [ -s "$key" ]; then say key "$(stat -c '%a %U:%G' "$key")"; fi
  if [ -s /proc/net/if_inet6 ]; then say ipv6 yes; fi
  say addresses "$(ip -o addr show 2>/dev/null)"
  if have getenforce; then
    say selinux "$(getenforce) $(getsebool httpd_can_network_connect 2>/dev/null | awk '{print $3}')"
  fi
  for manager in apt-get dnf yum zypper; do if have "$manager"; then say package-manager "$manager"; break; fi; done
  if have openssl; then say openssl yes; fi
  for directory in "$releases"/*/; do
    if [ -f "$directory/meta" ] && read -r meta <"$directory/meta"; then
      directory=\${directory%/}
      say release "\${directory##*/} $meta"
    fi
  done
  if [ -n "$wanted" ] && [ -f "$releases/$wanted/manifest" ]; then
    while read -r kind mode name path; do
      case $kind in
        write) say wanted-write "$mode $path"; say_file wanted-content "$releases/$wanted/$name" ;;
        remove) say wanted-remove "$path" ;;
      esac
    done <"$releases/$wanted/manifest"
  fi
  if have ss; then say listeners "$(cat)"; fi
}
listeners | tell_facts
say ready ''

# ---------------------------------------------------------------- what to do
# First line: VERB RELEASE EXPECTED-DIGEST ARCHIVE; then a line for each file, "write MODE SIZE PATH" with the bytes
# behind it or "remove - - PATH"; then "end".
read -r verb release expected archive || end 0
case $verb in quit) end 0 ;; validate|apply|reload) ;; *) say failed "unknown verb $verb"; end 1 ;; esac

work=$(mktemp -d /run/dcvops.XXXXXXXX) || { say failed 'cannot create a directory in /run'; end 1; }
mkdir "$work/files" "$work/archive"
: >"$work/manifest"
# The name under which a file is kept: its own where that is plain and not taken.
kept_name() { # $1: directory, $2: path
  case \${2##*/} in
    *[!A-Za-z0-9._-]*) name="file" ;;
    *) name=\${2##*/} ;;
  esac
  while [ -e "$1/$name" ]; do name=$name.other; done
  printf '%s' "$name"
}
while read -r kind mode size path && [ "$kind" != end ]; do
  name=-
  if [ "$kind" = write ]; then
    name=$(kept_name "$work/files" "$path")
    head -c "$size" >"$work/files/$name" || { say failed "cannot keep $path in /run"; end 1; }
    if [ "$(wc -c <"$work/files/$name")" -ne "$size" ]; then say failed "$path did not arrive whole"; end 1; fi
  fi
  printf '%s %s %s %s\n' "$kind" "$mode" "$name" "$path" >>"$work/manifest" ||
    { say failed "cannot keep $path in /run"; end 1; }
done
if [ "\${kind:-}" != end ]; then end 0; fi

# Runs nginx -t over the whole tree as it would be, in a mount namespace of its own, so that neither a bad file nor
# the logs and the pid file that nginx -t creates touch the host.
validate() {
  unshare --mount --propagation private true 2>&1 || return 99
  mkdir "$work/tree" && cp -a "$etc/." "$work/tree/" || { echo 'cannot copy the nginx tree to /run'; return 1; }
  root=$(readlink -f "$work/tree")
  while read -r kind mode name path; do
    case $path in
      "$etc"/*) ;;
      *) echo "$path is not below $etc"; return 1 ;;
    esac
    target=$work/tree\${path#"$etc"} directory=\${path%/*}
    # a directory that is a link would lead out of the copy, to the live files
    if [ -L "\${target%/*}" ]; then
      rm "\${target%/*}" && mkdir "\${target%/*}" && cp -a "$directory/." "\${target%/*}/" || return 1
    fi
    existing=\${target%/*}
    while [ ! -d "$existing" ]; do existing=\${existing%/*}; done
    case $(readlink -f "$existing")/ in
      "$root"/*) ;;
      *) echo "$directory leads out of $etc"; return 1 ;;
    esac
    mkdir -p "\${target%/*}" && rm -f "$target" || return 1
    if [ "$kind" = write ]; then cp "$work/files/$name" "$target" || return 1; fi
  done <"$work/manifest"
  mkdir "$work/run"
  unshare --mount --propagation private sh -c '
    mount --bind "$1/tree" /etc/nginx && mount -t tmpfs tmpfs "$2" || exit 99
    mount -t tmpfs tmpfs "$1/run" && mkdir "$1/run/upper" "$1/run/work" || exit 99
    mount -t overlay overlay -o "lowerdir=/run,upperdir=$1/run/upper,workdir=$1/run/work" /run ||
      mount -t tmpfs tmpfs /run || exit 99
    exec nginx -t -q' dcvops-validate "$work" "$logs" 2>&1 9>&-
}

if [ "$verb" = validate ]; then
  problem=$(validate)
  case $? in 0) say valid '' ;; 99) say unsupported "$problem" ;; *) say invalid "$problem" ;; esac
  end 0
fi

if [ "$verb" = reload ]; then
  take_lock "$lock_wait" || { say locked "$(cat "$lock")"; end 1; }
  say step reload
  if problem=$(reload_nginx); then say reloaded ''; audit "reloaded for $release"; end 0; fi
  say failed "$problem"; end 1
fi

# ---------------------------------------------------------------- the transaction
take_lock "$lock_wait" || { say locked "$(cat "$lock")"; end 1; }
if [ "$(digest "$live")" != "$expected" ] || [ -d "$pending" ]; then say changed ''; end 1; fi

say step stage
abandon() { # $1: what failed; nothing was changed so far
  forget_staged
  rm -rf "$pending.new"
  say failed "$1"; end 1
}
forget_staged() {
  while read -r kind mode name path; do
    rm -f "$(beside "$path" new)" "$(beside "$path" old)"
    drop_empty_folder "$path"
  done <"$work/manifest"
  rm -rf "$releases/.$release.new" "$releases/.\${archive:-none}.new"
}
trap 'abandon "the host is shutting down"' TERM
mkdir -p "$releases" 2>"$work/problem" && chmod 700 "$state" || abandon "$(cat "$work/problem")"

# What is needed later is written now: after the swap nothing may fail for want of space.
keep() { # $1: release to write, $2: where its files are; reads the manifest on stdin
  rm -rf "$releases/.$1.new" && mkdir "$releases/.$1.new" || return 1
  while read -r kind mode name path; do
    if [ "$kind" = write ]; then cp "$2/$name" "$releases/.$1.new/$name" || return 1; fi
    printf '%s %s %s %s\n' "$kind" "$mode" "$name" "$path" >>"$releases/.$1.new/manifest" || return 1
  done
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$who" >"$releases/.$1.new/meta"
}
if [ "$archive" != - ]; then
  kept=yes
  while read -r kind mode name path; do
    if [ -f "$path" ]; then
      name=$(kept_name "$work/archive" "$path")
      cp "$path" "$work/archive/$name" && echo "write $(stat -L -c %a "$path") $name $path"
    else echo "remove - - $path"; fi || kept=no
  done <"$work/manifest" >"$work/archive.manifest"
  [ "$kept" = yes ] || abandon 'cannot keep what is replaced in /run'
  keep "$archive" "$work/archive" <"$work/archive.manifest" 2>"$work/problem" || abandon "$(cat "$work/problem")"
fi
keep "$release" "$work/files" <"$work/manifest" 2>"$work/problem" || abandon "$(cat "$work/problem")"
while read -r kind mode name path; do
  if [ "$kind" = write ]; then
    new=$(beside "$path" new)
    mkdir -p "\${path%/*}" 2>"$work/problem" || abandon "$(cat "$work/problem")"
    { (umask 077 && cp "$work/files/$name" "$new") && chown root:root "$new" && chmod "$mode" "$new" && flush "$new"; } \
      2>"$work/problem" || abandon "$(cat "$work/problem")"
    if have restorecon; then restorecon "$new" >/dev/null 2>&1; fi
  fi
  if [ -e "$path" ]; then
    old=$(beside "$path" old)
    { rm -f "$old" && ln -P "$path" "$old"; } 2>"$work/problem" || abandon "$(cat "$work/problem")"
  fi
done <"$work/manifest"
say did stage

say step validate
tried=yes
problem=$(validate)
case $? in
  0) say did validate ;;
  99) tried=no; say unsupported "$problem" ;;
  *) forget_staged; say invalid "$problem"; end 1 ;;
esac

say step swap
rm -rf "$pending.new" "$pending.done" && mkdir "$pending.new" || abandon "cannot write to $state"
{
  while read -r kind mode name path; do
    if [ -e "$path" ]; then echo "replaced $path"; else echo "created $path"; fi
  done <"$work/manifest" >"$pending.new/manifest" &&
  if nginx_runs; then echo yes; else echo no; fi >"$pending.new/was-running" &&
  case $unit in
    *UnitFileState=*) enabled=\${unit#*UnitFileState=}; echo "\${enabled%%[!a-z-]*}" ;;
    *) echo ;;
  esac >"$pending.new/was-enabled" &&
  echo "the change to $release by $who" >"$pending.new/what"
} 2>"$work/problem" || abandon "$(cat "$work/problem")"
flush "$pending.new"/* "$pending.new"

undo_and_end() { # $1: why
  trap '' TERM
  say step undo
  undo "$1" || { say emerg "$(new_emerg)"; say not-undone "$1: $undo_problem"; end 3; }
  say emerg "$(new_emerg)"
  say undone "$1$nginx_problem"
  end 3
}
log_size() { if [ -f "$1" ]; then wc -c <"$1"; else echo 0; fi; }
new_emerg() {
  for log in "$logs/error.log" "$logs/dcv-error.log"; do
    case $log in *dcv-*) from=$dcv_log_size ;; *) from=$main_log_size ;; esac
    if [ -f "$log" ]; then tail -c "+$((from + 1))" "$log" | grep -F '[emerg]' | tail -n 20; fi
  done
}
# Connections to agents, by both ends. Those that are still there after the reload are people's: idle ones end with it.
open_desktops() { ss -Htn state established '( dport = :8443 )' 2>/dev/null | awk '{ print $3, $4 }' | sort; }
open_desktops >"$work/desktops"
main_log_size=$(log_size "$logs/error.log") dcv_log_size=$(log_size "$logs/dcv-error.log")
was_running=$(cat "$pending.new/was-running")

# From here on a shutdown undoes the change as well.
mv "$pending.new" "$pending" || abandon "cannot write to $state"
trap 'undo_and_end "the host is shutting down"' TERM
flush "$state"
while read -r kind mode name path; do
  case $kind in
    write) mv -f "$(beside "$path" new)" "$path" ;;
    remove) rm -f "$path" ;;
  esac || undo_and_end "cannot put $path in its place"
done <"$work/manifest"
flush_folders
# nginx would create its logs readable by everybody
for log in "$logs/dcv-access.log" "$logs/dcv-error.log"; do
  if [ ! -e "$log" ] && (umask 037 && : >"$log") 2>/dev/null && [ -e "$logs/access.log" ]; then
    chown --reference="$logs/access.log" "$log"
  fi
done
say did swap

say step reload
before_reload=$(workers /run/nginx.pid)
if [ "$tried" = no ]; then
  problem=$(nginx -t -q 2>&1 9>&-) || undo_and_end "nginx refuses the configuration: $problem"
fi
if [ "$was_running" = yes ]; then problem=$(reload_nginx); else problem=$(start_nginx); fi ||
  undo_and_end "nginx did not take the new configuration: $problem"
# From outside nobody could tell: it is the same release as before, with other files, or none at all.
if [ "$was_running" = yes ] && { [ ! -e "$live" ] || [ "$(digest "$live")" = "$expected" ]; }; then
  # nginx tries a taken port for 2.5 s before it gives up
  has_new_workers /run/nginx.pid "$before_reload" 80 || undo_and_end 'nginx was reloaded, but stays with the old configuration'
  # who is told that the gateway is gone finds it gone
  if [ ! -e "$live" ]; then have_closed "$before_reload" 80; fi
fi
say did reload

# ---------------------------------------------------------------- the operator looks from outside
say await "$confirm"
answer=$(timeout "$confirm" head -n 1)
case $answer in
  commit) ;;
  rollback*) undo_and_end "\${answer#rollback }" ;;
  '') undo_and_end 'no word from the operator' ;;
  *) undo_and_end "an answer that was not understood" ;;
esac

say step commit
trap '' TERM
rm -rf "$pending.done"
# what was replaced is safe in its place before the change is final
keep_as() { if [ -d "$releases/.$1.new" ]; then rm -rf "\${releases:?}/$1"; mv "$releases/.$1.new" "$releases/$1"; fi; }
keep_as "$archive"
mv "$pending" "$pending.done" || undo_and_end "cannot write to $state"
flush "$state"
while read -r kind mode name path; do
  rm -f "$(beside "$path" old)"
  if [ "$kind" = remove ]; then drop_empty_folder "$path"; fi
done <"$work/manifest"
keep_as "$release"
touch "$releases/$release"
rm -rf "$pending.done"
audit "deployed $release"
# the last ten, and what was there before dcvops
ls -1t "$releases" | grep -v '^before-dcvops$' | tail -n +11 | while read -r name; do rm -rf "\${releases:?}/$name"; done
say emerg "$(new_emerg)"
if have ss; then say connections "$(open_desktops | comm -12 - "$work/desktops" | wc -l)"; fi
say committed "$release"
end 0
`;
