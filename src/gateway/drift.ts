import { createTwoFilesPatch } from 'diff';
import type { DiffEvent } from '../report/events.ts';
import type { FileChange, LiveFile } from './proxy-facts.ts';
import { LIVE_FILE, isUnedited, releaseIdOf } from './release.ts';

/** A live file of dcvops that is not as dcvops wrote it. */
export type EditedFile = LiveFile & { readonly releaseId: string };

/** Was the live file edited by hand since dcvops wrote it? One that dcvops didn't write was not. */
export function isHandEdited(live: LiveFile | undefined): live is EditedFile {
  return live?.releaseId !== undefined && !isUnedited(live.content);
}

/**
 * What was edited by hand, as a unified diff: "-" is what dcvops wrote, "+" what is on the host. Pure.
 * @param kept the files of the release that the live file says it is, where the host still keeps it
 * @param wanted what to compare with where it doesn't: the files that the inventory asks for
 */
export function driftOf(
  host: string,
  live: EditedFile,
  kept: readonly FileChange[] | undefined,
  wanted: readonly FileChange[],
): DiffEvent {
  const [origin, before] = whatToCompareWith(live, contentOf(kept), contentOf(wanted));
  return {
    type: 'diff',
    host,
    path: live.path,
    modeBefore: live.mode,
    modeAfter: live.mode,
    diff: createTwoFilesPatch(live.path, live.path, before, live.content, origin, `on ${host}`).replace(
      /^Index: .*\n=+\n/,
      '',
    ),
  };
}

function whatToCompareWith(
  { releaseId }: EditedFile,
  kept: string | undefined,
  wanted: string | undefined,
): [origin: string, content: string] {
  if (kept !== undefined && releaseIdOf(kept) === releaseId && isUnedited(kept))
    return [`release ${releaseId}, as it was written`, kept];
  return wanted === undefined ? ['nothing to compare with', ''] : ['as the inventory has it', wanted];
}

function contentOf(files: readonly FileChange[] = []): string | undefined {
  const file = files.find(({ path }) => path === LIVE_FILE);
  return file?.kind === 'write' ? file.content : undefined;
}
