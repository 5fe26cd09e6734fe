import { DcvopsError } from '../../errors.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { keptTarget } from '../targets.ts';
import { type ChangeOptions, changeGateway } from './change.ts';
import type { GatewayContext } from './context.ts';
import { batchesOf, inBatches } from './in-batches.ts';
import { type ListedRelease, releasesOf } from './releases.ts';

/**
 * Brings an earlier release back on proxies, one after another, by the same transaction as a deploy. Shows the diff and
 * asks. Emits an outcome for every proxy.
 * @param to the release; undefined for the one that was live before
 */
export async function rollback(
  context: GatewayContext,
  proxies: readonly ProxyHost[],
  to: string | undefined,
  options: ChangeOptions,
): Promise<void> {
  await inBatches(context, batchesOf(proxies, { count: 1 }), (proxy) =>
    rollbackOne(context, proxy, to, options),
  );
}

async function rollbackOne(
  context: GatewayContext,
  proxy: ProxyHost,
  to: string | undefined,
  options: ChangeOptions,
): Promise<OutcomeEvent> {
  const release = chooseRelease(proxy.name, await releasesOf(context, proxy), to);
  return changeGateway(
    context,
    proxy,
    {
      wantedRelease: release,
      command: `dcvops rollback ${proxy.name} --to ${release}`,
      prepares: false,
      showsDiff: !options.dryRun,
      comparesAgents: true,
      target: (facts) => keptTarget(proxy.name, release, facts),
    },
    // What the release replaces was asked for by naming it.
    { ...options, takeOver: true },
  );
}

/** The release to go back to. Pure. @throws DcvopsError `failed` when there is none, or not that one */
export function chooseRelease(host: string, kept: readonly ListedRelease[], to: string | undefined): string {
  if (to === undefined) {
    const previous = kept.find((release) => !release.live);
    if (previous !== undefined) return previous.id;
    throw new DcvopsError('failed', 'there is no earlier release to go back to. Nothing changed.', {
      host,
      hint: 'dcvops releases',
    });
  }
  if (kept.some((release) => release.id === to)) return to;
  const known = kept.map((release) => release.id).join(', ');
  throw new DcvopsError(
    'failed',
    `release ${to} is not kept; kept are: ${known === '' ? 'none' : known}. Nothing changed.`,
    {
      host,
      hint: 'dcvops releases',
    },
  );
}
