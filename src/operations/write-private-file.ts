import { open, rename, rm } from 'node:fs/promises';
import { DcvopsError } from '../errors.ts';

/**
 * Writes a file that only its owner may read: 0600 from the first byte, also where an older one that it replaces was
 * readable for others.
 * @throws DcvopsError `failed` when it cannot be written, or is there already and may not be replaced
 */
export async function writePrivateFile(
  file: string,
  text: string,
  { overwrite }: { readonly overwrite: boolean },
): Promise<void> {
  try {
    await (overwrite ? replace(file, text) : create(file, text));
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

async function create(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

async function replace(file: string, text: string): Promise<void> {
  const candidate = `${file}.${process.pid}.new`;
  try {
    await create(candidate, text);
    await rename(candidate, file);
  } finally {
    await rm(candidate, { force: true });
  }
}

function cannotWrite(file: string, error: unknown): DcvopsError {
  const why = error instanceof Error ? error.message : String(error);
  return new DcvopsError('failed', `${file} cannot be written: ${why}`, { cause: error });
}
