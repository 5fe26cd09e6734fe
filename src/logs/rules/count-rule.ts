import type { LogRecord } from '../record.ts';
import { createEvidence, isNear } from './evidence.ts';
import type { Observation, Rule, RuleName } from './rule.ts';
import { createSubjects } from './subjects.ts';
import { createSlidingCount } from './window.ts';

/** A rule that counts records of one subject. */
export interface CountRule {
  readonly name: RuleName;
  readonly threshold: number;
  readonly windowMs: number;
  /** Whom the record counts for; undefined when it does not count. */
  readonly subjectOf: (record: LogRecord) => string | undefined;
  readonly describe: (subject: string, count: number) => Pick<Observation, 'what' | 'lookAt'>;
}

export function createCountRule({ name, threshold, windowMs, subjectOf, describe }: CountRule): Rule {
  const windowUs = windowMs * 1000;
  const subjects = createSubjects(windowUs, () => ({
    all: createSlidingCount(windowUs),
    /** Only what came since the last observation is over: nothing is told twice. */
    fresh: createSlidingCount(windowUs),
    quietUntilUs: -Infinity,
    evidence: createEvidence(),
  }));
  return {
    name,
    observe: (record, timeUs) => {
      const subject = subjectOf(record);
      if (subject === undefined) return undefined;
      const state = subjects.at(record.host, subject, timeUs);
      const { count, firstUs } = state.all.add(timeUs);
      if (timeUs < state.quietUntilUs) return undefined;
      const fresh = state.fresh.add(timeUs).count;
      if (isNear(fresh, threshold)) state.evidence.add(record.raw);
      if (fresh < threshold) return undefined;
      state.quietUntilUs = timeUs + windowUs;
      state.fresh = createSlidingCount(windowUs);
      return {
        subject,
        count,
        threshold,
        firstUs,
        lastUs: timeUs,
        lines: state.evidence.lines(),
        ...describe(subject, count),
      };
    },
  };
}
