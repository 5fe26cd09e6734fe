import { listSessions, listSessionsAsText } from '../dcv/commands.ts';
import { unlimitedDcv } from '../dcv/run-dcv.ts';
import { PROBE } from '../doctor/collect/probe.ts';
import { LIVE_FILE } from '../gateway/release.ts';
import { STATE_FILES } from '../gateway/state.ts';
import { SAY } from '../shell/records.ts';
import type { Script } from '../shell/script.ts';
import { lines, program, sh } from '../shell/shell.ts';

/** Folders that each kind of host cannot work without; desktops write below /home and /tmp, nginx does not. */
export const FOLDERS = {
  proxy: ['/', '/var/log'],
  agent: ['/', '/var/log', '/tmp', '/home'],
} as const;

/** Reads what `dcvops status` shows of a proxy, and changes nothing. @param port the gateway's */
export function readProxy(port: number): Script {
  return {
    name: 'read the status',
    text: lines(SAY, PROBE, PROXY, SYSTEM),
    args: [String(port), LIVE_FILE, ...FOLDERS.proxy],
    root: true,
  };
}

/** Reads what `dcvops status` shows of an agent, and changes nothing. Only root sees everybody's sessions. */
export function readAgent(): Script {
  return {
    name: 'read the status',
    text: lines(SAY, PROBE, AGENT, SYSTEM),
    args: [...FOLDERS.agent],
    root: true,
  };
}

/** Sessions as JSON; as text from a dcv that has no JSON. */
const ASK = sh`${unlimitedDcv(listSessions())} 2>&1 || ${unlimitedDcv(listSessionsAsText())} 2>&1`;

/** What is told here is understood by `parseAgentSessions`; a dcv that hangs is given less time than there. */
const AGENT = lines(
  sh`ask=${ASK.toString()}`,
  program`
if has dcv; then
  say version ''
  told=$(timeout -k 1 10 sh -c "$ask" </dev/null)
  case $? in
  0) say sessions "$told" ;;
  124|137) say silence 'no answer in 10 s' ;;
  *) say silence "$told" ;;
  esac
fi
say unit "$(timeout 5 systemctl show dcvserver.service --property=LoadState,ActiveState 2>/dev/null)"`,
);

/** Connections are counted on the host: there may be thousands. */
const PROXY = lines(
  sh`down=${STATE_FILES}/down`,
  program`
port=$1 live=$2
shift 2
say unit "$(timeout 5 systemctl show nginx.service --property=LoadState,ActiveState 2>/dev/null)"
if [ -s /run/nginx.pid ] && kill -0 "$(cat /run/nginx.pid)" 2>/dev/null; then say runs ''; fi
if has nginx; then say nginx ''; fi
if [ -e "$live" ]; then say live "$(sed -n 's/^# release: \([0-9a-f]\{12\}\)$/\1/p' "$live" | head -n 1)"; fi
if told=$(timeout 5 ss -Htn state established "( sport = :$port )" 2>/dev/null); then
  say connections "$(printf '%s\n' "$told" | awk '
    NF { count++; peer = $4; sub(/:[0-9]+$/, "", peer); if (!(peer in seen)) { seen[peer] = 1; clients++ } }
    END { print count + 0, clients + 0 }')"
fi
if [ -d "$down" ]; then say down "$(ls "$down")"; fi`,
);

/** The folders are the arguments that are left; /home may be a share whose server is gone. */
const SYSTEM = program`
load=
read -r load rest </proc/loadavg
tell load "$load $(nproc 2>/dev/null)"
tell memory "$(grep -E '^(MemTotal|MemAvailable):' /proc/meminfo)"
for folder do probe disk 3 df -Pk "$folder"; done`;
