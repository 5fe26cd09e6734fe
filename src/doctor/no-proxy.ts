import { isIP } from 'node:net';
import { contains, readNetwork } from '../inventory/addresses.ts';

/**
 * Does `no_proxy` take this host out? As curl and browsers read it: names with all that ends in them, addresses, networks
 * in CIDR form, `*` for everything; ports are not looked at. Pure.
 */
export function isExempt(host: string, noProxy: string): boolean {
  const name = host.toLowerCase();
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(name, entry));
}

function matches(name: string, entry: string): boolean {
  if (isIP(name) === 0) {
    const domain = entry.replace(/^\*?\./, '').replace(/:\d+$/, '');
    return name === domain || name.endsWith(`.${domain}`);
  }
  const bare = entry.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  if (name === bare) return true;
  const network = readNetwork(bare);
  return 'value' in network && contains(network.value, name);
}
