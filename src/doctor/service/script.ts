import { lines, program, sh, words } from '../../shell/shell.ts';
import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { UNIT_PROPERTIES } from '../parse/units.ts';

/** Beside what the doctor asks of a unit: whether systemd left it alone, for a condition in its file is not met. */
const PROPERTIES = [...UNIT_PROPERTIES, 'ConditionResult'].join(',');

/** What a unit that was started a moment ago shows is believed after so many seconds: what ends by itself does so at once. */
export const WATCH_SECONDS = 2;

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
tell_state() { state=$(show); tell; }
tell() {
  read -r uptime rest </proc/uptime
  say clock "$(date +%s) $uptime"
  say state "$state"
  if is LoadState=not-found; then
    say unit-files "$(timeout 10 systemctl list-unit-files --no-legend --no-pager 2>/dev/null | cut -d ' ' -f 1)"
  elif ! runs || is 'NRestarts=.*[1-9].*'; then say journal "$(journal)"
  fi
}`,
);

/** One that systemd has just started again is looked at until it lives, for it may be about to end once more. */
const WAIT_FOR_NEW = program`
is_new() {
  runs && is 'NRestarts=.*[1-9].*' || return
  entered=$(printf '%s\n' "$state" | sed -n 's/^ActiveEnterTimestampMonotonic=\([0-9][0-9]*\)$/\1/p')
  read -r uptime rest </proc/uptime
  [ "$((\${uptime%.*} - \${entered:-0} / 1000000))" -lt "$watch" ]
}
state=$(show)
looks=0
while [ "$looks" -lt "$((watch * 4))" ] && is_new; do
  sleep 0.5
  state=$(show) looks=$((looks + 1))
done`;

/** Reads a unit, and changes nothing. */
export function readService(unit: string): Script {
  return {
    name: 'read the service',
    text: lines(SAY, program`unit=$1 watch=$2`, UNIT, WAIT_FOR_NEW, program`tell`),
    args: [unit, String(WATCH_SECONDS)],
    root: true,
  };
}
