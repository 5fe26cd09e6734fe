import { createTwoFilesPatch } from 'diff';
import type { DiffEvent } from '../report/events.ts';
import { NGINX_CONF } from './nginx-conf.ts';
import type { FileChange, ProxyFacts } from './proxy-facts.ts';

/** What a change does to each file of a host that it changes, as unified diffs. Pure. */
export function diffOf(host: string, facts: ProxyFacts, files: readonly FileChange[]): DiffEvent[] {
  return files.flatMap((file) => {
    const before = contentOf(facts, file.path);
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
      diff: createTwoFilesPatch(from, to, before ?? '', after ?? '').replace(/^Index: .*\n=+\n/, ''),
    };
  });
}

function contentOf(facts: ProxyFacts, path: string): string | undefined {
  if (path === NGINX_CONF) return facts.nginxConf;
  return [facts.live, ...facts.rivals].find((file) => file?.path === path)?.content;
}

function modeOf(facts: ProxyFacts, path: string, content: string | undefined): string | undefined {
  if (content === undefined) return undefined;
  return facts.live?.path === path ? facts.live.mode : '644 root:root';
}
