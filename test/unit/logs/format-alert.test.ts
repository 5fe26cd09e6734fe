import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAlertFormatter } from '../../../src/logs/format-alert.ts';
import type { Alert } from '../../../src/logs/watch-rules.ts';
import { createStyle } from '../../../src/report/style.ts';
import { SAMPLE_TIME_US } from './sample-record.ts';

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const NAMES = new Map([['10.150.248.180', 'agent1']]);

function format(alert: Partial<Alert>, utc = true): string {
  return createAlertFormatter({
    style: createStyle(false),
    utc,
    nameOfAgent: (address) => NAMES.get(address),
  })({
    rule: 'denied',
    subject: '10.213.0.10',
    proxy: 'gateway',
    count: 40,
    threshold: 40,
    windowMs: 300_000,
    firstUs: SAMPLE_TIME_US,
    lastUs: SAMPLE_TIME_US,
    message: '10.213.0.10 was refused 40 times within 5 min: dcvops logs --client 10.213.0.10',
    sample: [],
    ...alert,
  });
}

function accessLine(path: string, more: object = {}): string {
  const request = { client: '10.213.0.10', method: 'GET', uri: path, status: '404', agent: '10.150.248.180' };
  return JSON.stringify({ msec: 1_764_075_553.1, ...request, time: 0.003, sent: 150, ...more });
}

describe('an alert for people: who did what, what shows it, what to type', () => {
  it('says so, a line each', () => {
    expect(format({ sample: [accessLine('/10.150.248.180/wp-login.php')] })).toBe(
      `! 2026-11-25 12:49:13.123Z  gateway  denied
  10.213.0.10 was refused 40 times within 5 min
    10.213.0.10 404 agent1 /wp-login.php 3 ms 150 B
  → dcvops logs --client 10.213.0.10
`,
    );
  });

  it('has local time, as the logs have', () => {
    expect(format({}, false)).toMatch(/^! 2026-11-25 13:49:13\.123 {2}gateway/);
  });

  it('shows an IPv6 client’s command as one', () => {
    const message = '2001:db8::/64 was refused 40 times: dcvops logs --client 2001:db8::/64 --status 4xx';
    expect(format({ message })).toContain(
      '  2001:db8::/64 was refused 40 times\n  → dcvops logs --client 2001:db8::/64 --status 4xx\n',
    );
  });

  it.each([
    ['an error', '2026/11/25 12:49:13 [crit] 1#1: *4 SSL_do_handshake() failed', 'SSL_do_handshake() failed'],
    ['a line of another program', 'something else', 'something else'],
    [
      'half a line, for it was long',
      accessLine('/x').slice(0, 40),
      '{"msec":1764075553.1,"client":"10.213.0.',
    ],
    ['what a terminal would obey', '\u001b[2Jx\ny', '\\x1b[2Jx\\ny'],
    ['a long line', 'x'.repeat(500), `${'x'.repeat(93)}…`],
  ])('shows %s', (_, line, shown) => {
    expect(format({ sample: [line] }).split('\n')[2]).toBe(`    ${shown}`);
  });

  it('fits 100 columns, whatever was asked for', () => {
    const text = format({ sample: [accessLine(`/10.150.248.180/${'x'.repeat(300)}`)] });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(98);
  });
});
