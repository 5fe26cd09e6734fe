import { LOG_FILES } from '../../gateway/config/logs.ts';
import type { ProxyFacts } from '../facts/proxy.ts';
import type { SystemFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';
import type { Probes } from './probes.ts';

/** Reads who rotates the gateway's logs, and how large they are. Pure. */
export function parseLogRotation({ text }: Probes, system: SystemFacts): ProxyFacts['logRotation'] {
  return {
    file: fileFor(LOG_FILES.access, text('log-rotation')),
    scheduled: isScheduled((text('log-rotation-runs') ?? '').split(' '), system),
    logs: linesOf(text('gateway-logs')).flatMap((line) => {
      const [, bytes, mode, path] = /^(\d{1,15}) (\d{3,4} \S+)\|(\/.*)$/.exec(line) ?? [];
      if (mode === undefined || path === undefined) return [];
      return [{ path, sizeKiB: Math.ceil(Number(bytes) / 1024), mode }];
    }),
  };
}

/** Lines of logrotate's files that name logs, as `FILE:/var/log/nginx/*.log /var/log/other.log {`. */
function fileFor(log: string, text: string | undefined): string | undefined {
  for (const line of linesOf(text)) {
    const [, file, patterns = ''] = /^(\/[^:]*):(.*)$/.exec(line) ?? [];
    const words = patterns.split(/[\s{"]+/).filter((word) => word.startsWith('/'));
    if (words.some((word) => matches(word, log))) return file;
  }
  return undefined;
}

/** A pattern of the shell; what logrotate's files hold besides `*` and `?` is taken as it is. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .slice(0, 200)
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`).test(path);
}

/** Debian's cron job leaves it to the timer where there is one. */
function isScheduled(told: readonly string[], { units }: SystemFacts): boolean {
  if (!told.includes('program')) return false;
  const timer = units?.['logrotate.timer'];
  if (timer !== undefined && timer.load !== 'not-found') return timer.active === 'active';
  return told.includes('cron');
}
