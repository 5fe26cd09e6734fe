import { spawn } from 'node:child_process';
import type { Alert } from '../logs/watch-rules.ts';
import type { Emit } from '../report/events.ts';

/** Runs a command for an alert; resolves when it has ended. Its failure is told and stops nothing. */
export type AlertHook = (alert: Alert) => Promise<void>;

/** A command that hangs holds up the alerts behind it only so long. */
const LIMIT_MS = 60_000;

/** The operator's own command line, run by this machine's `sh` with the alert's JSON on stdin: nothing of an alert is ever part of it. */
export function createAlertHook(command: string, emit: Emit): AlertHook {
  return (alert) =>
    new Promise((resolve) => {
      const failed = (why: string): void => {
        emit({ type: 'note', level: 'warning', message: `the command of --exec ${why}`, hint: command });
      };
      const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'ignore', 'inherit'], timeout: LIMIT_MS });
      child.once('error', (error) => {
        failed(`cannot be run: ${error.message}`);
        resolve();
      });
      child.once('close', (code, signal) => {
        if (signal !== null) failed(`was ended: ${signal} (it has ${LIMIT_MS / 1000} s)`);
        else if (code !== 0) failed(`failed with exit code ${code ?? 0}`);
        resolve();
      });
      // one that does not read its input is judged by its exit code
      child.stdin.on('error', () => undefined);
      child.stdin.end(`${JSON.stringify(alert)}\n`);
    });
}
