/**
 * `npm test`: checks that the machine has what the tests need, runs them, takes the lab down and says what came of it.
 * Arguments go to vitest (`npm test -- --project unit`); `--long` adds the soaks.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { COUNTS_FILE, type Counts } from './count-reporter.ts';
import { exitCode, PROGRAM_PATH } from './lab/command.ts';
import { down } from './lab/down.ts';
import { ensureImage } from './lab/image/image.ts';
import { ensurePackages } from './lab/install-packages.ts';
import { explain, LabError } from './lab/lab-error.ts';
import { isRoot, type Prerequisite } from './lab/prerequisites.ts';
import { labNames } from './lab/state.ts';

/** What each vitest project needs of the machine. */
const NEEDS: Readonly<Record<string, readonly Prerequisite['for'][]>> = {
  unit: [],
  integration: ['tests'],
  lab: ['tests', 'lab'],
};

/** Every run has labs of its own, so that two runs never meet. */
const OWN_LAB = `test-${process.pid}`;

try {
  process.exitCode = await runTests(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  tell(explain(error));
  process.exitCode = 1;
}

async function runTests(args: readonly string[]): Promise<number> {
  const projects = projectsIn(args);
  await prepareMachine(projects);
  const counts = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'dcvops-test-')), 'counts.json');
  try {
    const code = await runVitest(args, counts);
    return summarise(counts, code);
  } finally {
    fs.rmSync(path.dirname(counts), { recursive: true });
    if (isRoot()) await takeLabsDown((name) => isLabOf(process.pid, name));
  }
}

/** The projects named with `--project`; all when none is. */
function projectsIn(args: readonly string[]): string[] {
  const named = args.flatMap((arg, index) =>
    arg === '--project' ? [args[index + 1] ?? ''] : arg.startsWith('--project=') ? [arg.slice(10)] : [],
  );
  const known = named.filter((name) => name in NEEDS);
  return named.length > 0 && known.length === named.length ? known : Object.keys(NEEDS);
}

async function prepareMachine(projects: readonly string[]): Promise<void> {
  const needs = new Set(projects.flatMap((project) => NEEDS[project] ?? []));
  if (needs.has('lab') && !isRoot()) {
    throw new LabError(
      'The lab’s tests need root: they make hosts with namespaces of their own.',
      'sudo npm test\nnpm test -- --project unit --project integration   (without the lab)',
    );
  }
  await ensurePackages([...needs]);
  if (!needs.has('lab')) return;
  await takeLabsDown(isLabOfDeadRun);
  await ensureImage(tell); // here it may take its time; a test would run into its time limit
}

async function runVitest(args: readonly string[], counts: string): Promise<number> {
  const vitest = path.resolve(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const reporter = path.join(import.meta.dirname, 'count-reporter.ts');
  const child = spawn(
    process.execPath,
    [
      vitest,
      'run',
      '--reporter=default',
      `--reporter=${reporter}`,
      ...args.filter((arg) => arg !== '--long'),
    ],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        PATH: PROGRAM_PATH,
        DCVOPS_TEST_LAB: OWN_LAB,
        [COUNTS_FILE]: counts,
        ...(args.includes('--long') ? { DCVOPS_TEST_LONG: '1' } : {}),
      },
    },
  );
  // Ctrl-C on a terminal reaches vitest as well; it ends in order, and then the lab is taken down.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(exitCode(code, signal));
    });
  });
}

/** Prints what was skipped and why, and the closing line. */
function summarise(file: string, code: number): number {
  const { passed, failed, skipped } = readCounts(file);
  if (skipped.length > 0) {
    console.log('\nSkipped:');
    for (const { name, why } of skipped) console.log(`  ${name}: ${why ?? 'no reason given'}`);
  }
  // A run that vitest itself calls failed is never summed up as one that passed.
  const failures = code !== 0 && failed === 0 ? 1 : failed;
  const ending = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  console.log(`\n${passed} passed, ${failures} failed${ending}`);
  return failures > 0 && code === 0 ? 1 : code;
}

function readCounts(file: string): Counts {
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')) as Counts;
  tell('vitest ended before it had counted.');
  return { passed: 0, failed: 1, skipped: [] };
}

async function takeLabsDown(which: (name: string) => boolean): Promise<void> {
  for (const name of labNames().filter(which)) await down(name, tell);
}

function isLabOf(pid: number, name: string): boolean {
  return name === `test-${pid}` || name.startsWith(`test-${pid}-`);
}

/** A run that was killed could not clean up after itself. */
function isLabOfDeadRun(name: string): boolean {
  const pid = /^test-(\d+)/.exec(name)?.[1];
  return pid !== undefined && !fs.existsSync(`/proc/${pid}`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
