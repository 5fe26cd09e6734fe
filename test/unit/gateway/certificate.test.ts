import { describe, expect, it } from 'vitest';
import { type ServedCertificate, judgeCertificate } from '../../../src/gateway/certificate.ts';

const NOW = new Date('2026-11-23T12:00:00Z');

function certificate(changes: Partial<ServedCertificate> = {}): ServedCertificate {
  return {
    pem: '',
    sha256: '',
    subject: 'CN=desktops.example.com',
    issuer: 'CN=Example CA',
    names: ['desktops.example.com'],
    validFrom: new Date('2026-01-01T00:00:00Z'),
    validTo: new Date('2027-06-01T00:00:00Z'),
    selfSigned: false,
    chainError: undefined,
    isFor: (hostname) => hostname === 'desktops.example.com',
    ...changes,
  };
}

// A check that calls a good certificate bad is switched off; one that misses an expiry finds out with everybody else.
describe('a certificate is judged', () => {
  it.each<[string, Partial<ServedCertificate>, string[]]>([
    [
      'good',
      {},
      [
        'ok: valid until 2027-06-01, 189 days',
        'ok: for desktops.example.com',
        'ok: trusted, from CN=Example CA',
      ],
    ],
    [
      'soon to expire',
      { validTo: new Date('2026-12-13T12:00:00Z') },
      ['warning: valid until 2026-12-13, 20 days'],
    ],
    ['expired', { validTo: new Date('2026-11-22T00:00:00Z') }, ['error: expired on 2026-11-22']],
    [
      'not valid yet',
      { validFrom: new Date('2026-11-24T00:00:00Z') },
      ['error: not valid before 2026-11-24'],
    ],
    [
      'for another name',
      { isFor: () => false, names: ['a.example', '10.0.0.1'] },
      ['warning: not for desktops.example.com (for a.example, 10.0.0.1): browsers will ask'],
    ],
    [
      'without a name',
      { isFor: () => false, names: [] },
      ['warning: not for desktops.example.com (for no name at all): browsers will ask'],
    ],
    [
      'self-signed',
      { selfSigned: true, chainError: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      ['warning: self-signed: browsers will ask'],
    ],
    [
      'sent without its chain',
      { chainError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
      ['warning: from CN=Example CA, which this machine does not trust; or the file lacks the chain'],
    ],
    [
      'from an authority that this machine does not know',
      { chainError: 'SELF_SIGNED_CERT_IN_CHAIN' },
      ['warning: from CN=Example CA, which this machine does not trust (SELF_SIGNED_CERT_IN_CHAIN)'],
    ],
    // OpenSSL says so too; once is enough.
    [
      'expired, as OpenSSL sees it',
      { validTo: new Date('2026-11-22T00:00:00Z'), chainError: 'CERT_HAS_EXPIRED' },
      ['error: expired on 2026-11-22', 'ok: from CN=Example CA'],
    ],
  ])('%s', (_, changes, expected) => {
    const findings = judgeCertificate(certificate(changes), 'desktops.example.com', NOW);
    expect(findings.map(({ level, text }) => `${level}: ${text}`)).toEqual(expect.arrayContaining(expected));
    expect(findings).toHaveLength(3);
  });
});
