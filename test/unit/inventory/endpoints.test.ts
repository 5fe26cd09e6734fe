import { describe, expect, it } from 'vitest';
import { readListen, readUrl, urlOf } from '../../../src/inventory/endpoints.ts';

describe('gateway.listen', () => {
  it.each([
    [8443, { address: undefined, port: 8443 }],
    ['8443', { address: undefined, port: 8443 }],
    ['10.8.0.1:443', { address: '10.8.0.1', port: 443 }],
    ['[FD00::1]:8443', { address: 'fd00::1', port: 8443 }],
  ])('%s', (text, expected) => {
    expect(readListen(text)).toEqual({ value: expected });
  });

  it.each([
    0,
    65_536,
    -1,
    8443.5,
    '',
    '08443',
    'gateway:8443',
    '10.8.0.1',
    'fd00::1:8443',
    ':8443',
    '0.0.0.0:8443',
  ])('%j is refused: the port and the address have to be clear', (text) => {
    expect(readListen(text)).toHaveProperty('allowed');
  });
});

describe('gateway.url', () => {
  it.each([
    ['https://10.213.66.188:8443', 'https://10.213.66.188:8443'],
    ['https://desktops.example.com/', 'https://desktops.example.com'],
    ['HTTPS://Desktops.Example.com:443', 'https://desktops.example.com'],
    ['https://[fd00:0::1]:8443', 'https://[fd00::1]:8443'],
  ])('%s is kept as %s', (text, expected) => {
    expect(readUrl(text)).toEqual({ value: expected });
  });

  it.each([
    'http://10.213.66.188:8443',
    '10.213.66.188:8443',
    'https://10.213.66.188:8443/desktops',
    'https://user@10.213.66.188',
    'https://10.213.66.188?x',
    'https://10.213.66.188:0',
    'https://10.213.66.188:99999',
    'https://fd00::1',
    'https://a b',
    'https://',
    'https://host\n.example',
  ])('%j is refused: links would not open', (text) => {
    expect(readUrl(text)).toHaveProperty('allowed');
  });

  it('for a proxy has brackets around IPv6 and no default port', () => {
    expect(urlOf('fd00::1', 8443)).toBe('https://[fd00::1]:8443');
    expect(urlOf('gw', 443)).toBe('https://gw');
    expect(urlOf('gw', 4430)).toBe('https://gw:4430');
  });
});
