import { DcvopsError } from '../errors.ts';

/** Writes data at the pace of whoever reads it. */
export interface Output {
  /**
   * Resolves when more may come.
   * @throws DcvopsError `interrupted` when the signal came first
   */
  readonly write: (data: string | Uint8Array) => Promise<void>;
}

/** Node writes to a pipe synchronously: a reader that sleeps would stop the whole program, and Ctrl-C with it. */
interface PipeHandle {
  readonly _handle?: { readonly setBlocking?: (blocking: boolean) => void } | null;
}

/** What may be on its way to the reader while more is made ready. */
const MOST_PENDING = 256 * 1024;

/** For stdout, whatever it is. */
export function createOutput(stream: NodeJS.WriteStream, signal: AbortSignal): Output {
  if (!stream.isTTY) (stream as PipeHandle)._handle?.setBlocking?.(false);
  let pending = 0;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const go of waiting) go();
    waiting = [];
  };
  signal.addEventListener('abort', wake);
  return {
    async write(data) {
      pending += data.length;
      stream.write(data, () => {
        pending -= data.length;
        if (pending <= MOST_PENDING / 2) wake();
      });
      while (pending > MOST_PENDING) {
        if (signal.aborted) throw new DcvopsError('interrupted', 'interrupted');
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
