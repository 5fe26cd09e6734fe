import type { ScriptRecord } from '../../shell/records.ts';

/** What a command on a host told. */
export interface Probe {
  /** Its exit code; 124 when it was ended at its limit, 127 when there is no such program. */
  readonly code: number;
  /** stdout and stderr, without newlines at the end. */
  readonly output: string;
}

/** All that a script of probes told, in order, by name. */
export interface Probes {
  /** The first of that name; undefined: not asked, or not told. */
  readonly first: (name: string) => Probe | undefined;
  readonly all: (name: string) => readonly Probe[];
  /** The output of the first of that name when its command succeeded; undefined otherwise. */
  readonly text: (name: string) => string | undefined;
}

/** Reads the records of `probe` and `tell`. Pure. */
export function readProbes(records: readonly ScriptRecord[]): Probes {
  const byName = new Map<string, Probe[]>();
  for (const { name, value } of records) {
    const probe = readProbe(value);
    if (probe !== undefined) byName.set(name, [...(byName.get(name) ?? []), probe]);
  }
  const all = (name: string): readonly Probe[] => byName.get(name) ?? [];
  return {
    all,
    first: (name) => all(name)[0],
    text: (name) => {
      const probe = all(name)[0];
      return probe?.code === 0 ? probe.output : undefined;
    },
  };
}

/** `OUTPUT:CODE`; a script that was cut off in the middle tells no code. */
function readProbe(value: string): Probe | undefined {
  const match = /^(.*):(\d+)$/s.exec(value);
  if (match === null) return undefined;
  return { output: (match[1] ?? '').replace(/\n+$/, ''), code: Number(match[2]) };
}

/** Was the command ended at its limit? `timeout` says 124, or 137 when it had to be killed. */
export function hung({ code }: Probe): boolean {
  return code === 124 || code === 137;
}
