import { createTwoFilesPatch } from 'diff';
import type { RetirePlan, UndoPlan } from '../../doctor/retire/types.ts';
import type { DiffEvent } from '../../report/events.ts';

const DCV_CONF = '/etc/dcv/dcv.conf';

/** What a plan does to dcv.conf, with one line around each change; undefined: it leaves it alone. Pure. */
export function diffOfConf(plan: RetirePlan | UndoPlan): DiffEvent | undefined {
  if (plan.conf === undefined) return undefined;
  const { before } = plan.conf;
  const after = plan.kind === 'retire' ? plan.conf.edit.text : plan.conf.text;
  const patch = createTwoFilesPatch(DCV_CONF, DCV_CONF, readable(before.text), readable(after), '', '', {
    context: 1,
  });
  return {
    type: 'diff',
    host: plan.host,
    path: DCV_CONF,
    modeBefore: before.mode,
    modeAfter: before.mode,
    diff: patch.replace(/^(?:Index: .*\n)?=+\n/, ''),
  };
}

/** Bytes as text, for people. */
function readable(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
