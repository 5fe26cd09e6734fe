import type { LogRecord } from '../record.ts';

export type RuleName =
  'denied' | 'agents' | 'handshakes' | 'upstream_failures' | 'tls_errors' | 'new_networks' | 'outside';

/** One kind of anomalous access. It counts, and says when that is too much; how often that is told is decided elsewhere. */
export interface Rule {
  readonly name: RuleName;
  /**
   * Undefined while nothing is anomalous, and for a window after an observation of the same host and subject: then the rule begins
   * anew. `timeUs` is the record's own time.
   */
  readonly observe: (record: LogRecord, timeUs: number) => Observation | undefined;
}

/** As much as a rule's threshold, or more. */
export interface Observation {
  /** Who is counted: a client's address (an IPv6 client's /64), its network, or an agent's address. */
  readonly subject: string;
  readonly count: number;
  readonly threshold: number;
  /** When what is counted began and ended. */
  readonly firstUs: number;
  readonly lastUs: number;
  /** The last lines that were counted, as they came: three at most. */
  readonly lines: readonly string[];
  /** One sentence but for its end: who did what, how often. */
  readonly what: string;
  /** What to type next. */
  readonly lookAt: string;
}
