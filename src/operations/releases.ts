import pLimit from 'p-limit';
import type { KeptRelease } from '../gateway/proxy-facts.ts';
import { isUnedited } from '../gateway/release.ts';
import { converseWithProxy } from '../gateway/transaction.ts';
import type { ProxyHost } from '../inventory/types.ts';
import type { ChangeOptions } from './change-gateway.ts';
import type { GatewayContext } from './gateway-context.ts';
import { outcomeOf } from './outcome.ts';

/** The releases that a proxy keeps, the newest first. */
export interface ProxyReleases {
  readonly proxy: string;
  readonly releases: readonly ListedRelease[];
}

export interface ListedRelease extends KeptRelease {
  readonly live: boolean;
  /** The live file was edited by hand since. */
  readonly edited: boolean;
}

/** Reads what each proxy keeps, side by side. Emits an outcome for a proxy that can't be read. */
export async function listReleases(
  context: GatewayContext,
  proxies: readonly ProxyHost[],
  concurrency: number,
): Promise<ProxyReleases[]> {
  const limit = pLimit(concurrency);
  const lists = await Promise.all(
    proxies.map((proxy) =>
      limit(async () => {
        try {
          return [{ proxy: proxy.name, releases: await releasesOf(context, proxy) }];
        } catch (error) {
          context.emit(outcomeOf(error, proxy.name));
          return [];
        }
      }),
    ),
  );
  return lists.flat();
}

/** Reads what one proxy keeps. @throws DcvopsError of the connection */
export async function releasesOf(
  context: GatewayContext,
  proxy: ProxyHost,
): Promise<readonly ListedRelease[]> {
  const { tls, listen } = context.inventory.gateway;
  const conversation = await converseWithProxy(await context.connect(proxy), {
    who: context.who,
    port: listen.port,
    certificate: tls.certificate,
    key: tls.key,
    wantedRelease: undefined,
    ...READ_ONLY,
  });
  await conversation.quit();
  const { live, releases } = conversation.facts;
  const edited = live !== undefined && !isUnedited(live.content);
  return [...releases]
    .sort((a, b) => b.since.getTime() - a.since.getTime())
    .map((release) => ({
      ...release,
      live: release.id === live?.releaseId,
      edited: release.id === live?.releaseId && edited,
    }));
}

/** Nothing is locked and nothing is awaited while reading. */
const READ_ONLY: Pick<ChangeOptions, 'lockWaitSeconds' | 'confirmSeconds'> = {
  lockWaitSeconds: 0,
  confirmSeconds: 1,
};
