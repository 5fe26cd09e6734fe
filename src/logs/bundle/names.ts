import type { Folder } from './contents.ts';

/** Gives each piece of a host a name of its own in the archive. */
export type NamePiece = (folder: Folder, name: string) => string;

/**
 * Names such as `agent1/logs/var/log/dcv/server.log`, `agent1/facts/disks.txt`. What a file is called on the host is its
 * users' choice: nothing in a name leads out of the host's folder, or troubles a terminal or another system.
 */
export function createNames(host: string): NamePiece {
  const taken = new Set<string>();
  return (folder, name) => {
    const isCommand = !name.startsWith('/');
    const parts = [host, folder, ...name.split('/')].filter((part) => part !== '').map(safePart);
    const wanted = isCommand ? `${parts.join('/')}.txt` : parts.join('/').replace(/\.gz$/, '');
    let free = wanted;
    // other systems take A and a for the same
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${wanted}.${number}`;
    taken.add(free.toLowerCase());
    return free;
  };
}

function safePart(part: string): string {
  return /^\.{1,2}$/.test(part) ? '_' : part.replaceAll(/[^\p{L}\p{N} ._@+=,~-]/gu, '_');
}
