import { spawn } from 'node:child_process';
import { LabError } from './lab-error.ts';

/** The caller's PATH and the directories of root's programs, which not every way to become root adds. */
export const PROGRAM_PATH = `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;

export interface CommandOptions {
  /** Written to stdin, which is then closed; without it stdin is empty. */
  readonly input?: string;
  readonly cwd?: string;
  /** The whole environment; without it the caller's, with `PROGRAM_PATH`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program with SIGKILL. */
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** Exit code; 128 + n when signal n ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and gives its result, whatever its exit code. @throws LabError when it cannot be started. */
export function attempt(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? { ...process.env, PATH: PROGRAM_PATH },
      stdio: 'pipe',
      ...(options.signal === undefined ? {} : { signal: options.signal, killSignal: 'SIGKILL' }),
    });
    const out = collect(child.stdout);
    const err = collect(child.stderr);
    child.once('error', (error) => {
      if (error.name === 'AbortError') return; // `close` follows and tells the signal
      reject(new LabError(`${program} cannot be run: ${error.message}`, undefined, { cause: error }));
    });
    child.once('close', (code, signal) => {
      resolve({ code: exitCode(code, signal), stdout: out(), stderr: err() });
    });
    // A program that ends without reading its input is judged by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program that has to succeed and gives its stdout. @throws LabError with its stderr when it fails. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await attempt(argv, options);
  if (result.code === 0) return result.stdout;
  const said = (result.stderr.trim() === '' ? result.stdout : result.stderr).trim();
  throw new LabError(`${argv.join(' ')} failed (exit ${result.code})${said === '' ? '' : `:\n${said}`}`);
}

/** The exit code as a shell gives it. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? (signal === 'SIGKILL' ? 137 : signal === 'SIGTERM' ? 143 : signal === 'SIGINT' ? 130 : 1);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
