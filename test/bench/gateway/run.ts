import { aptLine, missingPrerequisites } from '../../lab/prerequisites.ts';
import type { TestLab } from '../../lab/support/lab.ts';
import { type Pairs, type Turns, median, mediansOf } from '../measure.ts';
import { type Arena, startArena } from './arena.ts';
import { idleDeploys } from './idle-deploy.ts';
import { type Carried, type Crowd, memoryPerWebSocket } from './memory.ts';
import { type Figure, type Goal, formatFigures } from './report.ts';
import { type Effort, pings, requests, throughput } from './rounds.ts';

/** In each arena. */
const EFFORT: Effort = { pairs: 4, seconds: 2, pings: 5000 };
/** Where the kernel puts processes counts for as long as they live: a figure of one arena differs by a tenth from the next one's. */
const ARENAS = 5;
const MEMORY_CROWD: Crowd = { number: 2000, perSecond: 500 };
const DEPLOY_CROWD: Crowd = { number: 2000, perSecond: 300 };
const DEPLOYS_EACH = 5;

const MINIMAL = 'nginx, a location written by hand';
const HAPROXY = 'HAProxy, the same routing';

/** Measures the rendered gateway against what people would put in its place, and prints a table. */
export async function benchGateway(useLab: () => Promise<TestLab>, tell: Tell): Promise<void> {
  const missing = missingPrerequisites(['bench']);
  if (missing.length > 0) {
    process.stdout.write(`\nGATEWAY  not measured; ${aptLine(missing)}\n`);
    return;
  }
  const figures = [
    ...(await speed(tell)),
    await inArena((arena) => memory(arena, 'little', tell)),
    await inArena((arena) => memory(arena, 'records', tell)),
    ...(await onLab(await useLab(), tell)),
  ];
  process.stdout.write(`\n${formatFigures(figures)}`);
}

type Tell = (line: string) => void;

/** All that was measured in several arenas, one after another. */
async function inArenas<T>(measure: (arena: Arena) => Promise<Turns<T>>): Promise<Turns<T>> {
  const all = { ours: [] as T[], theirs: [] as T[] };
  for (let arena = 0; arena < ARENAS; arena += 1) {
    const { ours, theirs } = await inArena(measure);
    all.ours.push(...ours);
    all.theirs.push(...theirs);
  }
  return all;
}

/** On this machine, TLS on both sides. */
async function inArena<T>(measure: (arena: Arena) => Promise<T>): Promise<T> {
  const arena = await startArena();
  try {
    return await measure(arena);
  } finally {
    await arena.stop();
  }
}

async function speed(tell: Tell): Promise<Figure[]> {
  tell(`measuring: WebSocket throughput, against ${MINIMAL}`);
  const bytes = await inArenas((arena) => throughput(arena, EFFORT));
  tell(`measuring: WebSocket pings, against ${HAPROXY}`);
  const times = await inArenas((arena) => pings(arena, EFFORT));
  const ping = (part: 'p50' | 'p99'): Figure =>
    compared(`WebSocket ping of 64 bytes, ${part}`, HAPROXY, { atMost: 1 }, microseconds, {
      ours: times.ours.map((one) => one[part]),
      theirs: times.theirs.map((one) => one[part]),
    });
  tell(`measuring: HTTP requests, against ${MINIMAL}`);
  const rates = await inArenas((arena) => requests(arena, EFFORT));
  return [
    compared('WebSocket down, 16 KiB writes', MINIMAL, { atLeast: 1.3 }, megabytesPerSecond, bytes),
    ping('p50'),
    ping('p99'),
    compared('HTTP requests for 1 KB, an agent of the inventory', MINIMAL, { atLeast: 5 }, perSecond, rates),
  ];
}

async function memory(arena: Arena, carried: Carried, tell: Tell): Promise<Figure> {
  const what = `memory of an idle WebSocket that carried ${carried === 'little' ? 'little' : '16 KiB each way'}`;
  tell(`measuring: ${what}`);
  const kilobytes = (await memoryPerWebSocket(arena, MEMORY_CROWD, carried)) / 1000;
  return { what, ours: `${kilobytes.toFixed(0)} kB`, value: kilobytes, goal: { atMost: 120 } };
}

/** A host of the lab, deployed to as people do. */
async function onLab(lab: TestLab, tell: Tell): Promise<Figure[]> {
  const crowd = `${DEPLOY_CROWD.number} idle WebSockets`;
  tell(`measuring: deploys with ${crowd}`);
  const { opened, held, withWebSockets, without } = await idleDeploys(lab, DEPLOY_CROWD, DEPLOYS_EACH);
  const [ours, theirs] = [median(withWebSockets), median(without)];
  return [
    {
      what: `deploy with ${crowd}`,
      against: 'the same, without any',
      ours: seconds(ours),
      theirs: seconds(theirs),
      value: ours / theirs,
      goal: { atMost: 1.5 },
    },
    {
      what: `of ${opened}, cut by ${withWebSockets.length} deploys`,
      ours: String(opened - held),
      value: opened - held,
      goal: { atMost: 0 },
    },
  ];
}

function compared(
  what: string,
  against: string,
  goal: Goal,
  unit: (value: number) => string,
  pairs: Pairs,
): Figure {
  const { ours, theirs, ratio } = mediansOf(pairs);
  return { what, against, ours: unit(ours), theirs: unit(theirs), value: ratio, goal };
}

function megabytesPerSecond(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB/s`;
}

function microseconds(value: number): string {
  return `${value.toFixed(0)} µs`;
}

function perSecond(requests: number): string {
  return `${requests.toFixed(0)} /s`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
