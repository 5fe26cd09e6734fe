import { lines, program, sh } from '../shell/shell.ts';
import { listSessions } from './commands.ts';
import { runDcv } from './run-dcv.ts';
import { WORK_FOLDER } from './work-folder.ts';

/**
 * What scripts that change an agent’s DCV have in common; runs after `SAY`. The operator may be gone at any moment: a
 * write to nobody, a hang-up or a Ctrl-C must not stop half-way. The lock is that of the deploys.
 */
export const HELPERS = lines(
  WORK_FOLDER,
  sh`list_sessions() { ${runDcv(listSessions())}; }`,
  program`
set -u
umask 022
trap '' PIPE HUP INT
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
state=/var/lib/dcvops
lock=/run/dcvops.lock
take_lock() { # $1: seconds to wait, $2: who
  command exec 9>>"$lock" || { say failed "cannot open $lock"; end 1; } # without "command", dash would end here
  flock -w "$1" 9 || { say locked "$(cat "$lock")"; end 1; }
  printf '%s, since %s\n' "$2" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$lock"
}
audit() { printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$who" "$1" >>"$state/audit.log" 2>/dev/null; }
flush() { sync "$@" 2>/dev/null || sync; }
digest() { if [ -f "$1" ]; then sum=$(sha256sum <"$1"); echo "\${sum%% *}"; else echo absent; fi; }
beside() { printf '%s/.%s.dcvops-%s' "\${1%/*}" "\${1##*/}" "$2"; }
# "--now" is not known to systemd 219 (Amazon Linux 2); a unit that does not stop is killed by systemd itself.
systemd() { timeout 300 systemctl "$@" 2>&1 9>&- </dev/null; }
is_active() { case $(systemctl is-active "$1" 2>/dev/null) in active|reloading|activating) ;; *) false ;; esac; }
is_enabled() { [ "$(systemctl is-enabled "$1" 2>/dev/null)" = enabled ]; }
yes_no() { if "$@"; then echo yes; else echo no; fi; }
# Owner, mode, times and SELinux label stay; the file that is replaced stays beside as a second link, until the end.
put_beside() { # $1: file with the content, $2: its place
  rm -f "$(beside "$2" old)" "$(beside "$2" new)" && cp -a "$2" "$(beside "$2" new)" &&
    cat "$1" >"$(beside "$2" new)" && flush "$(beside "$2" new)" && ln -P "$2" "$(beside "$2" old)"
}
# Who cannot be asked may be there.
in_use() {
  command -v dcv >/dev/null 2>&1 || return 1
  sessions=$(list_sessions 2>/dev/null) || return 0
  printf '%s' "$sessions" | grep -Eq '"num-of-connections"[[:space:]]*:[[:space:]]*[1-9]'
}
server_now() {
  main_pid=$(systemctl show dcvserver.service --property=MainPID 2>/dev/null)
  echo "$(cat /proc/sys/kernel/random/boot_id) \${main_pid#MainPID=}"
}`,
);
