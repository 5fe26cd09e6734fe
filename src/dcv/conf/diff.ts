import type { DiffEvent } from '../../report/events.ts';
import { unifiedDiff } from '../../report/unified-diff.ts';
import { DCV_CONF } from './dcv-conf.ts';
import type { ConfFile } from './file.ts';
import { hideInLine } from './shown-settings.ts';

/**
 * What a change does to dcv.conf, with one line around it; values that may be secrets are hidden, and that one changes is
 * seen all the same.
 * @param mask hides what may let somebody in, such as a password in a URL. Pure.
 */
export function diffOfDcvConf(
  host: string,
  before: ConfFile,
  after: string,
  mask: (text: string) => string,
): DiffEvent {
  const [from, to] = [readable(before.text), readable(after)];
  const diff = unifiedDiff([DCV_CONF, from], [DCV_CONF, to], { from: '', to: '', context: 1 });
  return {
    type: 'diff',
    host,
    path: DCV_CONF,
    modeBefore: before.mode,
    modeAfter: before.mode === '' ? '644 root:root' : before.mode,
    diff: diff
      .split('\n')
      .map((line) => hideInLine(line, mask))
      .join('\n'),
  };
}

/** Bytes as text, for people. */
function readable(conf: string): string {
  return Buffer.from(conf, 'latin1').toString('utf8');
}
