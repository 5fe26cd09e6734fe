import { digestOf } from '../../dcv/conf/file.ts';
import { HELPERS } from '../../dcv/host-helpers.ts';
import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program } from '../../shell/shell.ts';
import type { RetireOptions, RetirePlan } from './types.ts';

/** What both scripts are told beside the plan. */
export interface ActOptions extends RetireOptions {
  /** For the lock and the audit log: "anna@laptop". */
  readonly who: string;
  /** How long to wait for another command that holds the lock, in seconds. */
  readonly lockWaitSeconds: number;
}

/** A script that is talked with, and what it is given on stdin. */
export interface Act {
  readonly script: Script;
  /** Bytes, one character each (`latin1`). */
  readonly stdin: string;
}

/**
 * Retires, as the host does it: the state for the undo is on disk before anything changes, and what fails half-way undoes
 * itself, whatever becomes of the operator. It tells `step` and `did` of `state`, `units`, `conf`, `restart`; then `retired`,
 * or `locked`, `changed`, `failed` (nothing was changed), `undone`, `not-undone`; `restart-withheld` when somebody connected
 * meanwhile.
 */
export function retireScript(plan: RetirePlan, options: ActOptions): Act {
  const { conf, what, units, restart } = plan;
  const text = conf?.edit.text ?? '';
  return {
    stdin: text,
    script: {
      name: `retire ${what}`,
      text: lines(SAY, HELPERS, RETIRE),
      args: [
        options.who,
        what,
        String(options.lockWaitSeconds),
        restart === 'now' ? 'yes' : 'no',
        options.endSessions ? 'yes' : 'no',
        conf?.before.digest ?? '-',
        conf === undefined ? '-' : digestOf(text),
        String(text.length),
        ...units.map(({ unit }) => unit),
      ],
      root: true,
    },
  };
}

const RETIRE = program`
who=$1 name=$2 lock_wait=$3 restart=$4 end_sessions=$5 before=$6 after=$7 size=$8
shift 8
kept=$state/retired/$name
new=$state/retired/.$name.new old=$state/retired/.$name.old
conf=$(readlink -f /etc/dcv/dcv.conf)
make_work
head -c "$size" >"$work/dcv.conf"
if [ "$(wc -c <"$work/dcv.conf")" -ne "$size" ]; then say failed 'dcv.conf did not arrive whole'; end 1; fi
take_lock "$lock_wait" "$who"
if [ "$before" != - ] && [ "$(digest "$conf")" != "$before" ]; then say changed ''; end 1; fi

say step state
abandon() { rm -rf "$new"; if [ "$before" != - ]; then rm -f "$(beside "$conf" new)" "$(beside "$conf" old)"; fi; say failed "$1"; end 1; }
trap 'abandon "the host is shutting down"' TERM
# What an earlier time has recorded of a unit counts: that is how it was before.
recorded() { grep "^$1 " "$kept/manifest" 2>/dev/null; }
keep_state() {
  rm -rf "$new" && mkdir -p "$state/retired" && chmod 700 "$state" "$state/retired" && mkdir -m 700 "$new" || return 1
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$who" >"$new/meta" || return 1
  for unit in "$@"; do
    recorded "unit $unit" || echo "unit $unit $(yes_no is_active "$unit") $(yes_no is_enabled "$unit")"
  done >"$new/manifest" || return 1
  if [ -f "$kept/manifest" ]; then
    grep '^unit ' "$kept/manifest" | while read -r kind unit active enabled; do
      grep -q "^unit $unit " "$new/manifest" || echo "$kind $unit $active $enabled" >>"$new/manifest" || return 1
    done || return 1
    if [ -f "$kept/restart-due" ]; then cp "$kept/restart-due" "$new/restart-due" || return 1; fi
  fi
  if [ "$before" != - ]; then
    cp -a "$conf" "$new/dcv.conf" && echo "conf $before $after" >>"$new/manifest" || return 1
  elif recorded conf >>"$new/manifest"; then cp -a "$kept/dcv.conf" "$new/dcv.conf" || return 1
  fi
}
keep_state "$@" 2>"$work/problem" || abandon "$(cat "$work/problem")"
if [ "$before" != - ]; then
  put_beside "$work/dcv.conf" "$conf" 2>"$work/problem" || abandon "$(cat "$work/problem")"
fi
flush "$new"/* "$new"
# told what is still to be put back, newest first
: >"$work/done"
done_so_far() { { echo "$1"; cat "$work/done"; } >"$work/done.new" && mv "$work/done.new" "$work/done"; }
restarted=no

undo_and_end() { # $1: why
  trap '' TERM
  say step undo
  problem=
  while read -r verb what; do
    case $verb in
      conf) mv -f "$(beside "$conf" old)" "$conf" || problem="cannot put $conf back" ;;
      *) said=$(systemd "$verb" "$what") || problem="cannot $verb $what: $said" ;;
    esac
  done <"$work/done"
  if [ "$restarted" = yes ]; then said=$(systemd restart dcvserver.service) || problem="dcvserver does not start: $said"; fi
  if [ -n "$problem" ]; then say not-undone "$1; $problem"; audit "could not undo retiring $name: $1; $problem"; end 3; fi
  rm -rf "$kept"
  if [ -d "$old" ]; then mv "$old" "$kept"; fi
  if [ "$before" != - ]; then rm -f "$(beside "$conf" new)" "$(beside "$conf" old)"; fi
  audit "undid retiring $name: $1"
  say undone "$1"
  end 3
}
rm -rf "$old"
if [ -d "$kept" ]; then mv "$kept" "$old" || abandon "cannot write to $state"; fi
mv "$new" "$kept" || { if [ -d "$old" ]; then mv "$old" "$kept"; fi; abandon "cannot write to $state"; }
flush "$state/retired"
trap 'undo_and_end "the host is shutting down"' TERM
say did state

if [ "$#" -gt 0 ]; then say step units; fi
for unit in "$@"; do
  if is_active "$unit"; then
    done_so_far "start $unit"
    problem=$(systemd stop "$unit") || undo_and_end "$unit does not stop: $problem"
  fi
  if is_enabled "$unit"; then
    done_so_far "enable $unit"
    problem=$(systemd disable "$unit") || undo_and_end "$unit cannot be disabled: $problem"
  fi
  if is_active "$unit"; then undo_and_end "$unit runs again: something starts it"; fi
done
if [ "$#" -gt 0 ]; then say did units; fi

if [ "$before" != - ]; then
  say step conf
  if [ "$(digest "$conf")" != "$before" ]; then undo_and_end 'dcv.conf was changed by somebody else meanwhile'; fi
  done_so_far conf
  mv -f "$(beside "$conf" new)" "$conf" || undo_and_end "cannot replace $conf"
  flush "\${conf%/*}"
  if is_active dcvserver.service; then server_now >"$kept/restart-due" || undo_and_end "cannot write to $state"; fi
  say did conf
fi

if [ "$restart" = yes ]; then
  if [ "$end_sessions" = no ] && in_use; then say restart-withheld ''
  else
    say step restart
    restarted=yes
    problem=$(systemd restart dcvserver.service) || undo_and_end "dcvserver does not start again: $problem"
    is_active dcvserver.service || undo_and_end 'dcvserver does not stay up'
    rm -f "$kept/restart-due"
    say did restart
  fi
fi

trap '' TERM
rm -rf "$old"
if [ "$before" != - ]; then rm -f "$(beside "$conf" old)"; fi
audit "retired $name"
say retired "$name"
end 0
`;
