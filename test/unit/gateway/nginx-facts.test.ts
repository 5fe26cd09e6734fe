import { describe, expect, it } from 'vitest';
import {
  type NginxBuild,
  atLeast,
  parseNginxFacts,
  parseNginxVersion,
  parseVersion,
  unsupportedReason,
} from '../../../src/gateway/nginx-facts.ts';

const DEBIAN_12 = `nginx version: nginx/1.22.1
built with OpenSSL 3.0.22 25 Aug 2026 (running with OpenSSL 3.0.19 27 Jan 2026)
TLS SNI support enabled
configure arguments: --prefix=/usr/share/nginx --with-http_ssl_module --with-http_stub_status_module --with-http_realip_module --with-http_v2_module
`;

// A directive that this nginx or this OpenSSL doesn't know would make every deploy to the host fail.
describe('what "nginx -V" tells', () => {
  it.each<[string, string, NginxBuild]>([
    [
      "Debian's, built with a newer OpenSSL than the one that runs",
      DEBIAN_12,
      {
        version: [1, 22, 1],
        openssl: [3, 0, 19],
        modules: { ssl: true, http2: true, stubStatus: true, realip: true },
      },
    ],
    [
      "Ubuntu's, which adds its name",
      'nginx version: nginx/1.18.0 (Ubuntu)\nbuilt with OpenSSL 1.1.1f  31 Mar 2020\nconfigure arguments: --with-http_ssl_module --with-http_v2_module',
      {
        version: [1, 18, 0],
        openssl: [1, 1, 1],
        modules: { ssl: true, http2: true, stubStatus: false, realip: false },
      },
    ],
    [
      "Amazon Linux 2's OpenSSL 1.0.2",
      'nginx version: nginx/1.22.1\nbuilt with OpenSSL 1.0.2k-fips  26 Jan 2017\nconfigure arguments: --with-http_ssl_module',
      {
        version: [1, 22, 1],
        openssl: [1, 0, 2],
        modules: { ssl: true, http2: false, stubStatus: false, realip: false },
      },
    ],
    [
      'OpenResty, whose version begins with that of its nginx',
      'nginx version: openresty/1.25.3.1\nbuilt with OpenSSL 3.5.0 8 Apr 2025\nconfigure arguments: --with-http_ssl_module --with-http_v2_module --with-http_stub_status_module',
      {
        version: [1, 25, 3],
        openssl: [3, 5, 0],
        modules: { ssl: true, http2: true, stubStatus: true, realip: false },
      },
    ],
    [
      'another TLS library, of which no curve is known',
      'nginx version: nginx/1.28.0\nbuilt with LibreSSL 3.8.2\nconfigure arguments: --with-http_ssl_module --with-http_v2_module',
      {
        version: [1, 28, 0],
        openssl: undefined,
        modules: { ssl: true, http2: true, stubStatus: false, realip: false },
      },
    ],
  ])('%s', (_, output, build) => {
    expect(parseNginxVersion(output)).toEqual(build);
  });

  it.each(['', 'sh: 1: nginx: not found', 'nginx: command not found', 'nginx version: 1.22'])(
    'refuses %j, which tells nothing',
    (output) => {
      expect(() => parseNginxVersion(output)).toThrow(/did not print nginx's version/);
    },
  );
});

describe('versions', () => {
  it.each([
    ['1.25.1', '1.25.1', true],
    ['1.25.0', '1.25.1', false],
    ['1.26.0', '1.25.1', true],
    ['2.0.0', '1.25.1', true],
    ['1.9.15', '1.18.0', false],
  ])('%s is at least %s: %s', (version, oldest, expected) => {
    const [a, b] = [parseVersion(version), parseVersion(oldest)];
    expect(a !== undefined && b !== undefined && atLeast(a, b)).toBe(expected);
  });

  it.each(['', '1.22', '1.22.1.4', 'nginx/1.22.1', 'latest'])('%j is no version', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it('knows OpenSSL’s letters', () => {
    expect(parseVersion('1.1.1w')).toEqual([1, 1, 1]);
  });
});

describe('an nginx that the gateway cannot run on is named before anything is deployed', () => {
  const build = parseNginxVersion(DEBIAN_12);

  it('takes the oldest one that was verified', () => {
    expect(unsupportedReason({ ...build, version: [1, 18, 0] })).toBeUndefined();
  });

  it('refuses an older one', () => {
    expect(unsupportedReason({ ...build, version: [1, 16, 1] })).toBe(
      'nginx 1.16.1 is too old: the gateway needs 1.18.0 or newer.',
    );
  });

  it('refuses one without TLS', () => {
    expect(unsupportedReason({ ...build, modules: { ...build.modules, ssl: false } })).toMatch(/without TLS/);
  });
});

describe('what a proxy reports', () => {
  it('is its nginx, whether it has IPv6, and its addresses', () => {
    const output = `${DEBIAN_12}dcvops: ipv6\ndcvops: address 127.0.0.1/8\ndcvops: address fd00::1/64\n`;
    expect(parseNginxFacts(output)).toEqual({
      ...parseNginxVersion(DEBIAN_12),
      hasIPv6: true,
      ownAddresses: ['127.0.0.1', 'fd00::1'],
    });
    expect(parseNginxFacts(DEBIAN_12)).toMatchObject({ hasIPv6: false, ownAddresses: [] });
  });

  it('may be that there is no nginx', () => {
    expect(parseNginxFacts('dcvops: ipv6\n')).toBeUndefined();
  });
});
