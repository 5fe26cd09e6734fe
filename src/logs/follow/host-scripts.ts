import type { Script } from '../../shell/script.ts';
import { type ShellText, lines, program } from '../../shell/shell.ts';

/*
 * What runs on a host while its logs are read. The scripts are small and know nothing: which bytes of which file are
 * wanted is decided here (`tracking.ts`), from what they tell.
 */

/** A file as the host numbers it: `DEVICE:INODE`. It stays the same when the file is renamed. */
export type FileId = string;

/** How many of a file's first bytes tell it from others: inodes are used again. */
export const HEAD_BYTES = 1024;

/** What a script ends with when the file is not there any more, or another one is. */
export const GONE_EXIT_CODE = 67;

/**
 * Tells which files there are, once a second, for as long as somebody listens:
 *
 *     time 1764075553 +0000
 *     81a4 2049 1234 5678 1764075553.123456789 2026-11-25 12:59:13.123456789 +0000 '/var/log/dcv/server.log'
 *     .
 *     =
 *
 * `.` ends a list, `=` says that it is as it was. `%N` quotes names, so that nothing in one can look like a line. Nothing
 * is opened here, and links are not followed: some log folders can be written by everybody.
 */
export function watchFiles(patterns: readonly string[]): Script {
  return { name: 'watch log files', text: WATCH, args: [...patterns], root: true };
}

const WATCH = program`
QUOTING_STYLE=shell-escape-always; export QUOTING_STYLE
list() {
  IFS=
  patterns=$#
  for pattern do set -- "$@" $pattern $pattern[.-]*; done
  shift "$patterns"
  [ $# = 0 ] || printf '%s\0' "$@" | xargs -0 stat -c '%f %d %i %s %.9Y %y %N' -- 2>/dev/null
}
before=
date '+time %s %z' || exit
while :; do
  now=$(list "$@")
  if [ "$now" = "$before" ]; then echo = || exit
  else
    [ -z "$now" ] || printf '%s\n' "$now" || exit
    echo . || exit
    before=$now
  fi
  sleep 1
done`;

/**
 * Opens `$1` if it is still the file `$2`; a file that was put in its place is never read. What follows reads it as
 * `/dev/fd/3`, whatever becomes of its name.
 */
const OPEN = program`
path=$1 id=$2; shift 2
[ -f "$path" ] || exit 67
command exec 3<"$path" 2>/dev/null || exit 67
[ "$(stat -L -c '%d:%i' /dev/fd/3)" = "$id" ] || exit 67
plain() {
  case $path in
  *.gz) gzip -dc </dev/fd/3 ;;
  *.xz) xz -dc </dev/fd/3 ;;
  *.bz2) bzip2 -dc </dev/fd/3 ;;
  *.zst) zstd -dc </dev/fd/3 ;;
  *) cat /dev/fd/3 ;;
  esac
}
packed() { case $path in *.gz | *.xz | *.bz2 | *.zst) ;; *) return 1 ;; esac; }`;

/** Where a read begins: at a byte, or with the last so many lines. */
export type ReadStart =
  { readonly kind: 'byte'; readonly offset: number } | { readonly kind: 'lines'; readonly count: number };

/**
 * A part of a file, up to byte `to` or to its end as it is. First a line of its own tells where the part begins, how large the
 * file is, and its first bytes: `FROM SIZE BASE64`. A part that begins with the last lines is preceded by one byte more,
 * the end of the line before, unless it begins with the file: by that it is known to begin with a line.
 */
export function readPart(path: string, id: FileId, start: ReadStart, to: number | undefined): Script {
  const value = start.kind === 'byte' ? start.offset : start.count;
  return {
    name: `read ${path}`,
    text: lines(OPEN, HEADER, READ),
    args: [path, id, start.kind, String(value), to === undefined ? '' : String(to)],
    root: true,
  };
}

const HEADER = program`
kind=$1 value=$2 to=$3
size=$(stat -L -c %s /dev/fd/3)
case $kind in
lines)
  bytes=$(tail -n "$value" /dev/fd/3 | wc -c)
  from=$((size > bytes ? size - bytes - 1 : 0)) ;;
*) from=$value ;;
esac
echo "$from $size $(plain 2>/dev/null | head -c 1024 | base64 -w 0)" || exit`;

/** `dd` reads large pieces, and none that nobody wants. */
const READ = program`
if packed && [ -z "$to" ]; then plain | tail -c "+$((from + 1))"
elif packed; then plain | tail -c "+$((from + 1))" | head -c "$((to - from))"
else
  end=\${to:-$size}
  dd if=/dev/fd/3 bs=128K iflag=skip_bytes,count_bytes skip="$from" count="$((end > from ? end - from : 0))" status=none
fi`;

/**
 * A file from a byte on, and whatever is written to it from now on, also when it is renamed or deleted. `tail` looks 50
 * times a second: it does so by itself where the file system tells it nothing (overlays, networks), and a busy log then
 * comes in pieces rather than in lines.
 */
export function followFile(path: string, id: FileId, offset: number): Script {
  return {
    name: `follow ${path}`,
    text: lines(OPEN, HEADER, program`exec tail -c "+$((from + 1))" -s 0.02 -f /dev/fd/3`),
    args: [path, id, 'byte', String(offset), ''],
    root: true,
  };
}

/** Tells of each file its first bytes and, where that is cheap, how long it is when it is unpacked: `ID LENGTH BASE64`. */
export function readHeads(files: readonly { readonly path: string; readonly id: FileId }[]): Script {
  return {
    name: 'tell log files apart',
    text: lines(
      program`
one() (`,
      OPEN,
      program`
length=-
case $path in *.gz) length=$(tail -c 4 /dev/fd/3 | od -An -tu4 | tr -d ' ') ;; esac
echo "$id $length $(plain 2>/dev/null | head -c 1024 | base64 -w 0)"
)
while [ $# -gt 1 ]; do one "$1" "$2"; shift 2; done
exit 0`,
    ),
    args: files.flatMap(({ path, id }) => [path, id]),
    root: true,
  };
}

/** Where a journal is read from. */
export type JournalStart =
  | { readonly kind: 'lines'; readonly count: number | 'all' }
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'cursor'; readonly cursor: string };

/**
 * The journal's entries as JSON, one a line, up to now or on and on.
 * @param matches what `journalctl` shall match: `--unit=dcvserver.service`
 */
export function readJournal(matches: readonly string[], start: JournalStart, follow: boolean): Script {
  return {
    name: follow ? 'follow the journal' : 'read the journal',
    text: JOURNAL,
    args: [...startArguments(start), ...(follow ? ['--follow'] : []), ...matches],
    root: true,
  };
}

function startArguments(start: JournalStart): string[] {
  switch (start.kind) {
    case 'lines':
      return [`--lines=${start.count}`];
    case 'time':
      return ['--no-tail', `--since=@${start.seconds}`];
    case 'cursor':
      return ['--no-tail', `--after-cursor=${start.cursor}`];
  }
}

const JOURNAL: ShellText = program`exec journalctl --no-pager --quiet --all --output=json "$@"`;
