import { spawn } from 'node:child_process';
import type { Alert } from '../../logs/watch-rules.ts';
import type { Emit } from '../../report/events.ts';

/** Runs a command for an alert; resolves when it has ended. Its failure is told and stops nothing. */
export type AlertHook = (alert: Alert) => Promise<void>;

export interface AlertHookOptions {
  readonly emit: Emit;
  /** Ends a command that runs, and whatever it started. */
  readonly signal: AbortSignal;
  /** Milliseconds that a command has; default a minute. One that hangs holds up the alerts behind it only so long. */
  readonly limitMs?: number;
}

const LIMIT_MS = 60_000;
/** Between asking a command to end and ending it. */
const GRACE_MS = 250;

/**
 * The operator's own command line, run by this machine's `sh` with the alert's JSON on stdin: nothing of an alert is ever part
 * of it. What it prints goes to stderr, for stdout is the alerts'.
 */
export function createAlertHook(
  command: string,
  { emit, signal, limitMs = LIMIT_MS }: AlertHookOptions,
): AlertHook {
  return async (alert) => {
    const isOver = (): boolean => signal.aborted;
    if (isOver()) return;
    const limit = AbortSignal.timeout(limitMs);
    const failure = await run(command, `${JSON.stringify(alert)}\n`, AbortSignal.any([signal, limit]));
    if (failure === undefined || isOver()) return;
    const why = limit.aborted ? `was ended: it may take ${limitMs / 1000} s` : failure;
    emit({ type: 'note', level: 'warning', message: `the command of --exec ${why}`, hint: command });
  };
}

/** Resolves with why it failed, or with undefined. */
function run(command: string, input: string, end: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    // a process group of its own, so that all of it can be ended
    const child = spawn('sh', ['-c', command], {
      stdio: ['pipe', process.stderr, process.stderr],
      detached: true,
    });
    const endAll = (): void => {
      signalGroup(child.pid, 'SIGTERM');
      setTimeout(signalGroup, GRACE_MS, child.pid, 'SIGKILL');
    };
    end.addEventListener('abort', endAll);
    const settle = (failure: string | undefined): void => {
      end.removeEventListener('abort', endAll);
      resolve(failure);
    };
    child.once('error', ({ message }) => {
      settle(`cannot be run: ${message}`);
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) settle(`was ended by ${signal}`);
      else settle(code === 0 ? undefined : `failed with exit code ${code ?? 0}`);
    });
    // one that does not read its input is judged by its exit code
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // all of it has ended
  }
}
