import { DcvopsError } from '../errors.ts';
import { type Reading, contains, readAddress, readNetwork } from '../inventory/addresses.ts';

/*
 * An inventory holds checked, canonical addresses. What is written into a configuration is checked once more: it may
 * come from a host, or from a caller that is not the inventory.
 */

/** The canonical spelling of an IP address. @throws DcvopsError `inventory` when it isn't one */
export function canonicalAddress(text: string): string {
  return valueOf(text, readAddress(text));
}

/**
 * The canonical spelling of a network; an address alone is a network of one.
 * @throws DcvopsError `inventory` when it isn't one
 */
export function canonicalNetwork(text: string): string {
  return valueOf(text, readNetwork(text));
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

function valueOf(text: string, reading: Reading): string {
  if ('value' in reading) return reading.value;
  throw new DcvopsError(
    'inventory',
    `${JSON.stringify(text)} can't be used here; allowed: ${reading.allowed}.`,
  );
}
