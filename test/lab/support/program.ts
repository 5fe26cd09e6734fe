import { spawn } from 'node:child_process';
import { type CommandResult, exitCode } from '../command.ts';

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** A program that a test talks to while it runs. */
export interface RunningProgram {
  /** The program's own pid: what is killed or stopped is the program, not a wrapper. */
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Both streams in the order they came; the terminal's content, under a terminal. */
  readonly output: () => string;
  /**
   * Resolves with the output once it holds `what`, searched from where the last `waitFor` found its own.
   * @throws Error with the output when the program ends first, or after `timeoutMs` (30 s)
   */
  readonly waitFor: (what: string | RegExp, timeoutMs?: number) => Promise<string>;
  readonly write: (text: string) => void;
  readonly endInput: () => void;
  /** SIGSTOP and SIGCONT pause it and let it go on. */
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Its result, once it has ended and both streams are read. */
  readonly ended: Promise<CommandResult>;
}

/** Starts a program. It does not outlive the test's process. */
export function start(argv: readonly string[], options: ProgramOptions): RunningProgram {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { ...options, stdio: 'pipe' });
  const killWithTests = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithTests);
  const text = { stdout: '', stderr: '', both: '' };
  const listeners = new Set<() => void>();
  let result: CommandResult | undefined;
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      text.both += chunk;
      changed();
    });
  }
  child.stdin.on('error', () => undefined); // a program may end without reading its input
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', killWithTests);
      result = { code: exitCode(code, signal), stdout: text.stdout, stderr: text.stderr };
      resolve(result);
      changed();
    });
  });
  let searchedTo = 0;
  const waitFor = (what: string | RegExp, timeoutMs = 30_000): Promise<string> =>
    new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const fail = (why: string): void => {
        finish(() => {
          reject(new Error(`${why} while waiting for ${String(what)}; it said:\n${text.both}`));
        });
      };
      const look = (): void => {
        const end = endOfMatch(text.both, what, searchedTo);
        if (end !== undefined) {
          searchedTo = end;
          finish(() => {
            resolve(text.both);
          });
        } else if (result !== undefined) fail(`the program ended with ${result.code}`);
      };
      const timer = setTimeout(() => {
        fail(`${timeoutMs / 1000} s passed`);
      }, timeoutMs);
      listeners.add(look);
      look();
    });
  return {
    pid: child.pid ?? 0,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    output: () => text.both,
    waitFor,
    write: (input) => void child.stdin.write(input),
    endInput: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

function endOfMatch(text: string, what: string | RegExp, from: number): number | undefined {
  const rest = text.slice(from);
  if (typeof what === 'string') {
    const at = rest.indexOf(what);
    return at < 0 ? undefined : from + at + what.length;
  }
  const match = new RegExp(what.source, what.flags.replace(/[gy]/g, '')).exec(rest);
  return match === null ? undefined : from + match.index + match[0].length;
}
