import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../src/logs/watch-rules.ts';
import { createAlertHook } from '../../../src/operations/logs/alert-hook.ts';
import type { OperationEvent } from '../../../src/report/events.ts';
import { eventually } from '../../lab/support/eventually.ts';

const ALERT: Alert = {
  rule: 'agents',
  subject: '10.213.0.10',
  proxy: 'gateway',
  count: 20,
  threshold: 20,
  windowMs: 300_000,
  firstUs: 1_764_075_553_000_000,
  lastUs: 1_764_075_560_000_000,
  message: '10.213.0.10 tried 20 agents’ addresses: dcvops logs --client 10.213.0.10',
  sample: [`GET /'"; touch owned; $(touch owned) \`touch owned\` \u001b[2J`],
};

let folder: string;
let events: OperationEvent[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-hook-'));
  events = [];
});
afterEach(() => rm(folder, { recursive: true }));

function inFolder(name: string): string {
  return path.join(folder, name);
}

/** Runs a command for the alert, in the folder. */
async function hook(
  command: string,
  options: { readonly signal?: AbortSignal; readonly limitMs?: number } = {},
  alert: Alert = ALERT,
): Promise<void> {
  const { signal = new AbortController().signal, ...rest } = options;
  const run = createAlertHook(`cd ${folder}; ${command}`, {
    emit: (event) => events.push(event),
    signal,
    ...rest,
  });
  await run(alert);
}

/** Whether one of these processes does anything yet: one that has ended may wait for long until somebody notices. */
function isAnyRunning(pids: readonly number[]): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', pids.join(',')], { encoding: 'utf8' });
  return stdout.split('\n').some((state) => state !== '' && !state.startsWith('Z'));
}

/** A command that never ends by itself, and leaves the pids of its two processes. */
const HANGS = 'sleep 600 & echo "$$ $!" >pids.new; mv pids.new pids; wait; true';

async function pidsOf(file: string): Promise<number[]> {
  return (await readFile(file, 'utf8')).trim().split(' ').map(Number);
}

describe('the command of --exec', () => {
  it('gets the alert as JSON on stdin, and nothing of it is run', async () => {
    await hook('cat >alert.json');
    expect(JSON.parse(await readFile(inFolder('alert.json'), 'utf8'))).toEqual(ALERT);
    expect(existsSync(inFolder('owned'))).toBe(false);
    expect(events).toEqual([]);
  });

  it.each([
    ['that fails', 'exit 7', 'failed with exit code 7'],
    ['that is not there', 'no-such-command 2>/dev/null', 'failed with exit code 127'],
    ['that is killed', 'kill -9 $$', 'was ended by SIGKILL'],
  ])('is told of when it is one %s, and stops nothing', async (_, command, message) => {
    await hook(command);
    expect(events).toEqual([
      {
        type: 'note',
        level: 'warning',
        message: `the command of --exec ${message}`,
        hint: `cd ${folder}; ${command}`,
      },
    ]);
  });

  it('may leave its input unread', async () => {
    await hook('exec 0<&-; true', {}, { ...ALERT, message: 'x'.repeat(1_000_000) });
    expect(events).toEqual([]);
  });

  it('has so much time, with all that it started', async () => {
    await hook(HANGS, { limitMs: 500 });
    expect(events).toMatchObject([{ message: 'the command of --exec was ended: it may take 0.5 s' }]);
    const pids = await pidsOf(inFolder('pids'));
    expect(pids).toHaveLength(2);
    await eventually(() => !isAnyRunning(pids));
  });

  it('is ended by Ctrl-C, with what does not want to end, and is no failure then', async () => {
    const interrupt = new AbortController();
    const done = hook(`trap "" TERM; ${HANGS}`, { signal: interrupt.signal });
    await eventually(() => existsSync(inFolder('pids')));
    interrupt.abort();
    await done;
    expect(events).toEqual([]);
    const pids = await pidsOf(inFolder('pids'));
    await eventually(() => !isAnyRunning(pids));
  });

  it('is not run any more after Ctrl-C', async () => {
    await hook('touch ran', { signal: AbortSignal.abort() });
    expect(existsSync(inFolder('ran'))).toBe(false);
  });
});
