import fs from 'node:fs';
import path from 'node:path';
import { words } from '../../../src/shell/shell.ts';
import { attempt, type CommandResult, PROGRAM_PATH } from '../command.ts';
import { LabError } from '../lab-error.ts';
import { takeLock, tryLock } from '../lock.ts';
import { inNetwork } from '../network.ts';
import { labPaths, REPOSITORY } from '../paths.ts';
import { findHost, type LabRequest } from '../plan.ts';
import { up } from '../up.ts';
import { type TestHost, testHost } from './host.ts';
import { type RunningProgram, start } from './program.ts';

/**
 * Labs of tests have names of their own, so that a lab left up by hand is never met; `npm test` gives each run one.
 * What follows tells apart the labs of test files that run side by side.
 */
export const TEST_LAB = process.env['DCVOPS_TEST_LAB'] ?? 'test';
/** As many as vitest has workers for lab tests. */
const LABS_SIDE_BY_SIDE = 2;

export interface UseLabOptions extends Partial<LabRequest> {
  /** Distinguishes a lab of another kind: `useLab({ kind: 'bare', bareProxy: true })`. */
  readonly kind?: string;
  /** Give hosts on new disks; otherwise they are as the last test left them. */
  readonly pristine?: boolean;
}

export interface DcvopsOptions {
  /** Added to a bare environment: PATH, HOME (the lab's own), DCVOPS_INVENTORY. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A lab in a test's hands. The operator's side is a network namespace that reaches the lab's hosts and nothing else. */
export interface TestLab {
  readonly name: string;
  readonly directory: string;
  /** The lab's inventory; `DCVOPS_INVENTORY` for what runs on the operator's side. */
  readonly inventory: string;
  readonly knownHosts: string;
  readonly key: string;
  /** HOME on the operator's side: empty at first, so that nobody's `~/.ssh` plays a part. */
  readonly home: string;
  readonly hosts: readonly TestHost[];
  readonly host: (name: string) => TestHost;
  /** Runs the built dcvops on the operator's side, stdin closed after `input`. */
  readonly dcvops: (
    args: readonly string[],
    options?: DcvopsOptions & { input?: string; signal?: AbortSignal },
  ) => Promise<CommandResult>;
  /** Starts it, for a test that kills it, pauses it or reads along. */
  readonly startDcvops: (args: readonly string[], options?: DcvopsOptions) => RunningProgram;
  /** Starts it on a terminal of 110 columns; Ctrl-C is `write('\x03')`. The pid is that of the terminal. */
  readonly dcvopsOnTerminal: (args: readonly string[], options?: DcvopsOptions) => RunningProgram;
  readonly operator: {
    /** Runs a shell command on the operator's side and gives what became of it. */
    readonly sh: (command: string, options?: DcvopsOptions & { input?: string }) => Promise<CommandResult>;
    /** Starts any program there. */
    readonly start: (argv: readonly string[], options?: DcvopsOptions) => RunningProgram;
    /** The command line that runs a program there, for what starts programs itself. */
    readonly argv: (argv: readonly string[]) => string[];
    /** The environment programs get there. */
    readonly env: (added?: Readonly<Record<string, string>>) => Record<string, string>;
  };
  /** Gives hosts (all without names) new disks; see `TestHost.reset`. */
  readonly reset: (...names: string[]) => Promise<void>;
}

/**
 * Brings a lab for tests up, or takes the one that is up, and keeps it to this process until it ends: another run of
 * tests waits. What a test changes on hosts stays for the next one, unless it asks for `pristine` ones.
 */
export async function useLab(options: UseLabOptions = {}): Promise<TestLab> {
  const { kind, pristine, ...request } = options;
  const name = await takeLab(kind);
  const { state, laid, layersOf } = await up(name, request, tell);
  const paths = labPaths(name);
  const hosts = state.hosts.map((host) => testHost(name, host, layersOf(host)));
  const host = (wanted: string): TestHost => findHost(hosts, wanted);
  const reset = async (...names: string[]): Promise<void> => {
    await Promise.all((names.length === 0 ? hosts : names.map(host)).map((one) => one.reset()));
  };
  const env = (added: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    PATH: PROGRAM_PATH,
    HOME: paths.operatorHome,
    LANG: 'C.UTF-8',
    DCVOPS_INVENTORY: paths.inventory,
    ...added,
  });
  const argv = (program: readonly string[]): string[] => inNetwork(paths.operatorNetwork, program);
  const surroundings = (given: DcvopsOptions): { env: Record<string, string>; cwd: string } => ({
    env: env(given.env),
    cwd: given.cwd ?? paths.operatorHome,
  });
  const startThere = (program: readonly string[], given: DcvopsOptions = {}): RunningProgram =>
    start(argv(program), surroundings(given));
  if (pristine === true) {
    await Promise.all(hosts.filter((one) => !laid.includes(one.name)).map((one) => one.reset()));
  }
  return {
    name,
    directory: paths.directory,
    inventory: paths.inventory,
    knownHosts: paths.knownHosts,
    key: paths.key,
    home: paths.operatorHome,
    hosts,
    host,
    reset,
    dcvops: (args, given = {}) =>
      attempt(argv(dcvopsProgram(args)), {
        ...surroundings(given),
        ...(given.input === undefined ? {} : { input: given.input }),
        ...(given.signal === undefined ? {} : { signal: given.signal }),
      }),
    startDcvops: (args, given) => startThere(dcvopsProgram(args), given),
    dcvopsOnTerminal: (args, given = {}) =>
      startThere(onTerminal(dcvopsProgram(args)), {
        ...given,
        env: { TERM: 'xterm-256color', ...given.env },
      }),
    operator: {
      sh: (command, given = {}) =>
        attempt(argv(['sh', '-c', command]), {
          ...surroundings(given),
          ...(given.input === undefined ? {} : { input: given.input }),
        }),
      start: startThere,
      argv,
      env,
    },
  };
}

/** The built program: what users get is what is tested. @throws LabError when it is not built */
function dcvopsProgram(args: readonly string[]): string[] {
  const main = path.join(REPOSITORY, 'dist', 'main.js');
  if (!fs.existsSync(main)) throw new LabError('dcvops is not built.', 'npm run build');
  return [process.execPath, main, ...args];
}

/** `script` gives the program a terminal and passes its exit code on. */
function onTerminal(program: readonly string[]): string[] {
  const command = `stty cols 110 rows 40; exec ${words(program).toString()}`;
  return ['script', '--quiet', '--return', '--flush', '--command', command, '/dev/null'];
}

/** Keeps a lab to this process, as {@link useLab} does, for a test that brings it up in another way. @returns its name */
export async function takeLab(kind?: string): Promise<string> {
  const own = await ownLab();
  return kind === undefined ? own : `${own}-${kind}`;
}

/**
 * Takes a lab's name for this process until it ends; another run of tests that wants it waits. Test files run in
 * processes of their own; within one process the name is taken once.
 */
export async function keepToThisProcess(name: string): Promise<void> {
  const held = labsHeld();
  if (held.has(name)) return;
  await takeLock(`use.${name}`, () => {
    tell(`another run of tests has the lab "${name}"; waiting for it`);
  });
  held.add(name);
}

/** The lab that this process keeps: the first one that nobody else has. */
async function ownLab(): Promise<string> {
  const held = labsHeld();
  const names = Array.from({ length: LABS_SIDE_BY_SIDE }, (_, index) => `${TEST_LAB}-${index + 1}`);
  const mine = names.find((name) => held.has(name));
  if (mine !== undefined) return mine;
  for (const name of names) {
    if (await tryLock(`use.${name}`)) {
      held.add(name);
      return name;
    }
  }
  const [first = TEST_LAB] = names;
  await keepToThisProcess(first);
  return first;
}

/** vitest gives each test file a process of its own, and loads modules anew in it. */
function labsHeld(): Set<string> {
  const process = globalThis as { dcvopsLabsHeld?: Set<string> };
  process.dcvopsLabsHeld ??= new Set();
  return process.dcvopsLabsHeld;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
