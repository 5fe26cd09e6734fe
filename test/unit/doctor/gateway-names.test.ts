import { describe, expect, it } from 'vitest';
import { gatewayNames } from '../../../src/doctor/gateway-names.ts';
import { healthySet } from './healthy.ts';

/* What a user would lose: DCV's expressions are compared with a name that no browser sends. */
describe('gatewayNames', () => {
  const { inventory } = healthySet();
  const named = (url: string | undefined, addresses = ['10.213.66.188'], port = 8443): unknown =>
    gatewayNames({
      gateway: { ...inventory.gateway, url, port },
      proxies: addresses.map((address) => ({ name: address, address })),
    }).map(({ host, origin }) => [host, origin]);

  it.each([
    ['the proxy and its port', named(undefined), [['10.213.66.188:8443', 'https://10.213.66.188:8443']]],
    [
      'without the port of HTTPS',
      named(undefined, ['gw.example'], 443),
      [['gw.example', 'https://gw.example']],
    ],
    ['IPv6', named(undefined, ['fd00::1']), [['[fd00::1]:8443', 'https://[fd00::1]:8443']]],
    [
      'gateway.url before all proxies',
      named('https://desks.example', ['a', 'b']),
      [['desks.example', 'https://desks.example']],
    ],
    [
      'every proxy',
      named(undefined, ['a', 'b']),
      [
        ['a:8443', 'https://a:8443'],
        ['b:8443', 'https://b:8443'],
      ],
    ],
    ['what is no URL', named('desks'), []],
  ])('%s', (_name, names, expected) => {
    expect(names).toEqual(expected);
  });
});
