/** Values of which percentiles are wanted, in bounded memory however many there are. */
export interface Percentiles {
  readonly add: (value: number) => void;
  /** Takes back a value that was added. */
  readonly remove: (value: number) => void;
  /** The value below or at which this share (0 to 1) of all values lies, 1 % off at most; null when there is none. */
  readonly at: (share: number) => number | null;
}

/** The middle of many values, and what all but the worst 5 % keep below. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

/** Null when there are no values. */
export function spreadOf(values: Percentiles): Spread | null {
  const [p50, p95] = [values.at(0.5), values.at(0.95)];
  return p50 === null || p95 === null ? null : { p50, p95 };
}

/** Whole numbers below have a bin each; above, each bin is 1 % wider than the one before. */
const EXACT_BELOW = 100;
const GROWTH = Math.log(1.01);
const MOST_BINS = 4096;

/** A histogram on a logarithmic scale, the core of DDSketch (arXiv:1908.10693), for values from 0 on. */
export function createPercentiles(): Percentiles {
  const bins = new Map<number, number>();
  let count = 0;
  const change = (value: number, by: 1 | -1): void => {
    const bin = binOf(value);
    bins.set(bin, (bins.get(bin) ?? 0) + by);
    count += by;
  };
  return {
    add: (value) => {
      change(value, 1);
    },
    remove: (value) => {
      change(value, -1);
    },
    at: (share) => {
      let missing = Math.max(1, Math.ceil(share * count));
      for (const [bin, amount] of [...bins].sort(([a], [b]) => a - b)) {
        missing -= amount;
        if (missing <= 0) return middleOf(bin);
      }
      return null;
    },
  };
}

function binOf(value: number): number {
  const whole = Math.max(0, Math.round(value));
  if (whole < EXACT_BELOW) return whole;
  return Math.min(MOST_BINS, EXACT_BELOW + Math.floor(Math.log(whole / EXACT_BELOW) / GROWTH));
}

function middleOf(bin: number): number {
  return bin < EXACT_BELOW ? bin : Math.round(EXACT_BELOW * Math.exp((bin - EXACT_BELOW + 0.5) * GROWTH));
}
