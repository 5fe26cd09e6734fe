import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DcvopsError } from '../errors.ts';
import { type Endpoint, type KnownHostsLine, parseKnownHosts, withoutHost } from './known-hosts.ts';

/**
 * Reads known_hosts files, one after the other; one that is not there has no lines.
 * @throws DcvopsError `host-key` for one that cannot be read: without it a changed key would look unknown
 */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHostsLine[]> {
  const texts = await Promise.all(files.map(readText));
  return texts.flatMap((text, index) => parseKnownHosts(text, files[index] ?? ''));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw new DcvopsError('host-key', `${file} cannot be read (${reason(error)}); not logged in`, {
      hint: `ls -ld ${file}`,
      cause: error,
    });
  }
}

/**
 * Appends lines to a known_hosts file with one write, so that what other programs append at the same time
 * stays whole. A new file gets mode 0600 (its folder 0700), an existing one keeps its own.
 */
export async function appendKnownHosts(file: string, lines: readonly string[]): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      const separator = size === 0 || last.toString() === '\n' ? '' : '\n';
      await handle.appendFile(separator + lines.map((line) => `${line}\n`).join(''));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/**
 * Takes a host's keys out and puts others in, as one change: the file is replaced by rename, its mode is
 * kept.
 */
export async function replaceInKnownHosts(
  file: string,
  endpoint: Endpoint,
  lines: readonly string[],
): Promise<void> {
  try {
    const target = await realpath(file).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (target === undefined) {
      await appendKnownHosts(file, lines);
      return;
    }
    const { mode } = await stat(target);
    const kept = withoutHost(await readFile(target, 'utf8'), endpoint);
    const separator = kept === '' || kept.endsWith('\n') ? '' : '\n';
    const temporary = `${target}.${randomBytes(6).toString('hex')}`;
    try {
      await writeFile(temporary, kept + separator + lines.map((line) => `${line}\n`).join(''), {
        flag: 'wx',
        mode: 0o600,
      });
      await chmod(temporary, mode & 0o777);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw error instanceof DcvopsError ? error : cannotWrite(file, error);
  }
}

function cannotWrite(file: string, error: unknown): DcvopsError {
  return new DcvopsError('host-key', `the host key cannot be written to ${file} (${reason(error)})`, {
    hint: `ls -ld ${file} ${dirname(file)}`,
    cause: error,
  });
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function reason(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
