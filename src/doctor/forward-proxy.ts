import type { FactSet } from './facts/fleet.ts';
import { isExempt } from './no-proxy.ts';

/** The gateways' hosts that this machine's settings send through a forward proxy, with its address. Pure. */
export function gatewaysBehindForwardProxy({
  operator,
  gateways,
}: FactSet): { readonly host: string; readonly proxy: string }[] {
  const { https_proxy: forHttps, all_proxy: forAll, no_proxy: exempt = '' } = operator.forwardProxy;
  const proxy = forHttps ?? forAll;
  if (proxy === undefined) return [];
  const hosts = new Set(gateways.map(({ url }) => hostOf(url)));
  return [...hosts].filter((host) => !isExempt(host, exempt)).map((host) => ({ host, proxy }));
}

/** The host of what people open, without the brackets of IPv6. Pure. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
}
