import type { DiffEvent } from '../report/events.ts';
import { unifiedDiff } from '../report/unified-diff.ts';
import { DCV_CONF, confLines } from './dcv-conf.ts';
import type { ConfFile } from './dcv-conf-file.ts';
import { dcvKey } from './dcv-keys.ts';

/** What a change does to dcv.conf, with one line around it; values that may be secrets are hidden. Pure. */
export function diffOfDcvConf(host: string, before: ConfFile, after: string): DiffEvent {
  const [from, to] = [readable(before.text), readable(after)];
  return {
    type: 'diff',
    host,
    path: DCV_CONF,
    modeBefore: before.mode,
    modeAfter: before.mode === '' ? '644 root:root' : before.mode,
    diff: unifiedDiff([DCV_CONF, from], [DCV_CONF, to], { from: '', to: '', context: 1 }),
  };
}

/** Bytes as text, for people. */
function readable(conf: string): string {
  const shown = confLines(conf).map((line) => {
    const { section, key, text, value, end } = line;
    const isSecret = dcvKey(`${section}/${key ?? ''}`)?.secret === true && value !== '[]';
    return isSecret ? `${text.slice(0, text.indexOf('=') + 1)}***${end}` : line.raw;
  });
  return Buffer.from(shown.join(''), 'latin1').toString('utf8');
}
