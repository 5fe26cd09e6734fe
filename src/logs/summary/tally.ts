/** How often each of several names was seen, the most frequent first. */
export interface Ranking {
  readonly total: number;
  /** How many different names there are. */
  readonly names: number;
  /** There are more names than were told apart. */
  readonly namesAreAtLeast: boolean;
  readonly top: readonly { readonly name: string; readonly count: number }[];
}

export interface Tally {
  readonly add: (name: string) => void;
  readonly ranking: (most: number) => Ranking;
}

/** So many different names are told apart: it bounds memory where strangers choose the names. */
export const MOST_NAMES = 100_000;

/** Counts names. Beyond the limit, new names count in the total only. */
export function createTally(limit: number = MOST_NAMES): Tally {
  const counts = new Map<string, number>();
  let total = 0;
  let full = false;
  return {
    add: (name) => {
      total += 1;
      const count = counts.get(name);
      if (count === undefined && counts.size >= limit) full = true;
      else counts.set(name, (count ?? 0) + 1);
    },
    ranking: (most) => ({
      total,
      names: counts.size,
      namesAreAtLeast: full,
      top: [...counts]
        .map(([name, count]) => ({ name, count }))
        .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, 'en', { numeric: true }))
        .slice(0, most),
    }),
  };
}
