import { diffOfDcvConf } from '../../dcv/conf/diff.ts';
import type { RetirePlan, UndoPlan } from '../../doctor/retire/types.ts';
import { mask } from '../../logs/mask.ts';
import type { DiffEvent } from '../../report/events.ts';

/** What a plan does to dcv.conf; undefined: it leaves it alone. Pure. */
export function diffOfConf(plan: RetirePlan | UndoPlan): DiffEvent | undefined {
  if (plan.conf === undefined) return undefined;
  const { before } = plan.conf;
  const after = plan.kind === 'retire' ? plan.conf.edit.text : plan.conf.text;
  return diffOfDcvConf(plan.host, before, after, mask);
}
