import { describe, expect, it } from 'vitest';
import {
  flag,
  hostPattern,
  limit,
  loginMode,
  originPattern,
  webEndpoints,
  webPort,
  webUrlPath,
} from '../../../src/doctor/conf.ts';

/* What a user would lose: advice about a setting that DCV does not have, for what is not set has DCV's default. */
describe('dcv.conf with its defaults', () => {
  it('says what the reference says where nothing is set', () => {
    expect(webPort({})).toBe(8443);
    expect(webUrlPath({})).toBe('/');
    expect(hostPattern({})).toBe('^.+$');
    expect(originPattern({})).toBe('^https://.+$');
    expect(flag({}, 'connectivity/enable-quic-frontend')).toBe(false);
  });

  it.each([
    ['9443', 9443],
    ['"9443"', 8443],
    ['', 8443],
  ])('web-port=%s', (text, port) => {
    expect(webPort({ 'connectivity/web-port': text })).toBe(port);
  });

  it.each([
    [
      undefined,
      [
        ['0.0.0.0', 9443],
        ['::', 9443],
      ],
    ],
    [
      "['127.0.0.1:8443', '[::1]:8443']",
      [
        ['127.0.0.1', 8443],
        ['::1', 8443],
      ],
    ],
    ['["10.0.0.5"]', [['10.0.0.5', 9443]]],
    ["['::']", [['::', 9443]]],
    [
      'nonsense',
      [
        ['0.0.0.0', 9443],
        ['::', 9443],
      ],
    ],
  ])('web-listen-endpoints=%s', (text, endpoints) => {
    const conf = {
      'connectivity/web-port': '9443',
      ...(text === undefined ? {} : { 'connectivity/web-listen-endpoints': text }),
    };
    expect(webEndpoints(conf)).toEqual(endpoints.map(([address, port]) => ({ address, port })));
  });

  it.each([
    [{}, 'system'],
    [{ 'security/authentication': 'none' }, 'none'],
    [{ 'security/auth-token-verifier': '' }, 'system'],
    [{ 'security/auth-token-verifier': 'https://localhost:8444' }, 'token'],
  ] as const)('login with %o', (conf, mode) => {
    expect(loginMode(conf)).toBe(mode);
  });

  it.each([
    ['2', 2],
    ['0', undefined],
    ['-1', undefined],
    ['many', undefined],
  ])('a limit of %s', (text, number) => {
    expect(
      limit(
        { 'session-management/max-concurrent-clients': text },
        'session-management/max-concurrent-clients',
      ),
    ).toBe(number);
  });
});
