import type { AgentHost, AgentState } from '../inventory/types.ts';
import { SAY, type ScriptRecord } from '../shell/records.ts';
import type { Script } from '../shell/script.ts';
import { lines, program } from '../shell/shell.ts';
import { AGENT_MARKS, type AgentMark, GATEWAY_DIRECTORY, agentKey } from './state.ts';
import { STATE_DIRECTORY } from './release.ts';

/** What shall be said of one agent on a proxy; `keep`: whatever is said of it there. */
export interface AgentOrder {
  readonly agent: Pick<AgentHost, 'host'>;
  readonly state: AgentState | 'keep';
  /** An agent that is not in service is never marked down. */
  readonly health: 'down' | 'up' | 'keep';
}

/** How far a script of marks goes. */
export type MarksScope =
  /** Only tells what there is. */
  | 'read'
  /** Sets what is ordered, and leaves all other agents' marks. */
  | 'ordered'
  /** Also takes away the marks of agents of which nothing is ordered. */
  | 'all';

export interface MarksArguments {
  /** For the lock and the audit log: "anna@laptop". */
  readonly who: string;
  /** How long to wait for a deploy that holds the lock, in seconds. */
  readonly lockWaitSeconds: number;
  readonly scope: MarksScope;
  /** Only tests have other places. */
  readonly places?: { readonly gateway: string; readonly lock: string; readonly records: string };
}

/** A proxy's marks, as the script found and left them. */
export interface ProxyMarks {
  /** By {@link agentKey}; an agent with several has the one that counts. */
  readonly before: ReadonlyMap<string, AgentMark>;
  readonly after: ReadonlyMap<string, AgentMark>;
  /** The servers of the pool, as nginx has them; undefined where the live release has no pool. */
  readonly pool: string | undefined;
  /** The host's time. */
  readonly now: Date;
  /** When dcvops last reloaded nginx there, by the host's clock; undefined where it never did. */
  readonly lastReload: Date | undefined;
}

/**
 * The script that brings a proxy's marks to what is ordered, under the lock of deploys, without a reload: nginx looks
 * for these files at each request. It tells the marks before and after, the pool, and when nginx was last reloaded.
 * Each mark holds the agent's address, so that whoever reads them needs no inventory. `out` holds a file for each agent
 * with any mark, and `agents.json` all of them.
 */
export function marksScript({ who, lockWaitSeconds, scope, places = PLACES }: MarksArguments): Script {
  return {
    name: scope === 'read' ? "read the agents' marks" : 'mark agents',
    text: lines(SAY, MARKS),
    args: [who, String(lockWaitSeconds), scope, places.gateway, places.lock, places.records],
    root: true,
  };
}

const PLACES = { gateway: GATEWAY_DIRECTORY, lock: '/run/dcvops.lock', records: STATE_DIRECTORY };

/** What the script reads on its stdin: a line for each agent. */
export function encodeOrders(orders: readonly AgentOrder[]): string {
  return orders
    .map(({ agent, state, health }) => `${agentKey(agent)} ${agent.host} ${state} ${health}\n`)
    .join('');
}

/** Reads what the script told; undefined when it told of a failure instead. */
export function parseMarks(records: readonly ScriptRecord[]): ProxyMarks | undefined {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const now = value('now');
  if (now === undefined) return undefined;
  const lastReload = value('reloaded') ?? '';
  const pool = value('pool');
  return {
    before: readMarks(value('before')),
    after: readMarks(value('after')),
    pool: pool === undefined ? undefined : `${pool}\n`,
    now: new Date(now),
    lastReload: lastReload === '' ? undefined : new Date(lastReload),
  };
}

function readMarks(text = ''): Map<string, AgentMark> {
  return new Map(
    text.split('\n').flatMap((line): [string, AgentMark][] => {
      const [key = '', word] = line.split(' ');
      const mark = AGENT_MARKS.find((known) => known === word);
      return mark === undefined ? [] : [[key, mark]];
    }),
  );
}

const MARKS = program`
set -u
umask 022
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

who=$1 lock_wait=$2 scope=$3 gateway=$4 lock=$5 records=$6
state=$gateway/state

# Every marked agent: "KEY MARK", with the mark that counts.
list() {
  listed=' '
  for mark in maintenance draining down; do
    for file in "$state/$mark"/dcv_*; do
      [ -f "$file" ] || continue
      key=\${file##*/}
      case $listed in *" $key "*) continue ;; esac
      listed="$listed$key "
      printf '%s %s\n' "$key" "$mark"
    done
  done
}
put() { # $1: folder, $2: key, $3: address
  [ -f "$state/$1/$2" ] || { mkdir -p "$state/$1" && printf '%s\n' "$3" >"$state/$1/$2"; }
}
each_file() { for file in "$state/$1"/dcv_*; do if [ -f "$file" ]; then printf '%s\n' "\${file##*/}"; fi; done; }

follow_orders() { # stdin: KEY ADDRESS STATE HEALTH
  told=' '
  while read -r key address wanted health; do
    told="$told$key "
    for mark in maintenance draining; do
      case $wanted in
        keep) ;;
        "$mark") put "$mark" "$key" "$address" || return 1 ;;
        *) rm -f "$state/$mark/$key" || return 1 ;;
      esac
    done
    case $health in
      down) put down "$key" "$address" || return 1 ;;
      up) rm -f "$state/down/$key" || return 1 ;;
    esac
  done
  for mark in maintenance draining down; do
    for key in $(each_file "$mark"); do
      case $told in *" $key "*) ;; *) if [ "$scope" = all ]; then rm -f "$state/$mark/$key" || return 1; fi ;; esac
      if [ "$mark" = down ] && { [ -f "$state/maintenance/$key" ] || [ -f "$state/draining/$key" ]; }
      then rm -f "$state/down/$key" || return 1; fi
    done
  done
  sum_up
}
# What is made of the marks: one folder for all of them, and a file for the portal.
sum_up() {
  marks=$(list)
  for key in $(each_file out); do
    case "
$marks" in *"
$key "*) ;; *) rm -f "$state/out/$key" || return 1 ;; esac
  done
  separator= json=
  while read -r key mark && [ -n "$key" ]; do
    address=
    read -r address <"$state/$mark/$key"
    put out "$key" "$address" || return 1
    case $address in ''|*[!0-9a-f.:]*) continue ;; esac
    json="$json$separator\"$address\":\"$mark\"" separator=,
  done <<END
$marks
END
  if [ "$(cat "$state/agents.json" 2>/dev/null)" = "{$json}" ]; then return 0; fi
  mkdir -p "$state" && printf '{%s}\n' "$json" >"$state/.agents.json.new" && mv -f "$state/.agents.json.new" "$state/agents.json"
}

if [ "$scope" != read ]; then
  [ -d "\${gateway%/*}" ] || { say failed 'nginx is not installed here'; exit 1; }
  command exec 9>>"$lock" || { say failed "cannot open $lock"; exit 1; } # without "command", dash would end here
  flock -w "$lock_wait" 9 || { say locked "$(cat "$lock")"; exit 1; }
  printf '%s, since %s\n' "$who" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$lock"
fi
before=$(list)
if [ "$scope" != read ]; then
  problem=$(follow_orders 2>&1) || { say failed "$problem"; exit 1; }
fi
after=$(list)
if [ "$before" != "$after" ]; then
  mkdir -p "$records" && chmod 700 "$records"
  printf '%s %s marked: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$who" "$(printf '%s' "\${after:-none}" | tr '\n' ',')" >>"$records/audit.log"
fi 2>/dev/null
say before "$before"
say after "$after"
if [ -f "$state/pool.conf" ]; then say pool "$(cat "$state/pool.conf")"; fi
say reloaded "$(awk '$3 == "deployed" || $3 == "reloaded" || $3 == "undid" { when = $1 } END { print when }' "$records/audit.log" 2>/dev/null)"
say now "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
`;
