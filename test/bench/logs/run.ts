import { formatBytes } from '../../../src/report/quantity.ts';
import type { TestHost } from '../../lab/support/host.ts';
import type { TestLab } from '../../lab/support/lab.ts';
import { soak } from '../../lab/support/soak.ts';
import { type Row, formatGoals } from '../goals.ts';
import { mediansOf } from '../measure.ts';
import { type LoadResult, underLoad } from './load.ts';
import { measureRaw } from './raw.ts';

const MOST_MEMORY = 150e6;
const HOSTS = 20;
const SOAK_HOSTS = 10;
const SOAK_SECONDS = 300;

/** Measures `dcvops logs` on a lab with twenty agents, and prints a table. */
export async function benchLogs(lab: TestLab, tell: (line: string) => void): Promise<void> {
  const agents = lab.hosts.filter(({ role }) => role === 'agent').slice(0, HOSTS);
  const rows: Row[] = [];
  const measure = async (what: string, work: () => Promise<Row[]>): Promise<void> => {
    tell(`measuring: ${what}`);
    rows.push(...(await work()));
  };
  await measure('a log of a million lines, against ssh cat', () => raw(lab));
  await measure('the delay from write to screen', () => delay(lab, agents.slice(0, 2)));
  await measure(`${agents.length} hosts at 50,000 lines a second`, () => load(lab, agents));
  await measure('the same with a reader that sleeps', () => sleepingReader(lab, agents));
  await measure(`a soak of ${SOAK_SECONDS} s`, () => soaking(lab, agents.slice(0, SOAK_HOSTS)));
  process.stdout.write(`\n${formatGoals('LOGS', rows)}`);
}

async function raw(lab: TestLab): Promise<Row[]> {
  const { ours, theirs, ratio } = mediansOf(await measureRaw(lab));
  return [
    {
      what: 'throughput of --raw, one host, a million lines',
      goal: '0.8 of ssh HOST cat',
      measured: `${(1 / ratio).toFixed(2)}  (${(ours / 1000).toFixed(1)} s, ${(theirs / 1000).toFixed(1)} s)`,
      met: Number((1 / ratio).toFixed(2)) >= 0.8,
    },
  ];
}

async function delay(lab: TestLab, agents: readonly TestHost[]): Promise<Row[]> {
  const { lags } = await underLoad(lab, agents, { linesPerSecond: 20, seconds: 30 });
  return [
    {
      what: 'delay from write to screen, p50 and p99',
      goal: '20 ms, 100 ms',
      measured: `${lags.p50.toFixed(1)} ms, ${lags.p99.toFixed(1)} ms`,
      met: lags.p50 <= 20 && lags.p99 <= 100,
    },
  ];
}

async function load(lab: TestLab, agents: readonly TestHost[]): Promise<Row[]> {
  const linesPerSecond = 50_000 / agents.length;
  const { written, shown, lags, peakMemory } = await underLoad(lab, agents, { linesPerSecond, seconds: 30 });
  return [
    {
      what: `${agents.length} hosts, 50,000 lines a second, coloured`,
      goal: 'every line, not falling behind (1 s)',
      measured: `${shown} of ${written}, p50 ${lags.p50.toFixed(0)} ms, the last ${lags.last.toFixed(0)} ms late`,
      met: shown === written && lags.last <= 1000,
    },
    memoryRow('memory meanwhile', peakMemory),
  ];
}

async function sleepingReader(lab: TestLab, agents: readonly TestHost[]): Promise<Row[]> {
  const linesPerSecond = 50_000 / agents.length;
  const result: LoadResult = await underLoad(lab, agents, { linesPerSecond, seconds: 20 }, 25);
  const { written, shown, peakMemory } = result;
  return [
    {
      what: 'the same, a reader that sleeps for 25 s',
      goal: 'every line',
      measured: `${shown} of ${written}`,
      met: shown === written,
    },
    memoryRow('memory meanwhile', peakMemory),
  ];
}

function memoryRow(what: string, bytes: number): Row {
  return {
    what,
    goal: `at most ${formatBytes(MOST_MEMORY)}`,
    measured: formatBytes(bytes),
    met: bytes <= MOST_MEMORY,
  };
}

async function soaking(lab: TestLab, agents: readonly TestHost[]): Promise<Row[]> {
  const result = await soak(lab, agents, SOAK_SECONDS);
  const { written, lost, repeated, rotations, cuts, reboots, peakMemory } = result;
  return [
    {
      what: `soak: ${agents.length} hosts, ${SOAK_SECONDS} s; ${rotations} rotations, ${cuts} cuts, ${reboots} reboots`,
      goal: 'every line once',
      measured: `of ${written}: ${lost.length} lost, ${repeated.length} repeated`,
      met: lost.length + repeated.length === 0,
    },
    memoryRow('memory meanwhile', peakMemory),
  ];
}
