import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';
import { DcvopsError } from '../errors.ts';

/*
 * Addresses and networks in one spelling each, so that they can be compared and sorted as text. IPv4 in IPv6's clothes
 * (`::ffff:10.0.0.1`) is IPv4, as nginx's geo has it.
 */

/** The canonical spelling of an IP address. @throws DcvopsError `inventory` when it isn't one */
export function canonicalAddress(text: string): string {
  return spelling(parseAddress(text));
}

/**
 * The canonical spelling of a network, host bits cleared; an address alone is a network of one.
 * @throws DcvopsError `inventory` when it isn't one
 */
export function canonicalNetwork(text: string): string {
  const [base, bits] = parseNetwork(text);
  return `${spelling(base)}/${bits}`;
}

/** Is every address of the first network (or address) in the second? */
export function isInside(inner: string, outer: string): boolean {
  const [innerBase, innerBits] = parseNetwork(inner);
  const [outerBase, outerBits] = parseNetwork(outer);
  return (
    innerBase.kind() === outerBase.kind() && innerBits >= outerBits && innerBase.match(outerBase, outerBits)
  );
}

/** `10.0.0.1:8443`, `[fd00::5]:8443`. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function parseAddress(text: string): Address {
  // ipaddr.js alone would take 10.1 and 0x7f.1 as well; a zone (fe80::1%eth0) means nothing in a URL.
  if (isIP(text) === 0 || text.includes('%'))
    throw new DcvopsError('inventory', `${JSON.stringify(text)} is not an IP address.`);
  return ipaddr.process(text);
}

function parseNetwork(text: string): [Address, number] {
  const [, base = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const parsed = parseAddress(base);
  const most = parsed.kind() === 'ipv4' ? 32 : 128;
  const fromMapped = isIP(base) === 6 && parsed.kind() === 'ipv4' ? 96 : 0;
  const bits = length === undefined ? most : Number(length) - fromMapped;
  if (bits < 0 || bits > most) {
    throw new DcvopsError('inventory', `${JSON.stringify(text)} is not a network such as 10.0.0.0/8.`);
  }
  const bytes = parsed.toByteArray().map((byte, index) => byte & maskByte(bits - index * 8));
  return [ipaddr.fromByteArray(bytes), bits];
}

function maskByte(bitsLeft: number): number {
  return bitsLeft >= 8 ? 255 : bitsLeft <= 0 ? 0 : 256 - 2 ** (8 - bitsLeft);
}

function spelling(parsed: Address): string {
  return 'toRFC5952String' in parsed ? parsed.toRFC5952String() : parsed.toString();
}
