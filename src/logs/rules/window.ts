/** What happened within a window that ends now. */
export interface WindowCount {
  readonly count: number;
  readonly firstUs: number;
}

/** Counts over a sliding window, by its own events' times. */
export interface SlidingCount {
  readonly add: (timeUs: number) => WindowCount;
}

/** A window slides by this part of itself, so it is up to so much shorter than its length. */
const STEPS = 10;

export function createSlidingCount(windowUs: number): SlidingCount {
  const stepUs = windowUs / STEPS;
  const steps: { readonly step: number; readonly firstUs: number; count: number }[] = [];
  return {
    add: (timeUs) => {
      const newest = steps.at(-1);
      // a little late counts as now: nginx's workers write their lines when their buffers are full
      const step = Math.max(Math.floor(timeUs / stepUs), newest?.step ?? -Infinity);
      if (newest?.step === step) newest.count += 1;
      else steps.push({ step, firstUs: timeUs, count: 1 });
      while ((steps[0]?.step ?? step) <= step - STEPS) steps.shift();
      return {
        count: steps.reduce((sum, { count }) => sum + count, 0),
        firstUs: steps[0]?.firstUs ?? timeUs,
      };
    },
  };
}

/** Which different things were seen in a sliding window, and which of them were strange when they were seen last. */
export interface SlidingSet {
  readonly add: (thing: string, timeUs: number, isStrange: boolean) => void;
  readonly count: () => number;
  readonly strange: () => number;
  /** When the one was last seen that was seen longest ago; undefined when there is none. */
  readonly firstUs: () => number | undefined;
}

/** Different things that are told apart in one window. */
export const MOST_THINGS = 2000;

export function createSlidingSet(windowUs: number): SlidingSet {
  // the thing seen longest ago first
  const seen = new Map<string, { readonly lastUs: number; readonly isStrange: boolean }>();
  let strange = 0;
  let sweptUs = -Infinity;

  const forget = (thing: string): void => {
    if (seen.get(thing)?.isStrange === true) strange -= 1;
    seen.delete(thing);
  };
  const sweep = (timeUs: number): void => {
    for (const [thing, { lastUs }] of seen) {
      if (timeUs - lastUs <= windowUs) return;
      forget(thing);
    }
  };

  return {
    add: (thing, timeUs, isStrange) => {
      if (timeUs - sweptUs >= windowUs / STEPS) {
        sweep(timeUs);
        sweptUs = timeUs;
      }
      forget(thing);
      if (seen.size >= MOST_THINGS) return;
      seen.set(thing, { lastUs: timeUs, isStrange });
      if (isStrange) strange += 1;
    },
    count: () => seen.size,
    strange: () => strange,
    firstUs: () => seen.values().next().value?.lastUs,
  };
}
