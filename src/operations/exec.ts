import pLimit from 'p-limit';
import type { Host } from '../inventory/types.ts';
import type { Emit } from '../report/events.ts';
import { lines, program, words } from '../shell/shell.ts';
import type { Remote, RunOptions } from '../ssh/remote.ts';
import { createLineSplitter } from './line-splitter.ts';
import { outcomeOf } from './outcome.ts';

export interface ExecContext {
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly concurrency: number;
}

export interface ExecOptions {
  /** The command and its arguments. Each stays one word on the host; a shell line is `sh -c 'LINE'`. */
  readonly argv: readonly string[];
  /** As root, by sudo where the login is not root. */
  readonly sudo: boolean;
  /** Given to the command on every host; undefined: an empty stdin. */
  readonly stdin: Uint8Array | undefined;
}

/** People read what it prints: in the host's own language and letters (`LANG`), not in those that scripts are given. */
const LOCALE = program`unset LC_ALL`;

/** How the command ended on one host; no code where it could not be run. */
export interface ExecResult {
  readonly host: string;
  readonly code: number | undefined;
}

/**
 * Runs a command on hosts side by side. Its output is told in whole lines as they come, each with its host,
 * and the exit code as the host's outcome: anything but 0 is a failure. A host that cannot be reached does
 * not stop the others.
 */
export async function execOnHosts(
  context: ExecContext,
  hosts: readonly Host[],
  options: ExecOptions,
): Promise<ExecResult[]> {
  const atOnce = pLimit(context.concurrency);
  return Promise.all(hosts.map((host) => atOnce(() => execOnHost(context, host, options))));
}

async function execOnHost(
  { connect, emit }: ExecContext,
  host: Host,
  options: ExecOptions,
): Promise<ExecResult> {
  const output = {
    stdout: createLineSplitter((line) => {
      emit({ type: 'output', host: host.name, stream: 'stdout', line });
    }),
    stderr: createLineSplitter((line) => {
      emit({ type: 'output', host: host.name, stream: 'stderr', line });
    }),
  };
  const end = (): void => {
    output.stdout.end();
    output.stderr.end();
  };
  const [program = ''] = options.argv;
  const runOptions: RunOptions = {
    discardOutput: true,
    onOutput: (stream, text) => {
      output[stream].write(text);
    },
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
  };
  try {
    const remote = await connect(host);
    const { code } = await remote.run(
      { name: `exec ${program}`, text: lines(LOCALE, words(options.argv)), root: options.sudo },
      runOptions,
    );
    end();
    emit({
      type: 'outcome',
      host: host.name,
      outcome: code === 0 ? 'done' : 'failed',
      message: `exit code ${code}`,
    });
    return { host: host.name, code };
  } catch (error) {
    end();
    emit(outcomeOf(error, host.name));
    return { host: host.name, code: undefined };
  }
}
