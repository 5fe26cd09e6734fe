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

/**
 * For stdout, whatever it is.
 * @param mostPending how many bytes may be on their way to the reader while more is made ready
 */
export function createOutput(
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
  mostPending = 256 * 1024,
): Output {
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
        if (pending <= mostPending / 2) wake();
      });
      while (pending > mostPending) {
        if (signal.aborted) throw new DcvopsError('interrupted', 'interrupted');
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
