import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';

/** One thing that is broken in a healthy fleet, and what the doctor has to say of it: this, and nothing else. */
export interface SeededFault {
  /** What happened, as a person would tell it: "dcvserver was stopped". */
  readonly name: string;
  /** Breaks a set that was healthy. Consequences that the host would show belong to it. */
  readonly breaks: (set: FactSet) => void;
  /** The check that has to find it, on this subject. */
  readonly check: string;
  readonly subject: string;
  /** A part of what the finding says that it has seen, and of its remedy. */
  readonly seen: RegExp;
  readonly remedy: RegExp;
  /** Other findings that are shown beside it, for they are no consequences: "check subject". Most have none. */
  readonly beside?: readonly string[];
}
