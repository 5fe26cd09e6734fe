import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** What became of looking at a private key's file. */
export type KeyFile =
  | 'usable'
  | 'missing'
  | 'unreadable'
  | 'not-a-file'
  /** Others may read it: ssh refuses such a key, and so does dcvops. */
  | 'open-to-others'
  | 'public-key'
  | 'no-key';

/** Looks at a key's file; the injectable edge of the inventory's key check. */
export type InspectKey = (path: string) => Promise<KeyFile>;

/** Looks at the file's kind, mode and beginning; keeps nothing of it. */
export async function inspectKeyFile(path: string): Promise<KeyFile> {
  let handle: FileHandle;
  try {
    // a FIFO must not make it wait
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable';
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return 'not-a-file';
    if (isOpenToOthers(stats.mode, stats.uid === process.getuid?.())) return 'open-to-others';
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(ENOUGH_BYTES), 0, ENOUGH_BYTES, 0);
    return kindOfKey(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

/**
 * As OpenSSH has it: nobody but its owner may read a key. A group that shares a key which another user owns can't
 * change that, so it is let through; the rest of the world never is.
 */
function isOpenToOthers(mode: number, own: boolean): boolean {
  if (process.platform === 'win32') return false;
  return (mode & (own ? 0o077 : 0o007)) !== 0;
}

/** The key's first line, also behind what `openssl pkcs12` writes before it. */
const ENOUGH_BYTES = 4096;

function kindOfKey(beginning: string): KeyFile {
  if (/^(?:-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File-)/m.test(beginning)) return 'usable';
  if (/^(?:(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ |-{4,5} ?BEGIN [A-Z0-9 ]*PUBLIC KEY)/m.test(beginning)) {
    return 'public-key';
  }
  return 'no-key';
}
