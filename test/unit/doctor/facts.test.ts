import { describe, expect, it } from 'vitest';
import { type FactSet, factSet } from '../../../src/doctor/facts/fleet.ts';
import { healthySet } from './healthy.ts';

describe('a saved set is refused where it would end the diagnosis with a stack trace', () => {
  it.each<[string, (set: FactSet) => void]>([
    [
      'collectedAt',
      (set) => {
        set.collectedAt = 'yesterday';
      },
    ],
    [
      'gateways.0.url',
      (set) => {
        set.gateways = set.gateways.map((gateway) => ({ ...gateway, url: 'gateway' }));
      },
    ],
  ])('%s', (where, spoil) => {
    const set = healthySet();
    expect(factSet.safeParse(set).success).toBe(true);
    spoil(set);
    expect(factSet.safeParse(set).error?.issues.map(({ path }) => path.join('.'))).toEqual([where]);
  });
});
