/** What dcvops told of a run under `--json -v`, and when, on the bench's own clock. */
export interface TimedRun {
  /** In milliseconds since 1970, as the events' own times. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** NDJSON. */
  readonly events: string;
}

/** A part of a run: from one event to the next one that matters. */
export interface StepTime {
  readonly name: string;
  readonly from: number;
  readonly ms: number;
}

interface Event {
  readonly time: string;
  readonly type: string;
  readonly step?: string;
  readonly state?: string;
  readonly name?: string;
}

/**
 * Cuts a run into steps without gaps, so that they add up to the whole: `start` up to the first step, then each step up
 * to its end; what lies between two steps belongs to the later one; `end` is what follows the last.
 */
export function stepsOf({ startedAt, endedAt, events }: TimedRun): StepTime[] {
  const steps: StepTime[] = [];
  let from = startedAt;
  const cut = (name: string, at: number): void => {
    steps.push({ name, from, ms: at - from });
    from = at;
  };
  for (const event of parse(events)) {
    if (event.type === 'script') continue;
    if (steps.length === 0) cut('start', Date.parse(event.time));
    else if (event.type === 'step' && event.state === 'done') cut(event.step ?? '', Date.parse(event.time));
  }
  cut('end', endedAt);
  return steps;
}

/** How many SSH connections a run made, and how many channels it opened on them: `-v` tells of each. */
export function sshCounts(events: string): { connections: number; channels: number } {
  const scripts = parse(events).filter((event) => event.type === 'script');
  const connections = scripts.filter((event) => event.name === 'connect').length;
  return { connections, channels: scripts.length - connections };
}

/**
 * How often a run waited for the far side, from the same run over two lines: the more a line's delay costs, the more often it
 * was waited for. Each figure is the least of several runs, since all that disturbs only adds.
 */
export function roundTrips(
  fastMs: readonly number[],
  slowMs: readonly number[],
  roundTripMs: number,
): number {
  return Math.max(0, Math.round((Math.min(...slowMs) - Math.min(...fastMs)) / roundTripMs));
}

function parse(events: string): Event[] {
  return events
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}
