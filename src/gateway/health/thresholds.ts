/** How many answers in a row it takes. */
export interface Thresholds {
  /** So many failures mark an agent down. */
  readonly downAfter: number;
  /** So many good answers bring it back. */
  readonly upAfter: number;
}

/** What is known of one agent's health. */
export interface AgentHealth {
  readonly down: boolean;
  /** So many last answers in a row say the contrary. */
  readonly contrary: number;
}

/** How an agent answered: `unknown` where nobody could tell, which counts for nothing and interrupts nothing. */
export type Verdict = 'alive' | 'dead' | 'unknown';

/** What an agent's next answer makes of what was known. An agent changes only after enough answers in a row. Pure. */
export function observe(before: AgentHealth, verdict: Verdict, thresholds: Thresholds): AgentHealth {
  if (verdict === 'unknown') return before;
  const down = verdict === 'dead';
  if (down === before.down) return { down, contrary: 0 };
  const contrary = before.contrary + 1;
  const enough = down ? thresholds.downAfter : thresholds.upAfter;
  return contrary >= enough ? { down, contrary: 0 } : { down: before.down, contrary };
}

/** Could the next answers in a row still change it? A look that has settled needs no further one. Pure. */
export function isSettled({ contrary }: AgentHealth): boolean {
  return contrary === 0;
}
