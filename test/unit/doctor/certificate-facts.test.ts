import { describe, expect, it } from 'vitest';
import { ageOf, firstToEnd, readChain } from '../../../src/doctor/certificate-facts.ts';
import { CERTIFICATE } from './healthy.ts';

/* What a user would lose: a warning before the day on which browsers refuse the gateway. */
describe('readChain', () => {
  it('reads what is a certificate, and leaves out what is not', () => {
    const [certificate, ...more] = readChain(['', CERTIFICATE, 'garbage']);
    expect(more).toEqual([]);
    expect(certificate).toMatchObject({
      subject: 'CN=10.213.66.188',
      issuer: 'CN=10.213.66.188',
      selfSigned: true,
      validTo: new Date('2036-10-03T16:09:21Z'),
    });
    expect(certificate?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says which one ends first', () => {
    expect(firstToEnd(readChain([CERTIFICATE]))?.subject).toBe('CN=10.213.66.188');
    expect(firstToEnd([])).toBeUndefined();
  });
});

describe('ageOf', () => {
  it.each([
    ['2026-11-25T16:00:00Z', { is: 'early', on: '2026-11-25' }],
    ['2026-12-01T12:00:00Z', { is: 'valid', days: 3594, on: '2036-10-03' }],
    ['2036-10-03T12:00:00Z', { is: 'valid', days: 0, on: '2036-10-03' }],
    ['2036-10-05T12:00:00Z', { is: 'expired', days: 1, on: '2036-10-03' }],
  ])('%s', (now, age) => {
    const [certificate] = readChain([CERTIFICATE]);
    if (certificate === undefined) throw new Error('the certificate of the tests cannot be read');
    expect(ageOf(certificate, new Date(now))).toEqual(age);
  });
});
