import type { MaskLine } from './mask-configuration.ts';

/** Characters of one line that are kept: more is no line that anybody wrote for people. */
const MAX_LINE_BYTES = 256 * 1024;

const ASCII = /^[\x00-\x7f]*$/;

/**
 * Masks a text that comes in pieces, line by line; bytes that are no UTF-8 stay as they are. At most one line is held.
 * @param beginningIsMissing the first line is dropped: it may begin within a secret
 */
export async function* maskLines(
  chunks: AsyncIterable<Uint8Array>,
  maskLine: MaskLine,
  beginningIsMissing: boolean,
): AsyncGenerator<Buffer, undefined> {
  let rest = '';
  let dropping = beginningIsMissing;
  let leftOut = 0;

  const cut = (): void => {
    leftOut += Math.max(0, rest.length - MAX_LINE_BYTES);
    rest = rest.slice(0, MAX_LINE_BYTES);
  };
  const finish = (end: string): string => {
    cut();
    const masked = dropping ? undefined : maskBytes(rest, maskLine);
    const note = leftOut === 0 ? '' : ` [${leftOut} bytes of this line left out]`;
    rest = '';
    leftOut = 0;
    dropping = false;
    return masked === undefined ? '' : `${masked}${note}${end}`;
  };

  for await (const chunk of chunks) {
    const [first = '', ...more] = latin1(chunk).split('\n');
    rest += first;
    const done: string[] = [];
    for (const next of more) {
      done.push(finish('\n'));
      rest = next;
    }
    cut();
    yield Buffer.from(done.join(''), 'latin1');
  }
  if (rest !== '') yield Buffer.from(finish(''), 'latin1');
}

/** A line as bytes, one character each: masks see its text where it is UTF-8. */
function maskBytes(line: string, maskLine: MaskLine): string | undefined {
  if (ASCII.test(line)) return toBytes(maskLine(line));
  const text = Buffer.from(line, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? maskLine(line) : toBytes(maskLine(text));
}

function toBytes(text: string | undefined): string | undefined {
  return text === undefined || ASCII.test(text) ? text : Buffer.from(text).toString('latin1');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
