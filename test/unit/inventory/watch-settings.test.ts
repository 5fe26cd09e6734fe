import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDuration, showDuration } from '../../../src/inventory/duration.ts';
import { WATCH_DEFAULTS } from '../../../src/inventory/logs-schema.ts';
import { GOOD, parse, problemsOf } from './texts.ts';

describe('what logs watch takes for anomalous', () => {
  it('has defaults, so that a fleet is watched without a word in its inventory', async () => {
    const { window, ...thresholds } = WATCH_DEFAULTS;
    expect(window).toBe('5m');
    expect((await parse(GOOD)).watch).toEqual({ ...thresholds, windowMs: 300_000 });
  });

  it('is what the inventory says; 0 and false are off', async () => {
    const { watch } = await parse(
      `${GOOD}watch: { window: 90s, denied: 7, agents: 0, handshakes: false, outside: false }\n`,
    );
    expect(watch).toMatchObject({
      windowMs: 90_000,
      denied: 7,
      agents: 0,
      handshakes: 0,
      upstreamFailures: WATCH_DEFAULTS.upstreamFailures,
      newNetworks: true,
      outside: false,
    });
  });

  it.each([
    [
      'window: 5',
      'hosts.yaml:12:18: wrong value (watch.window): found 5, allowed: a duration such as 30s, 5m or 1h, 10s to 24h, in quotes',
    ],
    [
      'window: 1s',
      'hosts.yaml:12:18: wrong value (watch.window): found "1s", allowed: a duration such as 30s, 5m or 1h, 10s to 24h',
    ],
    [
      'denied: -1',
      'hosts.yaml:12:18: wrong value (watch.denied): found -1, allowed: a whole number (0 or false: off), 0 to 1000000',
    ],
    [
      'denied: true',
      'hosts.yaml:12:18: wrong value (watch.denied): found true, allowed: a whole number (0 or false: off), 0 to 1000000',
    ],
    ['outside: 3', 'hosts.yaml:12:19: wrong value (watch.outside): found 3, allowed: true or false'],
    [
      'handshake: 3',
      'hosts.yaml:12:10: unknown key (watch.handshake): found "handshake", did you mean handshakes? Allowed: window, denied, agents, handshakes, upstream_failures, tls_errors, new_networks, outside',
    ],
  ])('a mistake would leave it unwatched, and is told: %s', async (setting, problem) => {
    expect(await problemsOf(`${GOOD}watch: { ${setting} }\n`)).toEqual([problem]);
  });
});

describe('a duration', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
  ])('%s is read', (text, ms) => {
    expect(readDuration(text)).toEqual({ value: ms });
  });

  it.each(['', '5', 'm', '0m', '5 m', '5M', '-5m', '1.5h', '5m\n', '1h30m'])('%j is none', (text) => {
    expect(readDuration(text)).toBeUndefined();
  });

  it('is shown as it is read, or inventory show would not be an inventory', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (seconds) => {
        expect(readDuration(showDuration(seconds * 1000))).toEqual({ value: seconds * 1000 });
      }),
    );
  });
});
