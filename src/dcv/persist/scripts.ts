import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh, words } from '../../shell/shell.ts';
import { PLACE, type PlacedFile, placeArguments } from '../session/place-file.ts';
import { PERSISTED_PATHS, PERSIST_UNIT } from './files.ts';

/**
 * Writes files (`placedContents` of them is its stdin), enables the unit, and runs it where dcvserver runs. Tells `installed`,
 * then `ran`, `not-run` (dcvserver does not run) or `run-failed` with the unit's last words; or what stopped it:
 * `not-placed` (a path), `not-enabled` (systemctl's words).
 */
export function installScript(files: readonly PlacedFile[]): Script {
  return {
    name: 'persist the sessions',
    text: lines(
      SAY,
      PLACE,
      STOP,
      ...files.map((file) => sh`place ${words(placeArguments([file]))} || stop not-placed ${file.path}`),
      INSTALL,
    ),
    args: [PERSIST_UNIT],
    root: true,
  };
}

const STOP = program`stop() { say "$1" "$2"; exit 0; }`;

/** A unit that failed before is no reason to refuse it now. */
const INSTALL = program`
unit=$1
systemctl daemon-reload
output=$(systemctl enable "$unit" 2>&1) || stop not-enabled "$output"
say installed ''
systemctl is-active --quiet dcvserver.service || stop not-run ''
began=$(date '+%Y-%m-%d %H:%M:%S')
systemctl reset-failed "$unit" 2>/dev/null
if systemctl restart "$unit" >/dev/null 2>&1; then say ran ''
else say run-failed "$(journalctl --unit="$unit" --since="$began" --output=cat --no-pager 2>/dev/null | tail -n 20)"
fi`;

/**
 * Takes the unit and its files away; sessions stay. Tells `removed`, or `absent` where there is nothing; or what stopped it:
 * `not-stopped` (systemctl's words), `not-removed` (a path).
 */
export function removeScript(): Script {
  return {
    name: 'take the persisted sessions away',
    text: lines(SAY, STOP, REMOVE),
    args: [PERSIST_UNIT, ...PERSISTED_PATHS],
    root: true,
  };
}

const REMOVE = program`
unit=$1
shift
there=
for file in "$@"; do
  if [ -e "$file" ] || [ -L "$file" ]; then there=yes; fi
  case $file in */"$unit") set -- "\${file%/*}/dcvserver.service.wants/$unit" "$@" ;; esac
done
[ -n "$there" ] || stop absent ''
# "disable --now" is not known to systemd 219 (Amazon Linux 2); a link that stays would have dcvserver want what is gone
output=$(systemctl stop "$unit" 2>&1)
if systemctl is-active --quiet "$unit"; then stop not-stopped "$output"; fi
systemctl disable "$unit" >/dev/null 2>&1
for file in "$@"; do rm -f "$file" || stop not-removed "$file"; done
systemctl daemon-reload
systemctl reset-failed "$unit" 2>/dev/null
for file in "$@"; do
  case $file in
  */dcvops/*) rmdir "\${file%/*}" 2>/dev/null ;;
  esac
done
say removed ''`;
