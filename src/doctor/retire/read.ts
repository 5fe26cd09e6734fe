import { listSessions } from '../../dcv/commands.ts';
import { unlimitedDcv } from '../../dcv/run-dcv.ts';
import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh } from '../../shell/shell.ts';
import { LEFTOVERS } from '../collect/leftovers.ts';
import { PROBE } from '../collect/probe.ts';

/** Reads all that retiring, or bringing back, depends on, in one round trip; changes nothing. `parseRetireFacts` reads it. */
export function readForRetire(options: {
  /** The gateway's port. */
  readonly gatewayPort: number;
  /** Where a session resolver listens; undefined: where the connection gateway's configuration says. */
  readonly resolverPort: number | undefined;
}): Script {
  const { gatewayPort, resolverPort } = options;
  return {
    name: 'read what earlier attempts left',
    text: lines(
      SAY,
      PROBE,
      LEFTOVERS,
      UNITS,
      CONF,
      sh`ask_sessions() { probe sessions 20 ${unlimitedDcv(listSessions())}; }`,
      USE,
      KEPT,
    ),
    args: [String(gatewayPort), resolverPort === undefined ? '' : String(resolverPort)],
    root: true,
  };
}

/** The resolver's unit has a name of its own: it is found by the process that listens, or in the record of its end. */
const UNITS = program`
gateway_port=$1
if [ -n "$2" ]; then tell_listener wanted-resolver "$2"; fi
unit=$(sed -nE 's#^.*/([^/]+\.service)(/.*)?$#\1#p' "/proc/\${pid:-none}/cgroup" 2>/dev/null | head -n 1)
probe units 5 systemctl show --property=Id,LoadState,ActiveState,UnitFileState,MainPID \
  dcv-session-manager-broker.service dcv-session-manager-agent.service dcv-connection-gateway.service \
  dcvserver.service \${unit:+"$unit"} $(sed -n 's/^unit \([^ ]*\) .*/\1/p' /var/lib/dcvops/retired/*/manifest 2>/dev/null)
tell port-holder "$(ss -Hltnp "sport = :$gateway_port" 2>/dev/null | sed -nE 's/.*users:\(\("([^"]*)".*/\1/p' | head -n 1)"`;

/** Whole, and in a form in which no byte is lost. */
const CONF = program`
conf=$(readlink -f /etc/dcv/dcv.conf)
if [ -f "$conf" ]; then
  tell conf "$(base64 "$conf")"
  tell conf-mode "$(stat -c '%a %U:%G' "$conf")"
fi`;

/** Who is connected: to sessions by DCV itself, and through the connection gateway. */
const USE = program`
if has dcv; then ask_sessions; fi
main_pid=$(systemctl show dcv-connection-gateway.service --property=MainPID 2>/dev/null)
main_pid=\${main_pid#MainPID=}
if [ "\${main_pid:-0}" != 0 ]; then
  ports=$(ss -Hltnp 2>/dev/null | grep -F "pid=$main_pid," | awk '{ print $4 }' | sed 's/.*://' | sort -u)
  for port in $ports; do
    tell clients "$(ss -Htnp state established "( sport = :$port )" 2>/dev/null | grep -F "pid=$main_pid," |
      awk '{ print $4 }' | sed 's/:[0-9]*$//' | sort -u)"
  done
fi`;

/** dcvserver has the dcv.conf of before as long as it is the process that it was when dcv.conf changed. */
const KEPT = program`
server=$(systemctl show dcvserver.service --property=MainPID 2>/dev/null)
server="$(cat /proc/sys/kernel/random/boot_id) \${server#MainPID=}"
for directory in /var/lib/dcvops/retired/*/; do
  directory=\${directory%/}
  [ -f "$directory/manifest" ] || continue
  due=no
  if [ -f "$directory/restart-due" ] && [ "$(cat "$directory/restart-due")" = "$server" ]; then due=yes; fi
  tell kept "\${directory##*/}
$(head -n 1 "$directory/meta")
restart-due $due
$(cat "$directory/manifest")"
  if [ -f "$directory/dcv.conf" ]; then tell kept-conf "$(base64 "$directory/dcv.conf")"
  else tell kept-conf ''
  fi
done`;
