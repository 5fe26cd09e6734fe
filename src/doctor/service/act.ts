import { LIST, SESSIONS } from '../../dcv/agent-facts.ts';
import { CONSOLE_SESSIONS } from '../../dcv/session/console.ts';
import { PATIENCE_SECONDS } from '../../dcv/session/create.ts';
import { NEW_WORKERS } from '../../gateway/new-workers.ts';
import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program } from '../../shell/shell.ts';
import { UNIT, WATCH_SECONDS } from './script.ts';
import type { ServiceVerb } from './trouble.ts';

/** What shall be done to a unit. */
export interface ServiceRequest {
  readonly unit: string;
  readonly verb: Exclude<ServiceVerb, 'status'>;
  /** `--end-sessions`: also where desktops end with it. */
  readonly endSessions: boolean;
}

/** What ends when a unit stops: sessions, console sessions, or the connections from nginx to agents. */
type Ends = 'sessions' | 'console' | 'connections' | 'nothing';

/**
 * dcvserver's sessions end with it, as DCV has it. Of dcvsessionlauncher that is not documented: it starts the desktops of
 * virtual sessions, so it is taken for granted. The console's desktop is a display manager's: whichever display-manager.service
 * is on a host counts as one, too.
 */
const ENDS: Readonly<Record<string, Ends>> = {
  'dcvserver.service': 'sessions',
  'dcvsessionlauncher.service': 'sessions',
  'display-manager.service': 'console',
  'gdm.service': 'console',
  'gdm3.service': 'console',
  'lightdm.service': 'console',
  'sddm.service': 'console',
  'nginx.service': 'connections',
};

/** Where nginx keeps its pid, and its logs. */
const NGINX = { pid: '/run/nginx.pid', logs: '/var/log/nginx' };

/** How long systemd may take over a unit, in seconds: its own limit is 90 for most. */
export const JOB_SECONDS = 120;

/**
 * Does it, in one script that looks first: nobody can come in between. It tells the unit as `tell_state` does, then (for what
 * ends sessions) `sessions` or `silence`, or `connections`, a number; and then `in-use`, `nginx-refuses`, nothing more where
 * there is nothing to do, or `doing` with the verb: nginx is reloaded where it was to be restarted. That is followed by `did`
 * or `refused` with systemctl's words, `late`, `silent` (with dcv's) or `stays` (with nginx's, which was reloaded and goes on
 * with what it had), the unit as it is now, and the sessions there are then.
 */
export function serviceScript({ unit, verb, endSessions }: ServiceRequest, nginx = NGINX): Script {
  const ends: Ends = Object.hasOwn(ENDS, unit) ? (ENDS[unit] ?? 'nothing') : 'nothing';
  return {
    name: `${verb} the service`,
    text: lines(
      SAY,
      program`unit=$1 verb=$2 end_sessions=$3 ends=$4 patience=$5 watch=$6 job=$7 nginx_pid=$8 logs=$9`,
      UNIT,
      LIST,
      NEW_WORKERS,
      CONSOLE_SESSIONS,
      LOOK,
      ACT,
      program`case $ends in sessions | console) ;; *) exit 0 ;; esac`,
      SESSIONS,
    ),
    args: [
      ...[unit, verb, endSessions ? 'yes' : 'no', ends],
      ...[PATIENCE_SECONDS, WATCH_SECONDS, JOB_SECONDS].map(String),
      ...[nginx.pid, nginx.logs],
    ],
    root: true,
  };
}

/** What would end. */
const LOOK = program`
is_display_manager() {
  id=$(printf '%s\n' "$state" | sed -n 's/^Id=//p')
  [ -n "$id" ] && [ "$id" = "$(timeout 10 systemctl show --property=Id display-manager.service 2>/dev/null | sed -n 's/^Id=//p')" ]
}
sessions_end() {
  command -v dcv >/dev/null 2>&1 || return 1
  if listed=$(list); then say sessions "$listed"
  else
    say silence "$listed"
    systemctl is-active --quiet dcvserver.service
    return
  fi
  if [ "$ends" = console ]; then may_have_console "$listed"; else ! no_sessions "$listed"; fi
}
connections_end() {
  told=$(ss -Htn state established '( dport = :8443 )' 2>/dev/null) || { say connections unknown; return; }
  count=$(printf '%s' "$told" | grep -c .)
  say connections "$count"
  [ "$count" -gt 0 ]
}
something_ends() {
  case $ends in
  sessions | console) sessions_end ;;
  connections) connections_end ;;
  *) return 1 ;;
  esac
}`;

const ACT = program`
now() { date +%s; }
is_down() { is 'ActiveState=(inactive|failed)'; }
nothing_to_do() {
  case $verb in
  stop) is_down ;;
  start) is LoadState=loaded && runs ;;
  enable) is 'UnitFileState=(enabled|static)' ;;
  *) return 1 ;;
  esac
}
# What is started lives, and a dcvserver answers.
see_it_live() {
  if [ "$unit" != dcvserver.service ]; then patience=$watch; fi
  end=$(($(now) + patience))
  while state=$(show) && runs; do
    if [ "$unit" = dcvserver.service ] && told=$(list); then return; fi
    if [ "$(now)" -ge "$end" ]; then
      if [ "$unit" = dcvserver.service ]; then say silent "$told"; fi
      return
    fi
    sleep 0.5
  done
}
size() { if [ -f "$1" ]; then wc -c <"$1"; else echo 0; fi; }
# Its last word is that it gives up; why is in the line before.
new_emerg() {
  { tail -c "+$((main_size + 1))" "$logs/error.log"; tail -c "+$((dcv_size + 1))" "$logs/dcv-error.log"; } 2>/dev/null |
    grep -F '[emerg]' | grep -vF 'still could not bind()' | tail -n 1
}
# It tries a taken port for 2.5 s before it gives up.
see_it_follow() { has_new_workers "$nginx_pid" "$workers_before" 80 || say stays "$(new_emerg)"; }
tell_state
if [ "$ends" = nothing ] && is_display_manager; then ends=console; fi
if [ "$verb" != stop ] && ! is LoadState=loaded; then exit 0; fi
if nothing_to_do; then exit 0; fi
if [ "$verb" = restart ] && [ "$unit" = nginx.service ] && runs; then
  # without this nginx may keep what it has and say nothing
  problem=$(nginx -t -q 2>&1 </dev/null) || { say nginx-refuses "$problem"; exit 0; }
  verb=reload
  workers_before=$(workers "$nginx_pid") main_size=$(size "$logs/error.log") dcv_size=$(size "$logs/dcv-error.log")
fi
case $verb in
stop | restart)
  if ! is_down && something_ends && [ "$end_sessions" != yes ]; then say in-use ''; exit 0; fi ;;
esac
name=$unit
# an alias cannot be enabled by old systemds
if [ "$verb" = enable ]; then name=$(printf '%s\n' "$state" | sed -n 's/^Id=//p'); fi
say doing "$verb"
case $verb in start | restart) systemctl reset-failed "$unit" 2>/dev/null ;; esac
told=$(timeout "$job" systemctl "$verb" "\${name:-$unit}" 2>&1 </dev/null)
case $? in
0)
  say did "$told"
  case $verb in
  start | restart) see_it_live ;;
  reload) see_it_follow ;;
  esac ;;
124) say late "$job" ;;
*) say refused "$told" ;;
esac
tell_state`;
