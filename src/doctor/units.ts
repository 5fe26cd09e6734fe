import type { SystemFacts, UnitFacts } from './facts/system.ts';

/** Why a service does not run, as far as its unit tells; `loops`: it is started again and again, and ends each time. */
export type ServiceState = 'runs' | 'starting' | 'stopped' | 'failed' | 'masked' | 'missing' | 'loops';

/** So many restarts, the last one so few seconds ago, are no accident any more. */
const LOOP_RESTARTS = 3;
const LOOP_SECONDS = 600;

/** A unit of a host; undefined where there is no systemd, or where it was not asked for. */
export function unitOf({ units }: Pick<SystemFacts, 'units'>, name: string): UnitFacts | undefined {
  return units?.[name];
}

/** Judges a service. @param now seconds since 1970 */
export function serviceState(unit: UnitFacts, now: number): ServiceState {
  const { load, active, sub, result, restarts, since } = unit;
  if (load === 'masked') return 'masked';
  if (load === 'not-found') return 'missing';
  const isFresh = since !== undefined && now - since < LOOP_SECONDS;
  if (sub === 'auto-restart' || result === 'start-limit-hit' || (restarts >= LOOP_RESTARTS && isFresh)) {
    return 'loops';
  }
  if (active === 'active' || active === 'reloading') return 'runs';
  if (active === 'activating') return 'starting';
  return active === 'failed' ? 'failed' : 'stopped';
}

/** Seconds since 1970 as people read them: "2026-12-01 11:20 UTC". */
export function utc(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** " since 2026-12-01 11:20 UTC", or nothing where that is not told. */
export function sinceWhen({ since }: Pick<UnitFacts, 'since'>): string {
  return since === undefined ? '' : ` since ${utc(since)}`;
}
