import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { NEVER_AGENTS } from './never-agents.ts';

/** What reading a text gave: its canonical form, or what would have been right. */
export type Reading = { readonly value: string } | { readonly allowed: string };

/**
 * Like Node's own, zone ids included. That one compiles a regular expression of 2 KB at its first use, which takes longer (7 ms on
 * Node 20) than reading a whole inventory's addresses; WHATWG's parser of hosts reads the same addresses (RFC 4291).
 */
export function isIPv6(text: string): boolean {
  const [, address = ''] = /^([0-9a-f:.]+)(?:%[0-9a-z.:-]+)?$/i.exec(text) ?? [];
  return address.includes(':') && URL.canParse(`http://[${address}]`);
}

/**
 * Reads an IP address in any spelling and gives its canonical one (RFC 5952 for IPv6). Zone ids and IPv4-mapped IPv6
 * are refused: neither says the same thing on the gateway as it does here.
 */
export function readAddress(text: string): Reading {
  if (isIPv4(text)) return { value: text };
  const inner = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (inner.includes('%') && isIPv6(inner)) {
    return { allowed: 'an address without a zone (%…): a link-local address cannot be routed' };
  }
  if (!isIPv6(inner)) return { allowed: 'an IP address such as 10.0.0.5 or fd00::5' };
  const address = ipaddr.IPv6.parse(inner);
  if (address.isIPv4MappedAddress()) {
    return { allowed: `the IPv4 address itself, ${address.toIPv4Address().toString()}` };
  }
  return { value: address.toRFC5952String() };
}

/** The same for a machine's own address: one that cannot belong to a single host is refused as well. */
export function readHostAddress(text: string): Reading {
  const reading = readAddress(text);
  if (!('value' in reading)) return reading;
  const kind = kindOfNoHost(reading.value);
  return kind === undefined ? reading : { allowed: `the address of one host (this one is ${kind})` };
}

/** The same for an agent's address: what the gateway never serves is refused, too. */
export function readAgentAddress(text: string): Reading {
  const reading = readHostAddress(text);
  return 'value' in reading ? (neverServed(reading.value) ?? reading) : reading;
}

const KINDS_OF_NO_HOST: Readonly<Record<string, string>> = {
  unspecified: 'unspecified',
  multicast: 'multicast',
  broadcast: 'broadcast',
  linkLocal: 'link-local, which cannot be routed',
};

function kindOfNoHost(address: string): string | undefined {
  // 240.0.0.0/4: ipaddr.js has one word, "reserved", for these and for the documentation networks
  if (isIPv4(address) && Number(address.split('.')[0]) >= 240) return 'reserved';
  return KINDS_OF_NO_HOST[ipaddr.parse(address).range()];
}

/** Reads a network (`10.150.248.0/24`) or a single address, which is a network of one; gives the canonical CIDR. */
export function readNetwork(text: string): Reading {
  const [, addressText = text, bitsText] = /^(.*)\/(.*)$/s.exec(text) ?? [];
  const reading = readAddress(addressText);
  if (!('value' in reading)) {
    return 'allowed' in reading && addressText.includes(':')
      ? reading
      : { allowed: 'a network such as 10.150.248.0/24, or one address' };
  }
  const address = reading.value;
  const most = isIPv4(address) ? 32 : 128;
  const bits = bitsText === undefined ? most : Number(bitsText);
  if (bitsText !== undefined && !(/^(0|[1-9][0-9]{0,2})$/.test(bitsText) && bits <= most)) {
    return { allowed: `a prefix length from /0 to /${most}` };
  }
  const network = networkOf(address, bits);
  if (network !== address) return { allowed: `${network}/${bits}, the network this address is in` };
  return { value: `${address}/${bits}` };
}

/** A network of agents. Nearly the whole Internet is none: the gateway would relay to any host in it. */
export function readAgentNetwork(text: string): Reading {
  const reading = readNetwork(text);
  if (!('value' in reading)) return reading;
  const narrowest = reading.value.includes(':') ? 16 : 8;
  const bits = Number(reading.value.split('/')[1]);
  return bits >= narrowest
    ? (neverServed(reading.value) ?? reading)
    : { allowed: `a network of /${narrowest} or smaller (the gateway relays to every host in it)` };
}

function neverServed(candidate: string): { readonly allowed: string } | undefined {
  const never = NEVER_AGENTS.find(({ network }) => isInside(candidate, network));
  if (never === undefined) return undefined;
  return { allowed: `what is not in ${never.network} (${never.what}), which the gateway never serves` };
}

/** A network of clients. Everyone is not a network: that has to be said in a word. */
export function readClientNetwork(text: string): Reading {
  const reading = readNetwork(text);
  if (text === 'any' || ('value' in reading && reading.value.endsWith('/0'))) {
    return { allowed: 'networks that are not everyone; "allow: any", without a list, means everyone' };
  }
  return reading;
}

function networkOf(address: string, bits: number): string {
  const cidr = `${address}/${bits}`;
  return isIPv4(address)
    ? ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()
    : ipaddr.IPv6.networkAddressFromCIDR(cidr).toRFC5952String();
}

/** The network of a given width around a canonical address: `networkAround('10.1.2.3', 24)` is `10.1.2.0/24`. */
export function networkAround(address: string, bits: number): string {
  return `${networkOf(address, bits)}/${bits}`;
}

/** Whether a canonical CIDR holds a canonical address; families never mix. */
export function contains(network: string, address: string): boolean {
  const [base, bits] = ipaddr.parseCIDR(network);
  const candidate = ipaddr.parse(address);
  return base.kind() === candidate.kind() && candidate.match(base, bits);
}

/** Is every address of the first network (or the address) in the second? Both are canonical. */
export function isInside(inner: string, outer: string): boolean {
  const [base, bits] = partsOf(inner);
  const [, outerBits] = partsOf(outer);
  return bits >= outerBits && contains(outer, base);
}

function partsOf(network: string): [string, number] {
  const [base = '', bits] = network.split('/');
  return [base, bits === undefined ? Infinity : Number(bits)];
}

/** `10.0.0.5:8443`, `[fd00::5]:8443`. */
export function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * A host name by RFC 1123, or an IP address, canonical. A name whose last part is a number would be read as an IPv4
 * address by some programs (`10.0.0.256`, `1.2`): refused.
 */
export function readHost(text: string): Reading {
  const address = readHostAddress(text);
  if ('value' in address) return address;
  if (isIPv4(text) || isIPv6(text) || text.includes('::') || text.includes('[')) return address;
  if (/^[^:]+:[0-9]+$/.test(text)) return { allowed: 'the address alone; its SSH port goes to ssh.port' };
  if (/^[^@]+@/.test(text)) return { allowed: 'the address alone; the user goes to ssh.user' };
  const labels = text.toLowerCase().split('.');
  const named =
    text.length <= 253 &&
    labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
    !/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '');
  return named ? { value: labels.join('.') } : { allowed: 'an IP address or a host name' };
}
