import { lstat, open, rename, rm } from 'node:fs/promises';
import { DcvopsError } from '../errors.ts';

/**
 * Writes a file that only its owner may read: 0600 from the first byte, also where an older one that it replaces was
 * readable for others, or a link to somewhere else.
 * @throws DcvopsError `failed` when it cannot be written, or is there already and may not be replaced
 */
export async function writePrivateFile(
  file: string,
  content: string | Uint8Array,
  { overwrite }: { readonly overwrite: boolean },
): Promise<void> {
  try {
    await (overwrite ? replace(file, content) : create(file, content));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? fileIsThere(file) : cannotWrite(file, error);
  }
}

/** The error for a file that is left alone. */
export function fileIsThere(file: string): DcvopsError {
  return new DcvopsError('failed', `${file} is there already. It was left alone.`, {
    hint: 'another name, or --force',
  });
}

async function create(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

async function replace(file: string, content: string | Uint8Array): Promise<void> {
  await refuseOtherThanFile(file);
  const candidate = `${file}.${process.pid}.new`;
  try {
    await create(candidate, content);
    await rename(candidate, file);
  } finally {
    await rm(candidate, { force: true });
  }
}

/** A file takes the place of a file or a link; of /dev/null it must not. */
async function refuseOtherThanFile(file: string): Promise<void> {
  const there = await lstat(file).catch(() => undefined);
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink()) throw new Error('it is no file');
}

/** The error for a file that cannot be. */
export function cannotWrite(file: string, error: unknown): DcvopsError {
  const why = error instanceof Error ? error.message : String(error);
  return new DcvopsError('failed', `${file} cannot be written: ${why}`, { cause: error });
}
