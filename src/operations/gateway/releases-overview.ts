import type { LiveGateway, ProxyReleases } from './releases.ts';

/** One proxy in the overview of who runs what. */
export interface OverviewRow {
  readonly proxy: string;
  /** The live release's id, or why there is none. */
  readonly runs: string;
  readonly state: string;
  /** Nothing here asks for anything to be done. */
  readonly good: boolean;
}

/** Who runs what, a row a proxy. Pure. */
export function overviewRows(lists: readonly ProxyReleases[]): OverviewRow[] {
  return lists.map(({ proxy, live }) => ({
    proxy,
    runs: runs(live),
    state: stateOf(proxy, live),
    good: live?.kind === 'release' && live.asInventory,
  }));
}

function stateOf(proxy: string, live: LiveGateway | undefined): string {
  if (live?.kind === 'foreign') return live.files.join(', ');
  if (live?.kind !== 'release') return '';
  if (live.edited) return `edited by hand: dcvops releases --diff ${proxy}`;
  return live.asInventory
    ? 'as the inventory has it'
    : `not what the inventory asks for: dcvops deploy ${proxy}`;
}

/** "All 3 proxies run release 5de63378e849.", or what the others run. Pure. */
export function overviewSentence(lists: readonly ProxyReleases[]): string {
  const groups = new Map<string, string[]>();
  for (const { proxy, live } of lists) groups.set(runs(live), [...(groups.get(runs(live)) ?? []), proxy]);
  const edited = lists.filter(({ live }) => live?.kind === 'release' && live.edited);
  const byHand =
    edited.length === 0 ? '' : ` Edited by hand: ${edited.map(({ proxy }) => proxy).join(', ')}.`;
  const [first] = lists;
  if (groups.size === 1 && first?.live?.kind === 'release')
    return `All ${lists.length} proxies run release ${first.live.id}.${byHand}`;
  const parts = [...groups].map(([what, proxies]) => `${what} on ${proxies.join(', ')}`);
  return `${groups.size === 1 ? 'All are the same' : 'Not all are the same'}: ${parts.join('; ')}.${byHand}`;
}

/** What a proxy runs, in a word or two; proxies with the same words run the same. */
function runs(live: LiveGateway | undefined): string {
  if (live === undefined) return 'not read';
  switch (live.kind) {
    case 'release':
      return live.id;
    case 'foreign':
      return 'not from dcvops';
    case 'none':
      return 'no gateway';
  }
}
