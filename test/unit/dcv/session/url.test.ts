import { describe, expect, it } from 'vitest';
import { sessionUrl } from '../../../../src/dcv/session/url.ts';
import type { AgentHost, Inventory } from '../../../../src/inventory/types.ts';

function url(given: { url?: string; proxy?: string; agent?: string; id?: string }): string {
  const inventory = {
    gateway: { url: given.url, listen: { address: undefined, port: 8443 } },
    proxies: [{ host: given.proxy ?? '10.213.66.188' }],
  } as unknown as Inventory;
  const agent = { host: given.agent ?? '10.150.248.180' } as AgentHost;
  return sessionUrl(inventory, agent, given.id ?? 'desktop-session');
}

describe('sessionUrl: the one line that people copy', () => {
  it.each([
    ['the proxy’s address', {}, 'https://10.213.66.188:8443/10.150.248.180/#desktop-session'],
    [
      'the name people open',
      { url: 'https://desks.example' },
      'https://desks.example/10.150.248.180/#desktop-session',
    ],
    ['IPv6', { proxy: 'fd00::1', agent: 'fd00::5' }, 'https://[fd00::1]:8443/fd00::5/#desktop-session'],
    ['an id made by hand', { id: 'a b/#c' }, 'https://10.213.66.188:8443/10.150.248.180/#a%20b%2F%23c'],
  ])('%s', (_what, given, wanted) => {
    expect(url(given)).toBe(wanted);
  });
});
