import { DcvopsError } from '../errors.ts';

/** One thing that a script told: a name, and a value of any text. */
export interface ScriptRecord {
  readonly name: string;
  readonly value: string;
}

/** No script of ours tells more than this in one record; more means that we do not understand each other. */
const MAX_VALUE_BYTES = 16 * 1024 * 1024;

/**
 * Reads records as `say` in the transaction's script writes them: "NAME LENGTH\nVALUE\n", the length in bytes. Ends
 * with the stream; what was cut off in the middle of a record is dropped, for the sender died there.
 * @throws DcvopsError `failed` for anything else on the stream, such as a login banner
 */
export async function* readRecords(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<ScriptRecord, undefined> {
  let buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const record = takeRecord(buffer);
      if (record === undefined) break;
      buffer = buffer.subarray(record.bytes);
      yield { name: record.name, value: record.value };
    }
  }
}

function takeRecord(buffer: Buffer): (ScriptRecord & { bytes: number }) | undefined {
  const lineEnd = buffer.indexOf(0x0a);
  if (lineEnd === -1 && buffer.length < 1024) return undefined;
  const heading = buffer.subarray(0, lineEnd === -1 ? 1024 : lineEnd).toString('utf8');
  const match = /^([a-z-]+) ([0-9]{1,9})$/.exec(heading);
  const size = Number(match?.[2]);
  if (match?.[1] === undefined || size > MAX_VALUE_BYTES) {
    throw new DcvopsError('failed', `the host said something unexpected: ${heading.slice(0, 200)}`, {
      hint: 'a login shell that prints text (.bashrc, a banner) would do this: dcvops exec HOST -- true',
    });
  }
  const end = lineEnd + 1 + size;
  if (buffer.length <= end) return undefined;
  return { name: match[1], value: buffer.subarray(lineEnd + 1, end).toString('utf8'), bytes: end + 1 };
}
