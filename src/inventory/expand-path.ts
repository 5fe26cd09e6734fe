import path from 'node:path';

export interface Folders {
  /** Where the inventory is; relative paths start here. */
  readonly folder: string;
  /** What `~` stands for. */
  readonly home: string;
}

/** An absolute path for one that was written in the inventory. `~name` is another person's home: left as it is. */
export function expandPath(written: string, { folder, home }: Folders): string {
  if (written === '~') return home;
  return written.startsWith('~/') ? path.join(home, written.slice(2)) : path.resolve(folder, written);
}
