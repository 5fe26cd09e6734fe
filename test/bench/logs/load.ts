import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { REPOSITORY } from '../../lab/paths.ts';
import { eventually } from '../../lab/support/eventually.ts';
import type { TestHost } from '../../lab/support/host.ts';
import type { TestLab } from '../../lab/support/lab.ts';
import { createLagReader, type Lags } from './lag-reader.ts';

const LOG = '/var/log/dcv/server.log';

/** How much is written to each host's log, by a program on the host, each line by a call of its own. */
export interface Load {
  readonly linesPerSecond: number;
  readonly seconds: number;
}

/** What a load did to a `dcvops logs --follow` that parses and colours every line. */
export interface LoadResult {
  readonly written: number;
  readonly shown: number;
  readonly lags: Lags;
  /** Of dcvops, at its largest, in bytes. */
  readonly peakMemory: number;
}

/** A line holds the time at which it was written, in microseconds: the lab's hosts have this machine's clock. */
const WRITER = `import os, sys, time
rate, seconds, host = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
log = os.open('${LOG}', os.O_WRONLY | os.O_APPEND | os.O_CREAT)
start, written = time.time(), 0
while time.time() < start + seconds:
    due = int((time.time() - start) * rate)
    while written < due:
        written += 1
        now = time.time()
        stamp = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(now))
        os.write(log, b"%s,%06d [  3517:3517  ] INFO  frontend-handler - load %s %d: client '10.0.0.38:2098 "
                 b"(forwarded for 10.213.0.10)' at %d\\n"
                 % (stamp.encode(), int(now % 1 * 1e6), host.encode(), written, int(now * 1e6)))
    time.sleep(0.002)
print(written)
`;

/**
 * Follows the agents' logs while they are written to, and takes the time from a line's writing to its arrival.
 * @param asleepSeconds how long nobody reads what dcvops prints, from the beginning on
 */
export async function underLoad(
  lab: TestLab,
  agents: readonly TestHost[],
  { linesPerSecond, seconds }: Load,
  asleepSeconds = 0,
): Promise<LoadResult> {
  await Promise.all(agents.map(prepare));
  const dcvops = startFollowing(lab, agents);
  try {
    await dcvops.following(agents.length);
    const lags = createLagReader();
    const reading = pause(asleepSeconds * 1000).then(() => dcvops.child.stdout?.on('data', lags.read));
    const counts = await Promise.all(
      agents.map((agent) => agent.sh(`python3 /root/load.py ${linesPerSecond} ${seconds} ${agent.name}`)),
    );
    await reading;
    const written = counts.reduce((sum, count) => sum + Number(count), 0);
    await eventually(() => lags.lines() >= written, { timeoutMs: 60_000 }).catch(() => undefined);
    return { written, shown: lags.lines(), lags: lags.lags(), peakMemory: peakMemoryOf(dcvops.child) };
  } finally {
    await dcvops.stop();
  }
}

async function prepare(agent: TestHost): Promise<void> {
  await agent.sh(`systemctl stop dcvserver dcvsessionlauncher; rm -f /var/log/dcv/*; touch ${LOG}`);
  await agent.write('/root/load.py', WRITER, '644');
}

interface Following {
  readonly child: ChildProcess;
  /** Resolves when so many hosts' logs are followed. */
  readonly following: (hosts: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

function startFollowing(lab: TestLab, agents: readonly TestHost[]): Following {
  const main = path.join(REPOSITORY, 'dist', 'main.js');
  const names = agents.map(({ name }) => name);
  const [program = '', ...args] = lab.operator.argv([
    ...[process.execPath, main, 'logs', ...names],
    ...['--follow', '-n', '0', '--source', 'dcv', '-v'],
  ]);
  const child = spawn(program, args, {
    env: lab.operator.env({ FORCE_COLOR: '1' }),
    cwd: lab.home,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    child,
    following: async (hosts) => {
      await eventually(() => stderr.split(`follow ${LOG} (`).length > hosts, { timeoutMs: 60_000 });
    },
    stop: async () => {
      child.kill('SIGINT');
      child.stdout.resume();
      await ended;
    },
  };
}

function peakMemoryOf({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}
