import { driftOf, isHandEdited } from '../../gateway/drift.ts';
import type { FileChange, ProxyFacts } from '../../gateway/proxy-facts.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { DiffEvent } from '../../report/events.ts';
import type { GatewayContext } from './context.ts';
import { readProxy } from './read-proxy.ts';

/**
 * What was edited by hand on a proxy since dcvops wrote it, a diff for each file; none when nothing was. Only an edited
 * file costs a look at the host.
 * @param wanted what the inventory asks for, to compare with where the host keeps the file's own release no more
 * @throws DcvopsError of the connection
 */
export async function readDrift(
  context: Pick<GatewayContext, 'inventory' | 'connect' | 'who'>,
  proxy: ProxyHost,
  facts: Pick<ProxyFacts, 'live' | 'gatewayFiles'>,
  wanted: readonly FileChange[],
): Promise<DiffEvent[]> {
  if (!isHandEdited(facts)) return [];
  const { wanted: kept } = await readProxy(context, proxy, facts.live?.releaseId);
  return driftOf(proxy.name, facts, kept, wanted);
}
