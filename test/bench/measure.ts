import { type CommandResult, attempt } from '../lab/command.ts';

/** One command of a comparison. It must succeed: a figure about a command that failed says nothing. */
export type Run = () => Promise<CommandResult>;

/**
 * A comparison, pair by pair: what was measured next to each other met the same machine. Wall times of commands are in
 * milliseconds.
 */
export type Pairs = Turns<number>;

/** The one number for each side and for the comparison. */
export interface Medians {
  readonly ours: number;
  readonly theirs: number;
  /** The median of the pairs' ratios, which is not the ratio of the medians: a busy second strikes both sides of a pair. */
  readonly ratio: number;
}

/** Measures A B A B …, after one run of each that does not count. */
export async function sideBySide(ours: Run, theirs: Run, pairs: number): Promise<Pairs> {
  return takeTurns(
    () => timed(ours),
    () => timed(theirs),
    pairs,
  );
}

/** What two did in turns, in the order of the turns. */
export interface Turns<T> {
  readonly ours: readonly T[];
  readonly theirs: readonly T[];
}

/** Asks A B A B …, after one turn of each that does not count. */
export async function takeTurns<T>(
  ours: () => Promise<T>,
  theirs: () => Promise<T>,
  pairs: number,
): Promise<Turns<T>> {
  await ours();
  await theirs();
  const turns = { ours: [] as T[], theirs: [] as T[] };
  for (let pair = 0; pair < pairs; pair += 1) {
    turns.ours.push(await ours());
    turns.theirs.push(await theirs());
  }
  return turns;
}

/** How long a command takes from its start to its end, in milliseconds. */
export async function timed(run: Run): Promise<number> {
  const startedAt = performance.now();
  const { code, stdout, stderr } = await run();
  const elapsedMs = performance.now() - startedAt;
  if (code !== 0) throw new Error(`a command of the benchmark failed (exit ${code}):\n${stdout}${stderr}`);
  return elapsedMs;
}

/** No command of a benchmark takes longer; one that hangs ends the benchmark, not the evening. */
const COMMAND_LIMIT_MS = 60_000;

/** Runs a program with a limit. */
export function limited(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<CommandResult> {
  return attempt(argv, { env, cwd, signal: AbortSignal.timeout(COMMAND_LIMIT_MS) });
}

export function mediansOf({ ours, theirs }: Pairs): Medians {
  const ratios = ours.map((time, pair) => time / (theirs[pair] ?? Number.NaN));
  return { ours: median(ours), theirs: median(theirs), ratio: median(ratios) };
}

/** @throws RangeError for no values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError('no values have no median');
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The value below which that part of the values lies, the least first; NaN for no values. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
