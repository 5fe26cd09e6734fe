import type { ProxyHost } from '../inventory/types.ts';
import { allOrNothing } from './all-or-nothing.ts';
import { type ChangeOptions, type Replaced, changeGateway } from './change-gateway.ts';
import type { GatewayContext } from './gateway-context.ts';
import { type BatchSize, batchesOf, inBatches } from './in-batches.ts';
import { putBack } from './put-back.ts';
import { renderedTarget } from './targets.ts';

export interface DeployOptions extends ChangeOptions {
  readonly batch: BatchSize;
  /** When one proxy fails, those that this command has changed get back what they had. */
  readonly allOrNothing: boolean;
}

/**
 * Deploys the gateway on proxies: the first as canary, then the rest in batches. The first failure stops it, and what
 * was not started says so. Emits an outcome for every proxy.
 */
export async function deploy(
  context: GatewayContext,
  proxies: readonly ProxyHost[],
  options: DeployOptions,
): Promise<void> {
  const batches = batchesOf(proxies, options.batch);
  if (!options.allOrNothing) {
    await inBatches(context, batches, (proxy) => deployOne(context, proxy, options));
    return;
  }
  await allOrNothing(context, batches, {
    change: (proxy, onKept) => deployOne(context, proxy, options, onKept),
    putBack: (proxy, replaced, why) => putBack(context, proxy, replaced, options, why),
  });
}

function deployOne(
  context: GatewayContext,
  proxy: ProxyHost,
  options: ChangeOptions,
  onKept?: (replaced: Replaced) => void,
): ReturnType<typeof changeGateway> {
  return changeGateway(
    context,
    proxy,
    {
      wantedRelease: undefined,
      command: 'dcvops deploy',
      prepares: true,
      showsDiff: false,
      comparesAgents: true,
      target: (facts) => renderedTarget(context.inventory, proxy, facts),
      ...(onKept === undefined ? {} : { onKept }),
    },
    options,
  );
}
