import type { AgentHost, Inventory } from '../inventory/types.ts';

/**
 * The address that people open for a session: through the gateway, with the slash that the viewer's own relative
 * addresses need, and the session's id in the fragment, which no proxy sees.
 */
export function sessionUrl(
  inventory: Pick<Inventory, 'gateway' | 'proxies'>,
  agent: AgentHost,
  id: string,
): string {
  return `${gatewayUrl(inventory)}/${agent.host}/#${encodeURIComponent(id)}`;
}

/** `gateway.url`, else the first proxy's address and port. */
function gatewayUrl({ gateway, proxies }: Pick<Inventory, 'gateway' | 'proxies'>): string {
  if (gateway.url !== undefined) return gateway.url;
  const host = proxies[0]?.host ?? '';
  return `https://${host.includes(':') ? `[${host}]` : host}:${gateway.listen.port}`;
}
