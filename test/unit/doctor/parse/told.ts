import { readFileSync } from 'node:fs';
import type { AgentFacts } from '../../../../src/doctor/facts/agent.ts';
import type { SystemFacts } from '../../../../src/doctor/facts/system.ts';
import { parseAgent } from '../../../../src/doctor/parse/agent.ts';
import { hungCommands } from '../../../../src/doctor/parse/hung.ts';
import { type Probes, readProbes } from '../../../../src/doctor/parse/probes.ts';
import { parseSystem } from '../../../../src/doctor/parse/system.ts';
import { parseRecords } from '../../../../src/shell/records.ts';

/** What one host told, as facts. */
export interface Told {
  readonly system: SystemFacts;
  readonly agent: AgentFacts;
  readonly hung: readonly string[];
}

/** The facts of a host whose script's output is kept in test/fixtures/doctor; the operator's clock is the host's. */
export function factsOfFixture(distribution: string): Told {
  const path = new URL(`../../../fixtures/doctor/${distribution}/agent.txt`, import.meta.url);
  return factsOf(readProbes(parseRecords(readFileSync(path, 'utf8'))));
}

/** The facts of a host that told these records: name → output, or output and exit code. */
export function factsOfRecords(told: Readonly<Record<string, string | readonly [string, number]>>): Told {
  const records = Object.entries(told).map(([name, value]) => {
    const [output, code] = typeof value === 'string' ? [value, 0] : value;
    return { name, value: `${output}:${code}` };
  });
  return factsOf(readProbes(records));
}

function factsOf(probes: Probes): Told {
  const clock = Number.parseFloat(probes.text('clock') ?? '0');
  const seconds = Number.isFinite(clock) ? clock : 0;
  const system = parseSystem(probes, { before: seconds, after: seconds });
  return {
    system,
    agent: parseAgent(probes, system, new Date(seconds * 1000)),
    hung: hungCommands(probes),
  };
}
