import { constants } from 'node:fs';
import { access, link, open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** A `.tar.gz` that is being written; nobody sees it under its name before it is whole. */
export interface Archive {
  /** Adds a file, readable by its owner. Entries are written one after another. */
  readonly add: (name: string, content: Buffer, modified: Date) => Promise<void>;
  /**
   * Writes the end and gives the file its name; resolves with its size in bytes, or with undefined when a file of that
   * name has appeared meanwhile: that one stays, and what was written is gone.
   */
  readonly finish: () => Promise<number | undefined>;
  /** Leaves nothing behind. Safe to call at any time, also twice. */
  readonly abandon: () => Promise<void>;
}

/**
 * Begins an archive beside the place where it shall be, readable by its owner only from its first byte.
 * Errors of the file system come as they are, from every function.
 */
export async function createArchive(file: string): Promise<Archive> {
  const candidate = `${file}.${process.pid}.part`;
  const handle = await open(candidate, 'wx', 0o600);
  const tar = pack();
  /** Why nothing can be written any more; the streams tell only that one of them was ended. */
  let failure: unknown;
  const written = pipeline(tar, createGzip(), async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      await handle.appendFile(chunk).catch((error: unknown) => {
        failure = error;
        throw error;
      });
    }
  });
  // told by whichever function is called next
  written.catch(() => undefined);

  function tellFailure(error: unknown): never {
    throw failure ?? error;
  }

  async function close(): Promise<void> {
    tar.destroy();
    await written.catch(() => undefined);
    await handle.close();
  }

  return {
    async add(name, content, modified) {
      const added = new Promise<void>((resolve, reject) => {
        const header = { name, mode: 0o600, mtime: modified, size: content.length };
        const entry = tar.entry(header, content, (error) => {
          if (error) reject(error);
          else resolve();
        });
        // told to the callback as well; without a listener it would end the process
        entry.on('error', () => undefined);
      });
      // when the pipeline has ended, the tar stream may never answer
      await Promise.race([added, written]).catch(tellFailure);
    },
    async finish() {
      tar.finalize();
      await written.catch(tellFailure);
      await handle.sync();
      const { size } = await handle.stat();
      await handle.close();
      return (await moveInPlace(candidate, file)) ? size : undefined;
    },
    async abandon() {
      await close();
      await rm(candidate, { force: true });
    },
  };
}

/** Never over another file; where the file system has no hard links, as well as it can be seen. */
async function moveInPlace(candidate: string, file: string): Promise<boolean> {
  try {
    await link(candidate, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || (await exists(file))) {
      await rm(candidate);
      return false;
    }
    await rename(candidate, file);
    return true;
  }
  await rm(candidate);
  return true;
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
