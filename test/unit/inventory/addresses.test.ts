import { isIPv6 as isIPv6ByNode } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Reading,
  contains,
  isIPv6,
  networkAround,
  readAddress,
  readAgentNetwork,
  readClientNetwork,
  readHost,
  readHostAddress,
  readNetwork,
} from '../../../src/inventory/addresses.ts';

function valueOf(reading: Reading): string | undefined {
  return 'value' in reading ? reading.value : undefined;
}

function allowedOf(reading: Reading): string | undefined {
  return 'allowed' in reading ? reading.allowed : undefined;
}

describe('isIPv6: reads what Node reads, without its wait', () => {
  const pieces = fc.array(
    fc.constantFrom('0', '1', 'ffff', 'A5', '12345', '::', ':', '.', '10.0.0.5', '01', '%', 'eth0', 'g'),
  );
  it.each([
    ['any address', fc.ipV6()],
    ['an address with something at its end', fc.tuple(fc.ipV6(), fc.string()).map((parts) => parts.join(''))],
    ['an address with a zone', fc.tuple(fc.ipV6(), fc.string()).map((parts) => parts.join('%'))],
    ['what looks like one', pieces.map((parts) => parts.join(''))],
    ['any text', fc.string({ unit: 'grapheme' })],
  ])('%s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(isIPv6(text)).toBe(isIPv6ByNode(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '::',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2:3:4:5:6:10.0.0.5',
    '::1]/[::1',
    '::1\n',
    '[::1]',
  ])('%j', (text) => {
    expect(isIPv6(text)).toBe(isIPv6ByNode(text));
  });
});

describe('an address', () => {
  it.each([
    ['10.0.0.5', '10.0.0.5'],
    ['FD00:0:0::05', 'fd00::5'],
    ['[fd00::5]', 'fd00::5'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['64:ff9b::10.0.0.5', '64:ff9b::a00:5'],
  ])('%s is %s, the one spelling that URLs, geo maps and keys use', (text, expected) => {
    expect(readAddress(text)).toEqual({ value: expected });
  });

  it.each([
    '010.0.0.5',
    '10.0.5',
    '0x0a000005',
    '167772165',
    '10.0.0.256',
    '10.0.0.5 ',
    ' 10.0.0.5',
    '10.0.0.5\n',
    '10.0.0.5:22',
    'fd00::5::1',
    'fd00::12345',
    '[10.0.0.5]',
    'localhost',
    '',
  ])('%j is none', (text) => {
    expect(valueOf(readAddress(text))).toBeUndefined();
  });

  it('is not written as IPv4 in IPv6: the gateway’s lists would not know it', () => {
    expect(allowedOf(readAddress('::ffff:10.0.0.5'))).toContain('10.0.0.5');
    expect(allowedOf(readAddress('::ffff:a00:5'))).toContain('10.0.0.5');
  });

  it('has no zone: it would mean another interface on the proxy', () => {
    expect(allowedOf(readAddress('fe80::1%eth0'))).toContain('zone');
  });

  it('has one spelling, whatever the input’s', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const first = valueOf(readAddress(text));
        // IPv4-mapped ones are refused
        if (first !== undefined) expect(readAddress(first.toUpperCase())).toEqual({ value: first });
      }),
    );
  });
});

describe('a machine’s own address', () => {
  it.each([
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '169.254.169.254',
    '::',
    'ff02::1',
    'fe80::1',
  ])('is not %s', (text) => {
    expect(allowedOf(readHostAddress(text))).toContain('the address of one host');
  });

  it.each(['127.0.0.1', '::1', '192.0.2.7', '100.64.0.1', 'fd00::5'])('may be %s', (text) => {
    expect(readHostAddress(text)).toEqual({ value: text });
  });
});

describe('a proxy’s address', () => {
  it.each([
    ['gateway.example.com', 'gateway.example.com'],
    ['GATEWAY', 'gateway'],
    ['fd00:0::1', 'fd00::1'],
    ['3com.example', '3com.example'],
  ])('may be %s', (text, expected) => {
    expect(readHost(text)).toEqual({ value: expected });
  });

  it.each([
    ['10.0.0.256', 'host name'],
    ['1.2', 'host name'],
    ['host.0x7f', 'host name'],
    ['224.0.0.1', 'multicast'],
    ['a_b', 'host name'],
    ['-x', 'host name'],
    ['a b', 'host name'],
    ['host.', 'host name'],
    ['10.0.0.1:50000', 'ssh.port'],
    ['ec2-user@10.0.0.1', 'ssh.user'],
    ['', 'host name'],
  ])('%j is refused, naming %s', (text, part) => {
    expect(allowedOf(readHost(text))).toContain(part);
  });
});

describe('a network', () => {
  it.each([
    ['10.150.248.0/24', '10.150.248.0/24'],
    ['10.150.248.7', '10.150.248.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['FD00:150:0::/64', 'fd00:150::/64'],
    ['fd00::5', 'fd00::5/128'],
  ])('%s is %s', (text, expected) => {
    expect(readNetwork(text)).toEqual({ value: expected });
  });

  it.each([
    ['10.150.248.5/24', '10.150.248.0/24, the network'],
    ['fd00::5/64', 'fd00::/64, the network'],
    ['10.0.0.0/33', '/0 to /32'],
    ['10.0.0.0/08', '/0 to /32'],
    ['10.0.0.0/', '/0 to /32'],
    ['10.0.0.0/24/8', 'a network such as'],
    ['10.0.0.0/255.0.0.0', '/0 to /32'],
    ['010.0.0.0/8', 'a network such as'],
    ['any', 'a network such as'],
    ['::ffff:10.0.0.0/104', '10.0.0.0'],
  ])('%s is refused, saying %s', (text, part) => {
    expect(allowedOf(readNetwork(text))).toContain(part);
  });

  it('of agents is no half of the Internet, which the gateway would relay to', () => {
    expect(allowedOf(readAgentNetwork('0.0.0.0/0'))).toContain('/8 or smaller');
    expect(allowedOf(readAgentNetwork('::/0'))).toContain('/16 or smaller');
    expect(valueOf(readAgentNetwork('10.0.0.0/8'))).toBe('10.0.0.0/8');
  });

  it('of clients is never everyone: "any" has to be said', () => {
    for (const text of ['0.0.0.0/0', '::/0', 'any']) {
      expect(allowedOf(readClientNetwork(text))).toContain('allow: any');
    }
  });

  it.each([
    ['10.150.248.0/24', '10.150.248.255', true],
    ['10.150.248.0/24', '10.150.249.0', false],
    ['10.0.0.0/8', 'fd00::5', false],
    ['fd00:150::/64', 'fd00:150::1', true],
    ['fd00:150::/64', 'fd00:150:0:1::1', false],
    ['::/16', '10.0.0.5', false],
  ])('%s holds %s: %s', (network, address, expected) => {
    expect(contains(network, address)).toBe(expected);
  });

  it('around an address holds it', () => {
    expect(networkAround('10.150.248.180', 24)).toBe('10.150.248.0/24');
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, bits) =>
        contains(networkAround(address, bits), address),
      ),
    );
  });
});
