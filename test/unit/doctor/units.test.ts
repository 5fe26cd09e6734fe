import { describe, expect, it } from 'vitest';
import { serviceState, sinceWhen } from '../../../src/doctor/units.ts';
import { NO_UNIT, unit } from './healthy.ts';

const NOW = 1_800_000_000;

/* What a user would lose: "start it" is said of a service that ends each time it is started, or that somebody masked. */
describe('serviceState', () => {
  it.each([
    ['runs', unit({ since: NOW - 86_400 })],
    ['runs', unit({ active: 'reloading', since: NOW - 5 })],
    ['runs', unit({ restarts: 9, since: NOW - 3600 })],
    ['runs', unit({ restarts: 1, since: NOW - 5 })],
    ['loops', unit({ restarts: 3, since: NOW - 5 })],
    ['loops', unit({ active: 'activating', sub: 'auto-restart' })],
    ['loops', unit({ active: 'failed', result: 'start-limit-hit' })],
    ['starting', unit({ active: 'activating', sub: 'start-pre' })],
    ['failed', unit({ active: 'failed', result: 'exit-code' })],
    ['stopped', unit({ active: 'inactive' })],
    ['stopped', unit({ active: 'deactivating' })],
    ['masked', unit({ load: 'masked', active: 'inactive' })],
    ['missing', NO_UNIT],
  ])('%s', (state, facts) => {
    expect(serviceState(facts, NOW)).toBe(state);
  });

  it('says since when, where that is known', () => {
    expect(sinceWhen({ since: NOW })).toBe(' since 2027-01-15 08:00 UTC');
    expect(sinceWhen({})).toBe('');
  });
});
