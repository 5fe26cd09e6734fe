import { DcvopsError } from '../errors.ts';
import { program } from './shell.ts';

/** One thing that a script told: a name, and a value of any text. */
export interface ScriptRecord {
  readonly name: string;
  readonly value: string;
}

/**
 * For a script that tells records: `say NAME VALUE` prints "NAME LENGTH\nVALUE\n", the length in bytes (the script runs
 * under LC_ALL=C), so that nothing in a value can be taken for a record.
 */
export const SAY = program`say() { printf '%s %s\n%s\n' "$1" "\${#2}" "$2"; }`;

/**
 * Reads records as {@link SAY} writes them, in pieces as they come; `onRecord` is called with each as soon as it is whole.
 * The function that is returned takes the next piece.
 * @throws DcvopsError `failed` (from that function) for anything else in the output, such as a login banner
 */
export function recordReader(onRecord: (record: ScriptRecord) => void): (piece: string) => void {
  let buffer = Buffer.alloc(0);
  return (piece) => {
    buffer = Buffer.concat([buffer, Buffer.from(piece)]);
    for (;;) {
      const lineEnd = buffer.indexOf(0x0a);
      if (lineEnd === -1) return;
      const heading = buffer.subarray(0, lineEnd).toString('utf8');
      const match = /^([a-z-]+) ([0-9]{1,9})$/.exec(heading);
      if (match?.[1] === undefined) {
        throw new DcvopsError('failed', `the host said something unexpected: ${heading.slice(0, 200)}`, {
          hint: 'a login shell that prints text (.bashrc, a banner) would do this: dcvops exec HOST -- true',
        });
      }
      const end = lineEnd + 1 + Number(match[2]);
      if (buffer.length <= end) return;
      const value = buffer.subarray(lineEnd + 1, end).toString('utf8');
      buffer = buffer.subarray(end + 1);
      onRecord({ name: match[1], value });
    }
  };
}

/** All records of an output that is complete; what was cut off in the middle of a record is dropped. */
export function parseRecords(output: string): ScriptRecord[] {
  const records: ScriptRecord[] = [];
  recordReader((record) => records.push(record))(output);
  return records;
}
