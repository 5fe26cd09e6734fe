import { describe, expect, it } from 'vitest';
import { gatewaysBehindForwardProxy } from '../../../src/doctor/forward-proxy.ts';
import { isExempt } from '../../../src/doctor/no-proxy.ts';
import { healthySet } from './healthy.ts';

// A gateway wrongly said to be exempt leaves people with a 407 that nobody explains.
describe('no_proxy takes out', () => {
  it.each<[string, string, boolean]>([
    ['10.213.66.188', '', false],
    ['10.213.66.188', '*', true],
    ['10.213.66.188', 'localhost,10.213.66.188', true],
    ['10.213.66.188', 'localhost 10.213.66.188:8443', true],
    ['10.213.66.188', '10.213.0.0/16', true],
    ['10.213.66.188', '10.214.0.0/16', false],
    ['10.213.66.188', '10.213.66.18', false],
    ['10.213.66.188', '.66.188', false],
    ['fd00::5', '[fd00::5]:8443', true],
    ['fd00::5', 'fd00::/16', true],
    ['desktops.example.com', '.example.com', true],
    ['desktops.example.com', 'Example.com', true],
    ['desktops.example.com', '*.example.com', true],
    ['example.com', '.example.com', true],
    ['desktops.badexample.com', 'example.com', false],
    ['desktops.example.com', 'desktops.example.com:8443', true],
    ['desktops.example.com', '10.0.0.0/8', false],
  ])('%s with "%s": %s', (host, noProxy, expected) => {
    expect(isExempt(host, noProxy)).toBe(expected);
  });
});

describe('a gateway is behind a forward proxy', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{}, undefined],
    [{ http_proxy: 'http://proxy:3128' }, undefined],
    [{ https_proxy: 'http://proxy:3128' }, 'http://proxy:3128'],
    [{ all_proxy: 'socks5://proxy:1080' }, 'socks5://proxy:1080'],
    [{ https_proxy: 'http://proxy:3128', no_proxy: '10.0.0.0/8' }, undefined],
  ])('%o: %s', (forwardProxy, proxy) => {
    const set = healthySet();
    set.operator.forwardProxy = forwardProxy;
    expect(gatewaysBehindForwardProxy(set)).toEqual(
      proxy === undefined ? [] : [{ host: '10.213.66.188', proxy }],
    );
  });
});
