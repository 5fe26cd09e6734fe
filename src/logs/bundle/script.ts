import type { LogSource } from '../../inventory/types.ts';
import { DCV_LOCALE } from '../../dcv/run-dcv.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh, words } from '../../shell/shell.ts';
import { CONFIGURATIONS, commands, logPatterns } from './contents.ts';

export interface CollectOptions {
  /** Bytes that the host may send in all: configurations, facts and journals first, then logs, the newest first. */
  readonly maxBytes: number;
  /** Bytes of one file or journal: its end. */
  readonly maxFileBytes: number;
  /** Entries of each journal. */
  readonly journalLines: number;
  /** The inventory's own sources of this host. */
  readonly own: readonly LogSource[];
  /** A folder that stands in for `/`, for tests; '' on a host. */
  readonly root?: string;
}

/**
 * Collects one host's part of a support bundle and prints it in frames, which `frames.ts` reads: a header line, a name of
 * so many bytes, and for a piece its content of so many bytes. Each piece is copied to a private folder first, so that its
 * size is known and stays, whatever happens to the file meanwhile; the copy is gone before the next.
 *
 *     piece FOLDER NAMEBYTES SIZE BYTES-THERE-WERE MODIFIED EXITCODE
 *     left-out FOLDER NAMEBYTES REASON
 *     end
 *
 * Anyone who has an account may put files into /var/log/dcv, and the script runs as root: a log is read only when it is a
 * regular file with one name, and when what was opened is that very file.
 */
export function collectScript(options: CollectOptions): Script {
  return {
    name: 'collect logs and facts',
    text: lines(
      SETUP,
      KEEP_END,
      sh`reader=${lines(KEEP_END, READER).toString()}`,
      sh`dcv_locale=${DCV_LOCALE.toString()}`,
      TELL,
      ...commands(options.journalLines, options.own).map(
        ({ folder, name, argv }) => sh`tell_command ${folder} ${name} ${words(argv)}`,
      ),
      sh`tell_configurations ${CONFIGURATIONS}`,
      sh`tell_logs ${logPatterns(options.own)}`,
      program`echo end`,
    ),
    args: [options.root ?? '', String(options.maxBytes), String(options.maxFileBytes)],
    root: true,
  };
}

const SETUP = program`
set -u
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root=$1 room=$2 per_file=$3
# in /run first: a full disk is what many a support case is about
work=$(mktemp -d "$root/run/dcvops.XXXXXXXX" 2>/dev/null || mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' PIPE HUP INT TERM
mkfifo "$work/count" || exit 1`;

/** stdin's last \`$2\` bytes become the piece; how many there were is in \`total\`. */
const KEEP_END = program`
keep_end() { # $1: the private folder, $2: bytes
  wc -c <"$1/count" >"$1/total" &
  tee "$1/count" | tail -c "$2" >"$1/piece"
  wait "$!"
}`;

/**
 * \`$1\` file, \`$2\` its device and inode, \`$3\` bytes, \`$4\` the private folder. Runs under a time limit of its own: what
 * was a file may have become a pipe, which nobody writes to.
 */
const READER = program`
exec 3<"$1" || exit 4
set -- "$1" "$2" "$3" "$4" $(stat -L -c '%d:%i %s %Y' /proc/self/fd/3)
[ "\${5:-}" = "$2" ] || exit 3
echo "$6" >"$4/total"
echo "$7" >"$4/modified"
case $1 in
  *.gz) gzip -dc <&3 2>/dev/null | keep_end "$4" "$3" ;;
  *) tail -c "$3" <&3 | head -c "$3" >"$4/piece" ;;
esac`;

const TELL = program`
leave_out() { # $1: folder, $2: name, $3: why
  printf 'left-out %s %s %s\n%s' "$1" "\${#2}" "$3" "$2"
}
tell_piece() { # $1: folder, $2: name, $3: modified, $4: exit code
  size=$(($(wc -c <"$work/piece")))
  printf 'piece %s %s %s %s %s %s\n%s' "$1" "\${#2}" "$size" "$(($(cat "$work/total")))" "$3" "$4" "$2"
  cat "$work/piece"
  room=$((room - size))
}
limit_to() { # $1: bytes
  limit=$1
  [ "$limit" -le "$room" ] || limit=$room
}

tell_command() { # $1: folder, $2: name, then the command
  folder=$1 name=$2
  shift 2
  command -v "$1" >/dev/null 2>&1 || { leave_out "$folder" "$name" absent; return; }
  case $1 in dcv) set -- $dcv_locale "$@" ;; esac
  limit_to "$per_file"
  [ "$limit" -gt 0 ] || { leave_out "$folder" "$name" no-room; return; }
  { timeout -k 2 10 "$@" </dev/null 2>&1; echo "$?" >"$work/code"; } | keep_end "$work" "$limit"
  tell_piece "$folder" "$name" 0 "$(cat "$work/code")"
}

tell_file() { # $1: folder, $2: file to open, $3: its name
  before=$(stat -c '%d:%i %h %F' "$2" 2>/dev/null) || { leave_out "$1" "$3" gone; return; }
  case $before in
    *' 1 regular file'|*' 1 regular empty file') ;;
    # a second name may be any user's doing, but not below /etc
    *' regular file'|*' regular empty file') [ "$1" = config ] || { leave_out "$1" "$3" several-names; return; } ;;
    *) leave_out "$1" "$3" not-a-file; return ;;
  esac
  timeout -k 2 10 sh -c "$reader" dcvops "$2" "\${before%% *}" "$limit" "$work" </dev/null 2>/dev/null
  case $? in
    0) ;;
    3) leave_out "$1" "$3" changed; return ;;
    124|137) leave_out "$1" "$3" too-slow; return ;;
    *) leave_out "$1" "$3" unreadable; return ;;
  esac
  # half a configuration could begin within a key, where nobody would know it for one
  if [ "$1" = config ] && [ "$(cat "$work/total")" -gt "$limit" ]; then leave_out "$1" "$3" too-large; return; fi
  tell_piece "$1" "$3" "$(cat "$work/modified")" 0
}

is_key() { # $1: file
  case $1 in
    *.key|*.pem|*.crt|*.cer|*.p12|*.pfx|*.jks|*htpasswd*) ;;
    *) return 1 ;;
  esac
}
is_secret() { # $1: file
  case $1 in
    *passw*|*token*|*secret*) ;;
    *) is_key "$1" ;;
  esac
}
# Links are usual here (sites-enabled), and root's; they are followed within /etc.
tell_configurations() {
  for file; do
    if [ ! -e "$file" ] && [ ! -L "$file" ]; then continue; fi
    name=\${file#"$root"}
    real=$(readlink -f "$file")
    if is_secret "$file" || is_secret "$real"; then leave_out config "$name" secret; continue; fi
    case $real in
      "$root"/etc/*) ;;
      *) leave_out config "$name" outside; continue ;;
    esac
    limit_to 1048576
    tell_file config "$real" "$name"
  done
}

# Those that are written before those that were rotated away, the newest first. Patterns may name a file twice.
tell_logs() {
  index=0 named=/
  for file; do
    index=$((index + 1))
    case $named in *"//$file//"*) continue ;; esac
    named=$named/$file//
    if [ ! -e "$file" ] && [ ! -L "$file" ]; then continue; fi
    case $file in *.log) live=1 ;; *) live=0 ;; esac
    echo "$live $(stat -c %Y "$file" 2>/dev/null || echo 0) $index"
  done | sort -k 1,1nr -k 2,2nr >"$work/order"
  while read -r live modified index <&4; do
    eval 'file=\${'"$index"'}'
    name=\${file#"$root"}
    if is_key "$name"; then leave_out logs "$name" secret; continue; fi
    case $name in *.xz|*.zst|*.bz2|*.lz4) leave_out logs "$name" compressed; continue ;; esac
    limit_to "$per_file"
    if [ "$limit" -gt 0 ]; then tell_file logs "$file" "$name"; else leave_out logs "$name" no-room; fi
  done 4<"$work/order"
}`;
