import type { ProxyFacts } from '../../gateway/proxy-facts.ts';
import { converseWithProxy } from '../../gateway/transaction.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { GatewayContext } from './context.ts';

/**
 * Reads a proxy's facts and changes nothing; one round trip on an open connection.
 * @param wantedRelease a kept release whose files the facts shall hold
 * @throws DcvopsError of the connection
 */
export async function readProxy(
  { inventory, connect, who }: Pick<GatewayContext, 'inventory' | 'connect' | 'who'>,
  proxy: ProxyHost,
  wantedRelease: string | undefined,
): Promise<ProxyFacts> {
  const { tls, listen } = inventory.gateway;
  const conversation = await converseWithProxy(await connect(proxy), {
    who,
    port: listen.port,
    certificate: tls.certificate,
    key: tls.key,
    wantedRelease,
    ...NOTHING_TO_WAIT_FOR,
  });
  await conversation.quit();
  return conversation.facts;
}

/** Nothing is locked and nothing is awaited while reading. */
const NOTHING_TO_WAIT_FOR = { lockWaitSeconds: 0, confirmSeconds: 1 };
