import { DcvopsError } from '../../errors.ts';
import type { Script } from '../../shell/script.ts';
import type { Remote } from '../../ssh/remote.ts';
import { GONE_EXIT_CODE } from './host-scripts.ts';

/** A part of a file that a host has begun to send. */
export interface Part {
  /** The offset of its first byte. */
  readonly from: number;
  /** How large the file was when it was opened. */
  readonly size: number;
  /** The file's first bytes. */
  readonly head: Buffer;
  /** The part itself. Throws `unreachable` when the connection is lost, `failed` when the host could not read on. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Has the host stop. */
  readonly end: () => void;
}

/**
 * Starts `readPart` or `followFile` on a host. Gives undefined when the file is gone, or is another one by now.
 * @throws DcvopsError `unreachable`, or `failed` with what the host said
 */
export async function openPart(
  remote: Pick<Remote, 'name' | 'follow'>,
  script: Script,
): Promise<Part | undefined> {
  const following = await remote.follow(script);
  const chunks = following.stdout[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  let seen = Buffer.alloc(0);
  let ended = false;
  const finish = async (): Promise<void> => {
    const { code, stderr } = await following.finished;
    if (!ended && code !== 0 && code !== GONE_EXIT_CODE)
      throw endedOnHost(remote.name, script.name, code, stderr);
  };
  for (;;) {
    const { value, done } = await chunks.next();
    if (done === true) {
      await finish();
      return undefined;
    }
    seen = Buffer.concat([seen, value]);
    const lineEnd = seen.indexOf('\n');
    if (lineEnd === -1) continue;
    const [from, size, head = ''] = seen.toString('latin1', 0, lineEnd).split(' ');
    const rest = seen.subarray(lineEnd + 1);
    return {
      from: Number(from),
      size: Number(size),
      head: Buffer.from(head, 'base64'),
      bytes: withFirst(rest),
      end() {
        ended = true;
        following.end();
      },
    };
  }

  async function* withFirst(first: Uint8Array): AsyncGenerator<Uint8Array> {
    if (first.length > 0) yield first;
    for (;;) {
      const { value, done } = await chunks.next();
      if (done === true) break;
      yield value;
    }
    await finish();
  }
}

/**
 * Why a script ended that should not have: `unreachable` when something on the host ended it, as the guard does after silence,
 * so that it may be tried again; `failed` with its own words otherwise.
 */
export function endedOnHost(host: string, work: string, code: number, stderr: string): DcvopsError {
  if (code > 128) return new DcvopsError('unreachable', `the host ended "${work}"`, { host });
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return new DcvopsError('failed', `cannot ${work}: ${said === '' ? `exit code ${code}` : said}`, { host });
}

/** All of a part that is small. */
export async function bytesOf({ bytes }: Part): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}
