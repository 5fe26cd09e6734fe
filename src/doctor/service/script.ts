import { lines, program, sh, words } from '../../shell/shell.ts';
import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { UNIT_PROPERTIES } from '../parse/units.ts';

/** Beside what the doctor asks of a unit: whether systemd left it alone, for a condition in its file is not met. */
const PROPERTIES = [...UNIT_PROPERTIES, 'ConditionResult'].join(',');

/**
 * Tells `clock` (seconds since 1970, and since the host's start) and `state` of the unit in `$unit`, and where it does not run
 * the end of its journal; of one that does not exist the units that do, as `unit-files`. Runs after `SAY`.
 */
export const UNIT = lines(
  program`PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH`,
  sh`show() { timeout 10 systemctl show ${`--property=${PROPERTIES}`} "$unit" 2>&1; }`,
  sh`journal() { timeout 10 ${words(['journalctl', '--no-pager', '--output=cat', '--lines=8'])} --unit="$unit" 2>/dev/null; }`,
  program`
is() { printf '%s\n' "$state" | grep -Eqx "$1"; }
runs() { is 'ActiveState=(active|reloading)'; }
tell_state() {
  read -r uptime rest </proc/uptime
  say clock "$(date +%s) $uptime"
  state=$(show)
  say state "$state"
  if is LoadState=not-found; then
    say unit-files "$(timeout 10 systemctl list-unit-files --no-legend --no-pager 2>/dev/null | cut -d ' ' -f 1)"
  elif ! runs || is 'NRestarts=.*[1-9].*'; then say journal "$(journal)"
  fi
}`,
);

/** Reads a unit, and changes nothing. */
export function readService(unit: string): Script {
  return {
    name: 'read the service',
    text: lines(SAY, program`unit=$1`, UNIT, program`tell_state`),
    args: [unit],
    root: true,
  };
}
