import type { TrackedLog } from './tracking.ts';

/** Where the logs are to begin. */
export interface Beginning {
  /** With so many lines of each log; `all`: with its whole file, and when `sinceUs` is given, with all of that time. */
  readonly lines: number | 'all';
  /** Microseconds since 1970; rotated files are read as far as they reach into it. */
  readonly sinceUs: number | undefined;
}

/** How far a host's logs were delivered. It outlives connections. */
export interface HostState {
  /** By path. */
  readonly logs: Map<string, TrackedLog>;
  /** By feed, as `sources.ts` gives them: the last entry of a journal. */
  readonly cursors: Map<number, string>;
  /** Feeds whose journal was read up to the beginning of following. */
  readonly readJournals: Set<number>;
  /** What was told of the host. */
  readonly told: Set<string>;
  /** The host's clock when its logs were looked at first, in seconds since 1970. */
  startedAt: number | undefined;
}

export function newHostState(): HostState {
  return {
    logs: new Map(),
    cursors: new Map(),
    readJournals: new Set(),
    told: new Set(),
    startedAt: undefined,
  };
}
