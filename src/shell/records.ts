import { DcvopsError } from '../errors.ts';
import { program } from './shell.ts';

/** One thing that a script told: a name, and a value of any text. */
export interface ScriptRecord {
  readonly name: string;
  readonly value: string;
}

/**
 * For a script that tells records: `say NAME VALUE` prints the name, then each line of the value after a "|", then ".", so
 * that nothing in a value can be taken for a record, whatever its bytes mean in whichever encoding.
 */
export const SAY = program`say() {
  printf '%s\n' "$1"
  # most values are short and need no further process; the time for this loop grows with the square of the length
  if [ "\${#2}" -gt 4000 ]; then printf '%s\n' "$2" | sed 's/^/|/'
  else
    say_rest=$2
    while :; do
      case $say_rest in
        *"
"*) printf '|%s\n' "\${say_rest%%"
"*}"; say_rest=\${say_rest#*"
"} ;;
        *) printf '|%s\n' "$say_rest"; break ;;
      esac
    done
  fi
  echo .
} 2>/dev/null`;

/** No script of ours tells more than this in one line; more means that we do not understand each other. */
const MAX_LINE_LENGTH = 1024 * 1024;

/**
 * Reads records as {@link SAY} writes them, in pieces as they come; `onRecord` is called with each as soon as it is whole.
 * The function that is returned takes the next piece.
 * @throws DcvopsError `failed` (from that function) for anything else in the output, such as a login banner
 */
export function recordReader(onRecord: (record: ScriptRecord) => void): (piece: string) => void {
  let rest = '';
  let open: { name: string; lines: string[] } | undefined;
  return (piece) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) throw unexpectedOutput(rest);
    for (const line of lines) {
      if (open === undefined && /^[a-z][a-z-]*$/.test(line)) open = { name: line, lines: [] };
      else if (open !== undefined && line.startsWith('|')) open.lines.push(line.slice(1));
      else if (open !== undefined && line === '.') {
        const { name, lines: value } = open;
        open = undefined;
        onRecord({ name, value: value.join('\n') });
      } else throw unexpectedOutput(line);
    }
  };
}

/** For what no script of ours would print. */
export function unexpectedOutput(line: string): DcvopsError {
  return new DcvopsError('failed', `the host said something unexpected: ${line.slice(0, 200)}`, {
    hint: 'a login shell that prints text (.bashrc, a banner) would do this: dcvops exec HOST -- true',
  });
}

/** All records of an output that is complete; what was cut off in the middle of a record is dropped. */
export function parseRecords(output: string): ScriptRecord[] {
  const records: ScriptRecord[] = [];
  recordReader((record) => records.push(record))(output);
  return records;
}

/**
 * Reads records from a script that is still running, each as soon as it is whole. Ends with the stream; what was cut off
 * in the middle of a record is dropped, for the sender died there.
 * @throws DcvopsError `failed` for anything else on the stream
 */
export async function* readRecords(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<ScriptRecord, undefined> {
  const decoder = new TextDecoder();
  const ready: ScriptRecord[] = [];
  const take = recordReader((record) => ready.push(record));
  for await (const bytes of stream) {
    take(decoder.decode(bytes, { stream: true }));
    yield* ready.splice(0);
  }
}
