import type { FactSet, ReachFacts } from '../../../../src/doctor/facts/fleet.ts';
import { hostOf } from '../healthy.ts';

/** How a login may fail; the target is filled in. */
export type FailureOf = Omit<Extract<ReachFacts, { ok: false }>, 'ok' | 'target' | 'via'>;

/** Makes a host one that could not be asked: nothing is known of it but why. */
export function unreached(set: FactSet, name: string, failure: FailureOf, via: string[] = []): void {
  const host = hostOf(set, name);
  host.reach = { ok: false, target: host.reach.target, via, ...failure };
  delete host.system;
  delete host.proxy;
  delete host.agent;
  delete host.leftovers;
}
