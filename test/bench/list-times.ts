import os from 'node:os';
import type { TestLab } from '../lab/support/lab.ts';
import { median } from './measure.ts';

/** What a list over all agents took, agent by agent. */
export interface ListTimes {
  readonly agents: number;
  readonly totalMs: number;
  /** Medians over the agents. */
  readonly connectMs: number;
  readonly scriptMs: number;
  readonly connections: number;
  readonly channels: number;
  /** How busy this machine's cores were meanwhile, from 0 to 1: operator and all hosts share them. */
  readonly busy: number;
}

/** One more list, under `-v`. */
export async function observeList(lab: TestLab): Promise<ListTimes> {
  const before = coreTimes();
  const startedAt = performance.now();
  const { code, stderr } = await lab.dcvops(['session', 'list', '-v']);
  const totalMs = performance.now() - startedAt;
  const after = coreTimes();
  if (code !== 0) throw new Error(`dcvops session list failed:\n${stderr}`);
  const lines = scriptLines(stderr);
  const connects = lines.filter(({ name }) => name === 'connect');
  const scripts = lines.filter(({ name }) => name !== 'connect');
  return {
    agents: connects.length,
    totalMs,
    connectMs: median(connects.map(({ ms }) => ms)),
    scriptMs: median(scripts.map(({ ms }) => ms)),
    connections: connects.length,
    channels: scripts.length,
    busy: (after.busy - before.busy) / (after.all - before.all),
  };
}

/** `agent1: list sessions (153 ms)` */
export function scriptLines(output: string): { host: string; name: string; ms: number }[] {
  return [...output.matchAll(/^(\S+): (.+) \((\d+) ms\)$/gm)].map((match) => ({
    host: match[1] ?? '',
    name: match[2] ?? '',
    ms: Number(match[3]),
  }));
}

function coreTimes(): { busy: number; all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of os.cpus()) {
    idle += times.idle;
    all += times.idle + times.user + times.sys + times.nice + times.irq;
  }
  return { busy: all - idle, all };
}
