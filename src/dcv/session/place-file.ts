import { program } from '../../shell/shell.ts';

/** A file that dcvops puts on an agent, root's. */
export interface PlacedFile {
  /** Absolute. */
  readonly path: string;
  readonly mode: '644' | '755';
  readonly content: Buffer;
}

/** The arguments of {@link PLACE} for files whose contents come on stdin, one behind the other, in this order. */
export function placeArguments(files: readonly PlacedFile[]): string[] {
  return files.flatMap(({ path, mode, content }) => [path, mode, String(content.length)]);
}

/** The stdin of a script that places files. */
export function placedContents(files: readonly PlacedFile[]): Buffer {
  return Buffer.concat(files.map(({ content }) => content));
}

/**
 * `place PATH MODE BYTES` makes a file of so many bytes of stdin. It is whole and has its mode from the moment that it
 * has its name, and replaces an older one; its folder is made where it is missing.
 */
export const PLACE = program`
place() {
  folder=\${1%/*}
  (umask 022; mkdir -p "$folder") || return 1
  new=$(mktemp "$folder/.new.XXXXXXXX") || return 1
  if head -c "$3" >"$new" && [ "$(wc -c <"$new")" -eq "$3" ] && chmod "$2" "$new" && mv -f "$new" "$1"; then return 0; fi
  rm -f "$new"
  return 1
}`;
