import { program } from '../shell/shell.ts';

/**
 * Functions for scripts that reload nginx. A reload "succeeds" as soon as nginx was told; should it not like what it reads
 * then, it goes on with what it had, and only its log says so. One that it follows starts new workers.
 *
 * - `workers FILE`: the processes that nginx runs by the pid in this file; none where that can't be told.
 * - `has_new_workers FILE BEFORE LOOKS`: looks so often, ten times a second, for one that is not among BEFORE. Where none
 *   were known before it does not wait, and succeeds.
 * - `have_closed BEFORE LOOKS`: looks so often whether the workers before take no connection any more. nginx tells them to
 *   stop only a moment after it has new ones, and until then they answer by what they had read.
 */
export const NEW_WORKERS = program`
workers() { # $1: file with the pid of nginx
  ps -eo ppid=,pid= 2>/dev/null | awk -v main="$(cat "$1" 2>/dev/null)" 'main != "" && $1 == main { print $2 }'
}
has_new_workers() { # $1: file with the pid of nginx, $2: the workers before, $3: how often to look
  if [ -z "$2" ]; then return 0; fi
  looks=0
  while [ "$looks" -lt "$3" ]; do
    for worker in $(workers "$1"); do
      case "
$2
" in *"
$worker
"*) ;; *) return 0 ;; esac
    done
    looks=$((looks + 1))
    sleep 0.1
  done
  return 1
}
have_closed() { # $1: the workers before, $2: how often to look
  looks=0
  while [ "$looks" -lt "$2" ]; do
    serving=no
    for worker in $1; do
      # what closed has this in its title, or is gone
      case $(ps -o args= -p "$worker" 2>/dev/null) in *'shutting down'* | '') ;; *) serving=yes ;; esac
    done
    if [ "$serving" = no ]; then return 0; fi
    looks=$((looks + 1))
    sleep 0.1
  done
  return 1
}`;
