import type { InventoryFacts } from './facts/fleet.ts';

/** How browsers name a gateway to what is behind it. */
export interface GatewayName {
  /** The `Host` header: with the port, unless it is 443. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  /** The `Origin` header of the gateway's pages. */
  readonly origin: string;
}

/** The name that people open: `gateway.url`, else every proxy's address. Pure. */
export function gatewayNames({
  gateway,
  proxies,
}: Pick<InventoryFacts, 'gateway' | 'proxies'>): GatewayName[] {
  const urls =
    gateway.url === undefined
      ? proxies.map(({ address }) => `https://${bracketed(address)}:${gateway.port}`)
      : [gateway.url];
  return urls.flatMap((url) => {
    if (!URL.canParse(url)) return [];
    const { host, hostname, port, origin } = new URL(url);
    return [{ host, hostname, port: port === '' ? 443 : Number(port), origin }];
  });
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
