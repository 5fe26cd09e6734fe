import { DcvopsError } from '../errors.ts';
import { type Reading, readAddress, readNetwork } from '../inventory/addresses.ts';

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

function valueOf(text: string, reading: Reading): string {
  if ('value' in reading) return reading.value;
  throw new DcvopsError(
    'inventory',
    `${JSON.stringify(text)} can't be used here; allowed: ${reading.allowed}.`,
  );
}
