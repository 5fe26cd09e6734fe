import { access, constants } from 'node:fs/promises';
import type { OperatorFacts } from '../../doctor/facts/operator.ts';
import { SYSTEM_KNOWN_HOSTS } from '../../ssh/host-key-check.ts';
import { readKnownHosts } from '../../ssh/known-hosts-file.ts';
import { type KnownHostsLine, isKnownHost } from '../../ssh/known-hosts.ts';
import type { Target } from '../../ssh/target.ts';
import { modeOf } from './key-files.ts';

type FileFacts = OperatorFacts['knownHosts'][number];

/**
 * Looks at the known_hosts files of these hops. A host that is missing is told with the first of its files, which is the one
 * that `dcvops trust` writes to; the others are told only where they are there.
 */
export async function readKnownHostsFiles(targets: readonly Target[]): Promise<FileFacts[]> {
  const firsts = new Set(targets.flatMap(({ knownHosts }) => knownHosts.slice(0, 1)));
  const paths = [...new Set(targets.flatMap(({ knownHosts }) => knownHosts))];
  const files = await Promise.all(paths.map(lookAt));
  const lines = new Map(
    await Promise.all(
      [...files.filter(({ state }) => state === 'ok').map(({ path }) => path), ...SYSTEM_KNOWN_HOSTS].map(
        async (path) => [path, await linesOf(path)] as const,
      ),
    ),
  );
  const isReadable = ({ knownHosts }: Target): boolean =>
    files.every(({ path, state }) => state !== 'unreadable' || !knownHosts.includes(path));
  const strangers = targets.filter(
    (target) => target.hostKeys === 'strict' && isReadable(target) && !isKnown(target, lines),
  );
  return files
    .filter(({ path, state }) => firsts.has(path) || state !== 'missing')
    .map((file) => ({
      ...file,
      unknown: [
        ...new Set(strangers.filter(({ knownHosts }) => knownHosts[0] === file.path).map(({ name }) => name)),
      ],
    }));
}

async function lookAt(path: string): Promise<Omit<FileFacts, 'unknown'>> {
  const mode = await modeOf(path);
  try {
    await access(path, constants.R_OK);
    return { path, state: 'ok', ...mode };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { path, state: code === 'ENOENT' ? 'missing' : 'unreadable', ...mode };
  }
}

/** A file that is gone, or closed, by the time it is read has nothing to say. */
async function linesOf(path: string): Promise<readonly KnownHostsLine[]> {
  return readKnownHosts([path]).catch(() => []);
}

function isKnown(
  { knownHosts, knownAs }: Target,
  lines: ReadonlyMap<string, readonly KnownHostsLine[]>,
): boolean {
  return [...knownHosts, ...SYSTEM_KNOWN_HOSTS].some((path) => isKnownHost(lines.get(path) ?? [], knownAs));
}
