import type { DiffEvent } from '../report/events.ts';
import { unifiedDiff } from '../report/unified-diff.ts';
import { type FileChange, type ProxyFacts, fileOnHost } from './proxy-facts.ts';

/** What a change does to each file of a host that it changes, as unified diffs. Pure. */
export function diffOf(host: string, facts: ProxyFacts, files: readonly FileChange[]): DiffEvent[] {
  return files.flatMap((file) => {
    const before = fileOnHost(facts, file.path)?.content;
    const after = file.kind === 'write' ? file.content : undefined;
    const modeBefore = modeOf(facts, file.path, before);
    const modeAfter = file.kind === 'write' ? `${file.mode} root:root` : undefined;
    if (before === after && modeBefore === modeAfter) return [];
    const from = before === undefined ? '/dev/null' : file.path;
    const to = after === undefined ? '/dev/null' : file.path;
    return {
      type: 'diff',
      host,
      path: file.path,
      modeBefore,
      modeAfter,
      diff: unifiedDiff([from, before ?? ''], [to, after ?? '']),
    };
  });
}

function modeOf(facts: ProxyFacts, path: string, content: string | undefined): string | undefined {
  if (content === undefined) return undefined;
  return facts.live?.path === path ? facts.live.mode : '644 root:root';
}
