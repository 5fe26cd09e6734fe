import type { ScriptRecord } from '../../../../src/shell/records.ts';

/** 2027-01-15 08:00 UTC, a day after the host was started. */
const NOW = 1_800_000_000;
const UPTIME = 86_400;

/** What a script told, as pairs. */
export type Told = readonly (readonly [name: string, value: string])[];

export function recordsOf(told: Told): ScriptRecord[] {
  return told.map(([name, value]) => ({ name, value }));
}

/** A unit that has been in its state for an hour, as `tell_state` tells it. */
export function state(properties: Readonly<Record<string, string>>, seconds = 3600): Told {
  const entered = String((UPTIME - seconds) * 1e6);
  const all = {
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    UnitFileState: 'enabled',
    NRestarts: '0',
    Result: 'success',
    ConditionResult: 'yes',
    ActiveEnterTimestampMonotonic: entered,
    ActiveExitTimestampMonotonic: entered,
    InactiveEnterTimestampMonotonic: entered,
    InactiveExitTimestampMonotonic: entered,
    ...properties,
  };
  const text = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  return [
    ['clock', `${NOW} ${UPTIME}.25`],
    ['state', text.join('')],
  ];
}

export const RUNS = state({});
export const STOPPED = state({ ActiveState: 'inactive', SubState: 'dead' });
export const FAILED = state({ ActiveState: 'failed', SubState: 'failed', Result: 'exit-code' });
export const MASKED = state({ LoadState: 'masked', ActiveState: 'inactive', UnitFileState: 'masked' });
export const MISSING = state({ LoadState: 'not-found', ActiveState: 'inactive', UnitFileState: '' });
export const LOOPS = state(
  { ActiveState: 'activating', SubState: 'auto-restart', Result: 'exit-code', NRestarts: '7' },
  1,
);
