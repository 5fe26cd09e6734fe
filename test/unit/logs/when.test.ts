import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readWhen } from '../../../src/logs/when.ts';

/** 10:30:15 in Berlin. */
const NOW = new Date('2026-11-25T09:30:15.250Z');

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** As RFC 3339 with microseconds; what is allowed when the text was refused. */
function read(text: string, utc: boolean, now = NOW): string {
  const reading = readWhen(text, { now, utc });
  if ('allowed' in reading) return reading.allowed;
  const ms = Math.floor(reading.valueUs / 1000);
  return new Date(ms).toISOString().replace('Z', `${String(reading.valueUs - ms * 1000).padStart(3, '0')}Z`);
}

describe('readWhen: an hour that is off shows the wrong lines, and nobody sees that', () => {
  it.each([
    ['now', '2026-11-25T09:30:15.250000Z'],
    ['10m', '2026-11-25T09:20:15.250000Z'],
    ['90s', '2026-11-25T09:28:45.250000Z'],
    ['2h', '2026-11-25T07:30:15.250000Z'],
    ['1d', '2026-11-24T09:30:15.250000Z'],
    ['1w', '2026-11-18T09:30:15.250000Z'],
    ['1h30m', '2026-11-25T08:00:15.250000Z'],
    ['1w2d3h4m5s', '2026-11-16T06:26:10.250000Z'],
    ['0s', '2026-11-25T09:30:15.250000Z'],
    ['99999999999w', '1970-01-01T00:00:00.000000Z'],
    ['2026-11-23T09:00:00Z', '2026-11-23T09:00:00.000000Z'],
    ['2026-11-23t09:00:00z', '2026-11-23T09:00:00.000000Z'],
    ['2026-11-23 09:00Z', '2026-11-23T09:00:00.000000Z'],
    ['2026-11-23T09:00:00.123456+05:30', '2026-11-23T03:30:00.123456Z'],
    ['2026-11-23T23:30:00.5-01:00', '2026-11-24T00:30:00.500000Z'],
    ['2026-11-23T09:00:00.123456789Z', '2026-11-23T09:00:00.123456Z'],
    ['  10m ', '2026-11-25T09:20:15.250000Z'],
  ])('%s is the same with and without --utc', (text, time) => {
    expect(read(text, false)).toBe(time);
    expect(read(text, true)).toBe(time);
  });

  it.each([
    ['2026-11-23', '2026-11-22T23:00:00.000000Z', '2026-11-23T00:00:00.000000Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000000Z', '2026-07-01T00:00:00.000000Z'],
    ['2026-11-23 09:00', '2026-11-23T08:00:00.000000Z', '2026-11-23T09:00:00.000000Z'],
    ['2026-11-23T09:00', '2026-11-23T08:00:00.000000Z', '2026-11-23T09:00:00.000000Z'],
    ['2026-11-23 09:00:30', '2026-11-23T08:00:30.000000Z', '2026-11-23T09:00:30.000000Z'],
    // as DCV and dcvops print it
    ['2026-11-23 09:00:30,161016', '2026-11-23T08:00:30.161016Z', '2026-11-23T09:00:30.161016Z'],
    ['2026-11-23 09:00:30.161', '2026-11-23T08:00:30.161000Z', '2026-11-23T09:00:30.161000Z'],
    ['2024-02-29', '2024-02-28T23:00:00.000000Z', '2024-02-29T00:00:00.000000Z'],
    ['09:00', '2026-11-25T08:00:00.000000Z', '2026-11-25T09:00:00.000000Z'],
    ['09:00:30', '2026-11-25T08:00:30.000000Z', '2026-11-25T09:00:30.000000Z'],
    ['today', '2026-11-24T23:00:00.000000Z', '2026-11-25T00:00:00.000000Z'],
    ['yesterday', '2026-11-23T23:00:00.000000Z', '2026-11-24T00:00:00.000000Z'],
    // the night of 29 March has no 02:30 in Berlin
    ['2026-03-29 02:30', '2026-03-29T01:30:00.000000Z', '2026-03-29T02:30:00.000000Z'],
  ])('%s is local, or UTC with --utc', (text, local, utc) => {
    expect(read(text, false)).toBe(local);
    expect(read(text, true)).toBe(utc);
  });

  it.each([
    ['the first of a month', '2026-03-01T12:00:00Z', '2026-02-27T23:00:00.000000Z'],
    ['the first of a year', '2026-01-01T12:00:00Z', '2025-12-30T23:00:00.000000Z'],
    [
      'half an hour past midnight, where UTC has the day before',
      '2026-11-24T23:30:00Z',
      '2026-11-23T23:00:00.000000Z',
    ],
    ['the day after the clock changed', '2026-03-30T08:00:00Z', '2026-03-28T23:00:00.000000Z'],
  ])('yesterday, seen on %s', (_, now, time) => {
    expect(read('yesterday', false, new Date(now))).toBe(time);
  });

  it.each([
    ['2026-02-30', 'a day from 01 to 28 in 2026-02'],
    ['2026-11-00', 'a day from 01 to 30 in 2026-11'],
    ['2026-13-01', 'a month from 01 to 12'],
    ['2026-00-01', 'a month from 01 to 12'],
    ['1969-12-31', 'a year from 1970 on'],
    ['0026-11-23', 'a year from 1970 on'],
    ['25:00', 'a time of day from 00:00 to 23:59:59'],
    ['24:00', 'a time of day from 00:00 to 23:59:59'],
    ['2026-11-23 09:60', 'a time of day from 00:00 to 23:59:59'],
    ['2026-11-23 09:00:60', 'a time of day from 00:00 to 23:59:59'],
    ['2026-11-23T09:00:00+24:00', 'a zone such as Z or +01:00'],
    ['2026-11-23T09:00:00+01:60', 'a zone such as Z or +01:00'],
  ])('%s is refused: %s', (text, allowed) => {
    expect(read(text, false)).toBe(allowed);
  });

  it.each([
    '',
    ' ',
    '10',
    'm',
    '10x',
    '-10m',
    '1.5h',
    '30m1h',
    '1h1h',
    '10 m',
    '9:00',
    '09',
    '2026-11',
    '23.11.2026',
    'soon',
  ])('%j is refused with what is allowed', (text) => {
    expect(read(text, false)).toMatch(
      /^how long ago \(10m, .*\), a time \(09:00, .*\), or now, today, yesterday$/,
    );
  });

  it('reads every time that Date writes', () => {
    const dates = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, fc.boolean(), (date, utc) => {
        expect(readWhen(date.toISOString(), { now: NOW, utc })).toEqual({ valueUs: date.getTime() * 1000 });
      }),
    );
  });
});
