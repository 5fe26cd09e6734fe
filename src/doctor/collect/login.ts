import { LOGIN_DIRECTORY, USERS_FILE } from '../../gateway/login-state.ts';
import { lines, program, sh } from '../../shell/shell.ts';

/**
 * The users of the gateway's login: names, and of each hash what tells its kind; files as "UID GID MODE|MODE OWNER:GROUP|PATH".
 * Then who nginx's workers are, as whom they read: their user, their group with its name, all their groups.
 */
export const LOGIN = lines(
  sh`users=${USERS_FILE} login=${LOGIN_DIRECTORY}`,
  program`
if [ -e "$users" ]; then
  tell gateway-users "$(sed -E '/^#/d; s/^([^:]*:)([$][a-z0-9]+[$](rounds=[0-9]+[$])?|[{][A-Za-z0-9]+[}])?.*/\1\2/' "$users" | head -n 1000)"
fi
tell gateway-login-files "$(stat -L -c '%u %g %a|%a %U:%G|%n' -- "$users" "$login/accept.map" "$login/issue.map" 2>/dev/null)"
here=$(readlink /proc/self/ns/pid)
for pid in $(ps -ww -eo pid=,comm=,args= | awk '$2 == "nginx" && / nginx: worker process/ { print $1 }'); do
  [ "$(readlink "/proc/$pid/ns/pid")" = "$here" ] || continue
  tell nginx-worker "$(sed -nE 's/^(Uid|Gid|Groups):[[:space:]]*//p' "/proc/$pid/status"; ps -o group= -p "$pid")"
  break
done`,
);
