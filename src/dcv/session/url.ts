import { sessionPath } from '../../inventory/session-path.ts';
import type { AgentHost, Inventory } from '../../inventory/types.ts';

/** The address that people open for a session, through the gateway. */
export function sessionUrl(
  inventory: Pick<Inventory, 'gateway' | 'proxies'>,
  agent: AgentHost,
  id: string,
): string {
  return `${gatewayUrl(inventory)}${sessionPath(agent, id)}`;
}

/** `gateway.url`, else the first proxy's address and port. */
function gatewayUrl({ gateway, proxies }: Pick<Inventory, 'gateway' | 'proxies'>): string {
  if (gateway.url !== undefined) return gateway.url;
  const host = proxies[0]?.host ?? '';
  return `https://${host.includes(':') ? `[${host}]` : host}:${gateway.listen.port}`;
}

/** The address of a session with a token in its query, from where DCV's page takes it: whoever opens it is signed in. */
export function signInUrl(url: string, token: string): string {
  return url.replace('#', `?authToken=${encodeURIComponent(token)}#`);
}
