import type { DiffEvent } from '../../report/events.ts';
import { unifiedDiff } from '../../report/unified-diff.ts';
import type { PlacedFile } from '../session/place-file.ts';
import type { PersistFacts } from './facts.ts';

/** What persisting sessions comes to on an agent. */
export type PersistDecision =
  | { readonly kind: 'unchanged' }
  /** Write these files, enable the unit, and run it. */
  | { readonly kind: 'install'; readonly files: readonly PlacedFile[]; readonly isNew: boolean };

/** Compares what is there with what should be. Pure. */
export function decidePersist(
  { files: there, unit }: PersistFacts,
  wanted: readonly PlacedFile[],
): PersistDecision {
  const files = wanted.filter((file) => !isThere(there, file));
  if (files.length === 0 && unit.enabled && unit.active !== 'failed') return { kind: 'unchanged' };
  return { kind: 'install', files, isNew: wanted.every(({ path }) => !there.has(path)) };
}

function isThere(there: PersistFacts['files'], { path, mode, content }: PlacedFile): boolean {
  const file = there.get(path);
  return file?.mode === `${mode} root:root` && file.content === textOf(content);
}

/** What writing files changes, as unified diffs. Pure. */
export function diffOfPersisted(
  host: string,
  there: PersistFacts['files'],
  files: readonly PlacedFile[],
): DiffEvent[] {
  return files.map(({ path, mode, content }) => {
    const before = there.get(path);
    return {
      type: 'diff',
      host,
      path,
      modeBefore: before?.mode,
      modeAfter: `${mode} root:root`,
      diff: unified(before === undefined ? '/dev/null' : path, path, before?.content, textOf(content)),
    };
  });
}

/** What taking the files away changes. Pure. */
export function diffOfRemoved(host: string, there: PersistFacts['files']): DiffEvent[] {
  return [...there].map(([path, { mode, content }]) => ({
    type: 'diff',
    host,
    path,
    modeBefore: mode,
    modeAfter: undefined,
    diff: unified(path, '/dev/null', content, undefined),
  }));
}

/** @param before, after without the line end at the end; undefined: no file */
function unified(from: string, to: string, before: string | undefined, after: string | undefined): string {
  const whole = (text: string | undefined): string => (text === undefined ? '' : `${text}\n`);
  return unifiedDiff([from, whole(before)], [to, whole(after)]);
}

function textOf(content: Buffer): string {
  return content.toString().trimEnd();
}
