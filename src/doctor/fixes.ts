import { asRoot } from './commands.ts';
import type { Fix } from './check.ts';
import { program } from '../shell/shell.ts';

/* What `--fix` runs on hosts. Each script looks once more whether it is needed, and ends with 0 when it is not. */

/** Starts a unit. */
export function startUnit(host: string, unit: string): Fix {
  const short = unit.replace(/\.service$/, '');
  return {
    kind: 'script',
    host,
    title: `start ${short}`,
    undo: asRoot(host, 'systemctl', 'stop', short),
    script: { name: `start ${short}`, text: START, args: [unit], root: true },
  };
}

/** Makes a unit start at boot. */
export function enableUnit(host: string, unit: string): Fix {
  const short = unit.replace(/\.service$/, '');
  return {
    kind: 'script',
    host,
    title: `start ${short} at boot`,
    undo: asRoot(host, 'systemctl', 'disable', short),
    script: { name: `enable ${short}`, text: ENABLE, args: [unit], root: true },
  };
}

/** Makes a host boot into its graphical target; what runs now stays as it is. */
export function bootGraphically(host: string, before: string): Fix {
  return {
    kind: 'script',
    host,
    title: 'boot into graphical.target from the next start on',
    undo: asRoot(host, 'systemctl', 'set-default', before),
    script: { name: 'set the default target', text: SET_DEFAULT, root: true },
  };
}

/** Turns Wayland off in GDM's configuration, for its next start; what was there before is kept beside it. */
export function turnWaylandOff(host: string, file: string): Fix {
  return {
    kind: 'script',
    host,
    title: `set WaylandEnable=false in ${file}, for the next start of the display manager`,
    undo: asRoot(host, 'mv', `${file}.dcvops-before`, file),
    script: { name: 'turn Wayland off', text: WAYLAND_OFF, args: [file], root: true },
  };
}

/** Removes locks and sockets of X servers that are gone. @param displays numbers: `1` for `:1` */
export function removeXLocks(host: string, displays: readonly string[]): Fix {
  return {
    kind: 'script',
    host,
    title: `remove what X servers that are gone left of ${displays.map((number) => `:${number}`).join(', ')} (nothing to undo)`,
    undo: undefined,
    script: { name: 'remove stale X locks', text: REMOVE_X_LOCKS, args: ['/tmp', ...displays], root: true },
  };
}

/** Gives log files to the accounts that write them. */
export function giveLogs(
  host: string,
  files: readonly { readonly path: string; readonly owner: string }[],
): Fix {
  return {
    kind: 'script',
    host,
    title: `give ${files.length === 1 ? 'the log' : `${files.length} logs`} to ${[...new Set(files.map(({ owner }) => owner))].join(', ')} (cannot be undone)`,
    undo: undefined,
    script: {
      name: 'give the logs to those who write them',
      text: GIVE_FILES,
      args: files.flatMap(({ owner, path }) => [owner, path]),
      root: true,
    },
  };
}

const START = program`
systemctl is-active --quiet "$1" && exit 0
systemctl start "$1" && exit 0
journalctl --unit="$1" --lines=5 --output=cat --no-pager
exit 1`;

const ENABLE = program`
systemctl is-enabled --quiet "$1" || systemctl enable "$1"`;

const SET_DEFAULT = program`
[ "$(systemctl get-default)" = graphical.target ] || systemctl set-default graphical.target`;

/** The file itself is written, not replaced: its owner, mode and SELinux label stay. */
const WAYLAND_OFF = program`
set -e
new=$(mktemp)
trap 'rm -f "$new"' EXIT
awk '
  /^[ \t]*\[/ {
    if (inside && !done) { print "WaylandEnable=false"; done = 1 }
    inside = ($0 ~ /^[ \t]*\[daemon\]/)
  }
  inside && /^[ \t]*WaylandEnable[ \t]*=/ {
    if (!done) print "WaylandEnable=false"
    done = 1
    next
  }
  { print }
  END {
    if (!done && !inside) print "[daemon]"
    if (!done) print "WaylandEnable=false"
  }' "$1" >"$new"
cmp -s "$1" "$new" && exit 0
cp -p "$1" "$1.dcvops-before"
cat "$new" >"$1"`;

/** An X server lives when its process does, or when somebody holds its socket. */
const REMOVE_X_LOCKS = program`
folder=$1
shift
for number in "$@"; do
  lock=$folder/.X$number-lock socket=$folder/.X11-unix/X$number
  pid=
  if [ -f "$lock" ]; then pid=$(tr -cd 0-9 <"$lock"); fi
  if [ -n "$pid" ] && grep -q '^X' "/proc/$pid/comm" 2>/dev/null; then
    echo "the X server of :$number lives (process $pid); its lock stays"
  elif grep -q " @\{0,1\}$socket\$" /proc/net/unix; then
    echo "a process holds the socket of :$number; it stays"
  else
    rm -f "$lock" "$socket"
  fi
done`;

/** The folder may be writable for everybody: links are not followed. */
const GIVE_FILES = program`
failed=0
while [ "$#" -ge 2 ]; do
  if [ -e "$2" ]; then chown -h "$1" "$2" || failed=1; fi
  shift 2
done
exit "$failed"`;
