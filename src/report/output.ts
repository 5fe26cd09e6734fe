import { once } from 'node:events';
import { DcvopsError } from '../errors.ts';

/** Writes data at the pace of whoever reads it. */
export interface Output {
  /** Resolves when more may come. @throws DcvopsError `interrupted` when the signal came first */
  readonly write: (data: string | Uint8Array) => Promise<void>;
}

/** Node writes to a pipe synchronously: a reader that sleeps would stop the whole program, and Ctrl-C with it. */
interface PipeHandle {
  readonly _handle?: { readonly setBlocking?: (blocking: boolean) => void } | null;
}

/** For stdout, whatever it is. */
export function createOutput(stream: NodeJS.WriteStream, signal: AbortSignal): Output {
  if (!stream.isTTY) (stream as PipeHandle)._handle?.setBlocking?.(false);
  return {
    async write(data) {
      if (stream.write(data)) return;
      try {
        await once(stream, 'drain', { signal });
      } catch (error) {
        throw signal.aborted ? new DcvopsError('interrupted', 'interrupted', { cause: error }) : error;
      }
    },
  };
}
