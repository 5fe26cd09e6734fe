import fs from 'node:fs';

/** Mount points at or below a directory, the deepest first. */
export function mountsBelow(directory: string): string[] {
  return fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
}

export function isMounted(directory: string): boolean {
  return mountsBelow(directory).includes(directory);
}
