import { type Check, type Sighting, reachCheck } from '../../check.ts';
import type { FactSet, HostFacts } from '../../facts/fleet.ts';
import { type Failure, type WhyNot, whyNot } from './why-not.ts';

/** A check that finds the hosts that were not reached for one reason. */
export function failureCheck(
  why: WhyNot,
  description: Pick<Check, 'title' | 'why' | 'remedy'> & {
    readonly follows?: readonly string[];
    /** The commands for such a host; what the failure itself advises is added. */
    readonly remedyFor: (host: HostFacts, failure: Failure, set: FactSet) => readonly string[];
  },
): Check {
  const { remedyFor, ...described } = description;
  return reachCheck({
    ...described,
    id: `reach/${why}`,
    severity: 'error',
    symptoms: ['network'],
    look(host, set): Sighting | undefined {
      const found = whyNot(host, set);
      if (found?.why !== why) return undefined;
      const { message, hint, via } = found.failure;
      const advice = [...remedyFor(host, found.failure, set), ...(hint === undefined ? [] : [hint])];
      return { seen: message, remedy: [...new Set(advice)].join('\n'), involves: via };
    },
  });
}
