import fs from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.ts';
import { LABS_DIRECTORY } from './paths.ts';
import { labNames } from './state.ts';

/** Each host's systemd, journald, logind, … take a few of these; root has 128 of them by default for all together. */
const INOTIFY_INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
const ENOUGH_FOR_LABS = 4096;

/** What the machine had before; there as long as there are labs. */
const BEFORE = path.join(LABS_DIRECTORY, '.inotify-instances');

/** Raises the machine's limit on inotify instances for its labs; a machine where that is forbidden keeps its own. */
export function raiseLimits(): Promise<void> {
  return withLock('limits', ignore, () => {
    const before = readLimit();
    if (before < ENOUGH_FOR_LABS && writeLimit(ENOUGH_FOR_LABS)) fs.writeFileSync(BEFORE, String(before));
    return Promise.resolve();
  });
}

/** Puts the limit back when the last lab has gone, unless somebody else has changed it meanwhile. */
export function restoreLimits(): Promise<void> {
  return withLock('limits', ignore, () => {
    if (labNames().length === 0 && fs.existsSync(BEFORE)) {
      if (readLimit() === ENOUGH_FOR_LABS) writeLimit(Number(fs.readFileSync(BEFORE, 'utf8')));
      fs.rmSync(BEFORE);
    }
    return Promise.resolve();
  });
}

function readLimit(): number {
  return Number(fs.readFileSync(INOTIFY_INSTANCES, 'utf8'));
}

function writeLimit(value: number): boolean {
  try {
    fs.writeFileSync(INOTIFY_INSTANCES, String(value));
    return true;
  } catch {
    return false; // /proc/sys is read-only in most containers
  }
}

function ignore(): void {
  // the lock is held for a moment only
}
