import type { RunningProgram } from '../lab/support/program.ts';
import type { TestLab } from '../lab/support/lab.ts';
import { limited, median, timed } from './measure.ts';
import { type BenchProxy, prepareProxy } from './proxy.ts';
import { type TimedRun, roundTrips, sshCounts, stepsOf } from './steps.ts';

/** Where the time of a command goes, step by step. */
export interface Breakdown {
  readonly command: string;
  readonly steps: readonly StepFigures[];
  /** SSH connections, and the channels on them. */
  readonly connections: number;
  readonly channels: number;
}

export interface StepFigures {
  readonly name: string;
  /** The median, without the slow line. */
  readonly ms: number;
  readonly roundTrips: number;
  /** TCP connections that were opened during it: to sshd, and to the gateway. */
  readonly ssh: number;
  readonly https: number;
}

/** How often the whole of a command waits for the far side. */
export interface RoundTrips {
  readonly command: string;
  readonly roundTrips: number;
}

export interface Breakdowns {
  readonly deploys: readonly Breakdown[];
  readonly rivals: readonly RoundTrips[];
}

/** What the slow line adds in each direction. */
const DELAY_MS = 100;
/** The slow line listens on addresses that the operator's side has in the lab's network. */
const HERE = '10.213.0.10';
const LINES = { fast: { ssh: 50_001 }, slow: { ssh: 50_002 } } as const;
const RUNS = 3;

/**
 * Deploys over two lines that differ in nothing but their delay: what a step takes longer over the slow one is what it waited
 * for the far side. TCP's own handshake is not part of it: the line answers that at once.
 */
export async function breakDown(lab: TestLab): Promise<Breakdowns> {
  const runs = {
    fast: await overLine(lab, 'fast', 0),
    slow: await overLine(lab, 'slow', DELAY_MS),
  };
  const trips = (of: (run: LineRuns) => readonly number[]): number =>
    roundTrips(of(runs.fast), of(runs.slow), 2 * DELAY_MS);
  return {
    deploys: (['change', 'unchanged'] as const).map((kind) => ({
      command: kind === 'change' ? 'deploy of a change' : 'deploy, unchanged',
      steps: stepFigures(runs.fast[kind], trips, kind),
      ...sshCounts(runs.fast[kind][0]?.run.events ?? ''),
    })),
    rivals: [
      { command: 'shell script: scp and four ssh calls', roundTrips: trips((run) => run.script) },
      { command: 'ssh HOST true', roundTrips: trips((run) => run.sshTrue) },
    ],
  };
}

interface LineRuns {
  readonly change: readonly ObservedRun[];
  readonly unchanged: readonly ObservedRun[];
  /** Wall times in milliseconds. */
  readonly script: readonly number[];
  readonly sshTrue: readonly number[];
}

interface ObservedRun {
  readonly run: TimedRun;
  readonly connections: readonly { readonly at: number; readonly to: string }[];
}

async function overLine(lab: TestLab, name: keyof typeof LINES, delayMs: number): Promise<LineRuns> {
  const sshPort = LINES[name].ssh;
  const line = await startLine(lab, delayMs, [
    `${HERE}:${sshPort}=10.213.66.188:50000`,
    `${HERE}:8443=10.213.66.188:8443`,
  ]);
  try {
    const proxy = await prepareProxy(lab, { name, host: HERE, sshPort });
    return await runAll(lab, proxy, line);
  } finally {
    line.endInput();
    await line.ended;
  }
}

async function runAll(lab: TestLab, proxy: BenchProxy, line: RunningProgram): Promise<LineRuns> {
  const [first, second] = proxy.inventories;
  await deploy(lab, line, first);
  const change: ObservedRun[] = [];
  const unchanged: ObservedRun[] = [];
  for (let round = 0; round < RUNS; round += 1) {
    const inventory = round % 2 === 0 ? second : first;
    change.push(await deploy(lab, line, inventory));
    unchanged.push(await deploy(lab, line, inventory));
  }
  const time = async (argv: readonly string[]): Promise<number[]> => {
    const times: number[] = [];
    for (let round = 0; round < RUNS; round += 1)
      times.push(await timed(() => limited(lab.operator.argv(argv), lab.operator.env(), lab.home)));
    return times;
  };
  return {
    change,
    unchanged,
    script: await time(proxy.rivals.script(proxy.configurations[0])),
    sshTrue: await time(proxy.rivals.sshTrue),
  };
}

async function deploy(lab: TestLab, line: RunningProgram, inventory: string): Promise<ObservedRun> {
  const startedAt = Date.now();
  const program = lab.startDcvops(['deploy', '--json', '-v', '--yes', '-i', inventory]);
  program.endInput();
  const { code, stdout, stderr } = await program.ended;
  const endedAt = Date.now();
  if (code !== 0) throw new Error(`dcvops deploy failed (exit ${code}):\n${stdout}${stderr}`);
  const connections = line
    .stdout()
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as { at: number; to: string })
    .filter(({ at }) => at >= startedAt && at <= endedAt);
  return { run: { startedAt, endedAt, events: stdout }, connections };
}

async function startLine(lab: TestLab, delayMs: number, routes: readonly string[]): Promise<RunningProgram> {
  const program = new URL('slow-line.js', import.meta.url).pathname;
  const line = lab.operator.start([process.execPath, program, String(delayMs), ...routes]);
  await line.waitFor('listening');
  return line;
}

/** A step's own time is that over the fast line; what it opened is counted in one of the runs. */
function stepFigures(
  fast: readonly ObservedRun[],
  trips: (of: (run: LineRuns) => readonly number[]) => number,
  kind: 'change' | 'unchanged',
): StepFigures[] {
  const [one] = fast;
  if (one === undefined) return [];
  return stepsOf(one.run).map((step, index) => {
    const times = (runs: readonly ObservedRun[]): number[] =>
      runs.map(({ run }) => stepsOf(run)[index]?.ms ?? Number.NaN);
    const opened = one.connections.filter(({ at }) => at >= step.from && at < step.from + step.ms);
    return {
      name: step.name,
      ms: median(times(fast)),
      roundTrips: trips((runs) => times(runs[kind])),
      ssh: opened.filter(({ to }) => to.endsWith(':50000')).length,
      https: opened.filter(({ to }) => to.endsWith(':8443')).length,
    };
  });
}
