import { constants } from 'node:fs';
import { access, copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

export async function fileExists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/**
 * Writes a file (mode 0644, its folder made where it is missing) that is there as a whole or not at all. A file that is
 * there already is left alone (`exists`), or replaced and kept beside it as `NAME.bak`, `NAME.bak2`, ….
 */
export async function writeNewFile(
  file: string,
  text: string,
  whenThere: 'refuse' | 'replace',
): Promise<'exists' | { readonly backup: string | undefined }> {
  await mkdir(path.dirname(file), { recursive: true });
  const candidate = `${file}.${process.pid}.new`;
  try {
    await writeDurably(candidate, text);
    if (whenThere === 'refuse') return (await giveName(candidate, file)) ? { backup: undefined } : 'exists';
    const backup = (await fileExists(file)) ? await keep(file) : undefined;
    await rename(candidate, file);
    return { backup };
  } finally {
    await rm(candidate, { force: true });
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The old file under the first free name beside it. */
async function keep(file: string): Promise<string> {
  for (let number = 1; ; number++) {
    const backup = `${file}.bak${number === 1 ? '' : number}`;
    if (await giveName(file, backup)) return path.basename(backup);
  }
}

/** A second name for a file, never one that is taken; a copy where the file system has no hard links. */
async function giveName(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    if (isTaken(error)) return false;
    try {
      await copyFile(from, to, constants.COPYFILE_EXCL);
    } catch (copyError) {
      if (isTaken(copyError)) return false;
      throw copyError;
    }
  }
  return true;
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}
