import {
  type InstallTitle,
  followInstallation,
  startInstallation,
} from '../../doctor/desktop/install-script.ts';
import {
  INSTALL_LOG,
  type InstallState,
  parseInstallState,
  readInstallState,
} from '../../doctor/desktop/state.ts';
import type { InstallStep } from '../../doctor/desktop/steps.ts';
import { DcvopsError } from '../../errors.ts';
import { sanitise } from '../../report/sanitise.ts';
import { parseRecords } from '../../shell/records.ts';
import { quote } from '../../shell/shell.ts';
import type { Remote } from '../../ssh/remote.ts';
import { createLineSplitter } from '../line-splitter.ts';

/** It takes a second; a host whose systemd hangs is given up. */
const READ_TIMEOUT_MS = 60_000;

/** Reads how an installation stands on a host. */
export async function readState(remote: Remote): Promise<InstallState> {
  const { stdout } = await remote.run(readInstallState(), { timeoutMs: READ_TIMEOUT_MS });
  return parseInstallState(parseRecords(stdout));
}

/**
 * Starts an installation on a host, in a unit that goes on without us.
 * @returns whether another one runs there already, which was left to run
 * @throws DcvopsError `failed` when it could not be started
 */
export async function startOn(
  remote: Remote,
  steps: readonly InstallStep[],
  title: InstallTitle,
): Promise<'started' | 'running'> {
  const { code, stdout, stderr } = await remote.run(startInstallation(steps, title));
  const [told] = parseRecords(stdout);
  if (told?.name === 'started' || told?.name === 'running') return told.name;
  const why = stderr.trim().split('\n').slice(-3).join('; ');
  throw new DcvopsError(
    'failed',
    `the installation could not be started: ${sanitise(why === '' ? `exit code ${code}` : why)}`,
    { host: remote.name, hint: `dcvops exec --sudo ${quote(remote.name)} -- systemctl status --no-pager` },
  );
}

export interface FollowOptions {
  readonly from: '+1' | '20';
  /** Told each line that is not empty, as the host printed it. */
  readonly onLine: (line: string) => void;
  /** Aborted: nobody listens any more; the host goes on. */
  readonly signal: AbortSignal;
}

/**
 * Follows the installation that runs on a host until it has ended, whoever began it.
 * @throws DcvopsError `interrupted` and `unreachable`, which say that the host goes on by itself
 */
export async function followOn(remote: Remote, { from, onLine, signal }: FollowOptions): Promise<void> {
  const goesOn = (code: 'interrupted' | 'unreachable', message: string, cause?: unknown): DcvopsError =>
    new DcvopsError(code, `${message}; the installation goes on without us`, {
      host: remote.name,
      hint: `dcvops desktop install ${quote(remote.name)}   (follows it)`,
      cause,
    });
  const isOver = (): boolean => signal.aborted;
  if (isOver()) throw goesOn('interrupted', 'interrupted');
  const lines = createLineSplitter((line) => {
    // a program that draws over its line is told as what it drew last
    const last = line.split('\r').at(-1) ?? '';
    if (last.trim() !== '') onLine(last);
  });
  try {
    const following = await remote.follow(followInstallation(from));
    const end = (): void => {
      following.end();
    };
    signal.addEventListener('abort', end, { once: true });
    try {
      const decoder = new TextDecoder();
      for await (const bytes of following.stdout) lines.write(decoder.decode(bytes, { stream: true }));
      await following.finished;
    } finally {
      signal.removeEventListener('abort', end);
    }
  } catch (error) {
    if (isOver()) throw goesOn('interrupted', 'interrupted', error);
    if (error instanceof DcvopsError && error.code === 'unreachable') {
      throw goesOn('unreachable', error.message, error);
    }
    throw error;
  }
  lines.end();
  if (isOver()) throw goesOn('interrupted', 'interrupted');
}

/**
 * Sees how the unit ended.
 * @param again the command that goes on with what is left
 * @throws DcvopsError `failed` unless it ended well
 */
export function expectEndedWell(host: string, again: string, { run, logEnd }: InstallState): void {
  if (run?.state === 'ended-well') return;
  const hint =
    `${again}   (goes on with what is left)\n` +
    `dcvops exec --sudo ${quote(host)} -- tail -n 100 ${INSTALL_LOG}`;
  if (run?.state === 'failed') throw new DcvopsError('failed', describeFailure(run, logEnd), { host, hint });
  const what =
    run === undefined
      ? 'the installation is gone: the host was restarted, or somebody stopped it'
      : 'the installation still runs';
  throw new DcvopsError('failed', what, { host, hint });
}

/** "the installation failed (exit-code 100)", and the last lines that it printed. */
export function describeFailure(
  run: Pick<NonNullable<InstallState['run']>, 'result' | 'status'>,
  logEnd: readonly string[],
): string {
  return sanitise(
    [`the installation failed (${run.result} ${run.status}); its last lines:`, ...logEnd.slice(-8)].join(
      '\n',
    ),
  );
}
