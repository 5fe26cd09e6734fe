import type { DiffEvent } from '../report/events.ts';
import { unifiedDiff } from '../report/unified-diff.ts';
import { POOL_FILE } from './config/default-agents.ts';
import type { FileChange, HostFile, ProxyFacts } from './proxy-facts.ts';
import { LIVE_FILE, isAsReleased, isUnedited, releaseIdOf } from './release.ts';

/** What dcvops has live on a host: the configuration, and the files that go with it. */
type LiveGateway = Pick<ProxyFacts, 'live' | 'gatewayFiles'>;

/**
 * The files of a live release that are not as dcvops wrote them, the configuration first; none where something else is
 * live. The pool's servers are state, and change by themselves.
 */
export function editedFiles({ live, gatewayFiles }: LiveGateway): HostFile[] {
  if (live?.releaseId === undefined) return [];
  return [
    ...(isUnedited(live.content) ? [] : [live]),
    // the header of an edited configuration still tells what its files were
    ...gatewayFiles.filter((file) => file.path !== POOL_FILE && !isAsReleased(live.content, file)),
  ];
}

/** Was anything edited by hand since dcvops wrote it? What dcvops didn't write was not. */
export function isHandEdited(facts: LiveGateway): boolean {
  return editedFiles(facts).length > 0;
}

/**
 * What was edited by hand, as unified diffs: "-" is what dcvops wrote, "+" what is on the host. Pure.
 * @param kept the files of the release that the live file says it is, where the host still keeps it
 * @param wanted what to compare with where it doesn't: the files that the inventory asks for
 */
export function driftOf(
  host: string,
  facts: LiveGateway,
  kept: readonly FileChange[] | undefined,
  wanted: readonly FileChange[],
): DiffEvent[] {
  const mode = facts.live?.mode ?? '';
  const [origin, files] = whatToCompareWith(facts, kept, wanted);
  return editedFiles(facts).map(({ path, content }) => ({
    type: 'diff',
    host,
    path,
    modeBefore: mode,
    modeAfter: mode,
    diff: unifiedDiff([path, contentOf(files, path) ?? ''], [path, content], {
      from: origin,
      to: `on ${host}`,
    }),
  }));
}

function whatToCompareWith(
  { live }: LiveGateway,
  kept: readonly FileChange[] | undefined,
  wanted: readonly FileChange[],
): [origin: string, files: readonly FileChange[]] {
  const config = kept === undefined ? undefined : contentOf(kept, LIVE_FILE);
  if (kept !== undefined && config !== undefined && isUnedited(config)) {
    const id = releaseIdOf(config);
    if (id === live?.releaseId) return [`release ${id}, as it was written`, kept];
  }
  return [wanted.length === 0 ? 'nothing to compare with' : 'as the inventory has it', wanted];
}

function contentOf(files: readonly FileChange[], path: string): string | undefined {
  const file = files.find((one) => one.path === path);
  return file?.kind === 'write' ? file.content : undefined;
}
