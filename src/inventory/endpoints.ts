import { type Reading, readHost, readHostAddress, withPort } from './addresses.ts';

/** Where the gateway listens: on one address of the proxy, or on all. */
export interface Listen {
  readonly address: string | undefined;
  readonly port: number;
}

const LISTEN_ALLOWED = 'a port such as 8443, or an address and a port: 10.0.0.1:8443, "[fd00::1]:8443"';

/** Reads `gateway.listen`: a port, `ADDRESS:PORT` or `[IPv6]:PORT`. */
export function readListen(value: string | number): { value: Listen } | { allowed: string } {
  const [, addressText, portText] = /^(?:([^\s]+):)?([1-9][0-9]{0,4})$/.exec(String(value)) ?? [];
  const port = Number(portText);
  if (portText === undefined || port > 65_535) return { allowed: LISTEN_ALLOWED };
  if (addressText === undefined) return { value: { address: undefined, port } };
  // without brackets nobody can tell the port from the address's last group
  if (addressText.includes(':') !== addressText.startsWith('[')) return { allowed: LISTEN_ALLOWED };
  const address = readHostAddress(addressText);
  return 'value' in address ? { value: { address: address.value, port } } : { allowed: LISTEN_ALLOWED };
}

/** Reads `gateway.url`, what people open: https, a host, perhaps a port, nothing else; no slash at the end. */
export function readUrl(text: string): Reading {
  const allowed =
    'an address that begins with https:// and has no path, such as https://desktops.example.com:8443';
  const [, hostText = '', portText] =
    /^https:\/\/(\[[^\]/?#@\s]*\]|[^:/?#@[\]\s]+)(?::([1-9][0-9]{0,4}))?\/?$/i.exec(text) ?? [];
  const host = readHost(hostText);
  if (!('value' in host) || Number(portText ?? 0) > 65_535) return { allowed };
  return { value: urlOf(host.value, portText === undefined ? 443 : Number(portText)) };
}

/** `https://10.0.0.1:8443`; the port is left out where it is https's own. */
export function urlOf(host: string, port: number): string {
  return `https://${withPort(host, port)}`.replace(/:443$/, '');
}
