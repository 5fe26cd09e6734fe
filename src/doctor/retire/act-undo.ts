import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program } from '../../shell/shell.ts';
import type { ActOptions } from './act.ts';
import { HELPERS } from '../../dcv/host-helpers.ts';
import type { UndoPlan } from './types.ts';

/**
 * Brings back what was retired, by what the host has recorded of it. Each step is one that may be repeated: what fails
 * half-way is gone on with by the same command. It tells `step` and `did` of `conf`, `units`, `restart`; `replaced` with the
 * path under which a dcv.conf that somebody changed is kept; then `restored`, or `nothing`, `locked`, `changed` (nothing was
 * changed), `failed`; `restart-withheld` when somebody connected meanwhile.
 */
export function undoScript(plan: UndoPlan, options: ActOptions): Script {
  return {
    name: `bring ${plan.what} back`,
    text: lines(SAY, HELPERS, BRING_BACK),
    args: [
      options.who,
      plan.what,
      String(options.lockWaitSeconds),
      plan.restart === 'now' ? 'yes' : 'no',
      options.endSessions ? 'yes' : 'no',
      plan.conf?.before.digest ?? '-',
    ],
    root: true,
  };
}

const BRING_BACK = program`
who=$1 name=$2 lock_wait=$3 restart=$4 end_sessions=$5 expected=$6
kept=$state/retired/$name
conf=$(readlink -f /etc/dcv/dcv.conf)
take_lock "$lock_wait" "$who"
[ -f "$kept/manifest" ] || { say nothing ''; end 0; }
if [ "$expected" != - ] && [ "$(digest "$conf")" != "$expected" ]; then say changed ''; end 1; fi
fail() { audit "could not bring $name back: $1"; say failed "$1"; end 1; }
make_work

if [ "$expected" != - ]; then
  say step conf
  wanted=$(sed -n 's/^conf [0-9a-f]* \([0-9a-f]*\)$/\1/p' "$kept/manifest")
  if [ "$expected" != "$wanted" ]; then
    replaced=$state/dcv.conf.$(date -u +%Y%m%dT%H%M%SZ)
    cp -a "$conf" "$replaced" 2>"$work/problem" || fail "$(cat "$work/problem")"
    say replaced "$replaced"
  fi
  put_beside "$kept/dcv.conf" "$conf" 2>"$work/problem" && mv -f "$(beside "$conf" new)" "$conf" 2>"$work/problem" || {
    rm -f "$(beside "$conf" new)" "$(beside "$conf" old)"
    fail "$(cat "$work/problem")"
  }
  rm -f "$(beside "$conf" old)"
  flush "\${conf%/*}"
  say did conf
fi

say step units
while read -r kind unit active enabled; do
  [ "$kind" = unit ] || continue
  if [ "$enabled" = yes ] && ! is_enabled "$unit"; then
    problem=$(systemd enable "$unit") || fail "$unit cannot be enabled: $problem"
  fi
  if [ "$active" = yes ] && ! is_active "$unit"; then
    problem=$(systemd start "$unit") || fail "$unit does not start: $problem"
    echo "$unit" >>"$work/started"
  fi
done <"$kept/manifest"
# a service that cannot do its work ends at once
if [ -f "$work/started" ]; then
  sleep 0.5
  while read -r unit; do is_active "$unit" || fail "$unit does not stay up"; done <"$work/started"
fi
say did units

if [ "$restart" = yes ]; then
  if [ "$end_sessions" = no ] && in_use; then say restart-withheld ''
  else
    say step restart
    problem=$(systemd restart dcvserver.service) || fail "dcvserver does not start again: $problem"
    say did restart
  fi
fi
rm -rf "$state/retired/.$name.old" && mv "$kept" "$state/retired/.$name.old" && rm -rf "$state/retired/.$name.old" ||
  fail "cannot write to $state"
audit "brought $name back"
say restored "$name"
end 0
`;
