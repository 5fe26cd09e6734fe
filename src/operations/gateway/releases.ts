import pLimit from 'p-limit';
import { DcvopsError } from '../../errors.ts';
import { isHandEdited } from '../../gateway/drift.ts';
import type { KeptRelease, ProxyFacts } from '../../gateway/proxy-facts.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { DiffEvent } from '../../report/events.ts';
import { outcomeOf } from '../outcome.ts';
import { renderedTarget } from '../targets.ts';
import type { GatewayContext } from './context.ts';
import { readDrift } from './read-drift.ts';
import { readProxy } from './read-proxy.ts';

/** What a proxy runs and keeps. */
export interface ProxyReleases {
  readonly proxy: string;
  /** undefined when the proxy could not be read. */
  readonly live: LiveGateway | undefined;
  /** The newest first. */
  readonly releases: readonly ListedRelease[];
  /** What was edited by hand, a diff for each file; empty where nothing was, or nobody asked. */
  readonly drift: readonly DiffEvent[];
  /** Why there is nothing to tell; undefined when the proxy answered. */
  readonly problem: string | undefined;
}

/** What serves the gateway's port, as the files on a proxy say. */
export type LiveGateway =
  | {
      readonly kind: 'release';
      readonly id: string;
      /** The live file was edited by hand since. */
      readonly edited: boolean;
      /** It is what the inventory asks for; releases differ between proxies whose nginx differs. */
      readonly asInventory: boolean;
    }
  /** Something that dcvops didn't write; `files` are paths. */
  | { readonly kind: 'foreign'; readonly files: readonly string[] }
  | { readonly kind: 'none' };

export interface ListedRelease extends KeptRelease {
  readonly live: boolean;
  /** The live file was edited by hand since. */
  readonly edited: boolean;
}

/**
 * Reads what each proxy runs and keeps, side by side, in the order they were given. A proxy that can't be read gets an
 * outcome, and `problem` says why.
 * @param withDrift whether to look at what was edited by hand
 */
export async function listReleases(
  context: GatewayContext,
  proxies: readonly ProxyHost[],
  { concurrency, withDrift }: { readonly concurrency: number; readonly withDrift: boolean },
): Promise<ProxyReleases[]> {
  const limit = pLimit(concurrency);
  return Promise.all(proxies.map((proxy) => limit(() => listOne(context, proxy, withDrift))));
}

async function listOne(
  context: GatewayContext,
  proxy: ProxyHost,
  withDrift: boolean,
): Promise<ProxyReleases> {
  try {
    const facts = await readProxy(context, proxy, undefined);
    const wanted = wantedNow(context, proxy, facts);
    return {
      proxy: proxy.name,
      live: liveGateway(facts, wanted?.release),
      releases: listedReleases(facts),
      drift: withDrift ? await readDrift(context, proxy, facts, wanted?.files ?? []) : [],
      problem: undefined,
    };
  } catch (error) {
    const outcome = outcomeOf(error, proxy.name);
    context.emit(outcome);
    return {
      proxy: proxy.name,
      live: undefined,
      releases: [],
      drift: [],
      problem: outcome.message,
    };
  }
}

/** What a deploy would bring; undefined where it would fail, which is for the deploy to tell. */
function wantedNow(
  { inventory }: GatewayContext,
  proxy: ProxyHost,
  facts: ProxyFacts,
): ReturnType<typeof renderedTarget> | undefined {
  try {
    return renderedTarget(inventory, proxy, facts);
  } catch (error) {
    if (error instanceof DcvopsError) return undefined;
    throw error;
  }
}

/** Reads what one proxy keeps, the newest first. @throws DcvopsError of the connection */
export async function releasesOf(
  context: GatewayContext,
  proxy: ProxyHost,
): Promise<readonly ListedRelease[]> {
  return listedReleases(await readProxy(context, proxy, undefined));
}

/** @param wanted the release that the inventory asks for on this proxy, where it is known */
export function liveGateway(
  facts: Pick<ProxyFacts, 'live' | 'rivals' | 'gatewayFiles'>,
  wanted: string | undefined,
): LiveGateway {
  const { live, rivals } = facts;
  // nginx takes the first file in alphabetical order; a deploy leaves none but its own
  const foreign = rivals.map(({ path }) => path);
  if (live !== undefined && live.releaseId === undefined) foreign.push(live.path);
  if (foreign.length > 0) return { kind: 'foreign', files: foreign };
  if (live?.releaseId === undefined) return { kind: 'none' };
  const edited = isHandEdited(facts);
  return { kind: 'release', id: live.releaseId, edited, asInventory: !edited && live.releaseId === wanted };
}

function listedReleases(facts: Pick<ProxyFacts, 'live' | 'releases' | 'gatewayFiles'>): ListedRelease[] {
  const { live, releases } = facts;
  const edited = isHandEdited(facts);
  return [...releases]
    .sort((a, b) => b.since.getTime() - a.since.getTime())
    .map((release) => {
      const isLive = release.id === live?.releaseId;
      return { ...release, live: isLive, edited: isLive && edited };
    });
}
