import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';
import type { TestHost } from './host.ts';
import type { TestLab } from './lab.ts';

const LOG = '/var/log/dcv/server.log';

/** What a soak found. */
export interface SoakResult {
  readonly written: number;
  readonly received: number;
  /** Lines that were written and did not come, and lines that came more often than they were written. */
  readonly lost: readonly string[];
  readonly repeated: readonly string[];
  readonly rotations: number;
  readonly cuts: number;
  readonly reboots: number;
  /** Of dcvops, at its largest, in bytes. */
  readonly peakMemory: number;
  /** What dcvops told of its hosts. */
  readonly notes: readonly string[];
}

/**
 * Follows the agents' logs for so long, while each host writes a hundred lines a second, renames its log every few
 * seconds and packs the one before, while logins are killed, cables pulled and hosts rebooted; then compares what came
 * with what the hosts wrote, line by line.
 */
export async function soak(lab: TestLab, agents: readonly TestHost[], seconds: number): Promise<SoakResult> {
  await Promise.all(
    agents.map(async (agent) => {
      await agent.sh(
        `systemctl stop dcvserver dcvsessionlauncher; rm -f /run/soak-* /var/log/dcv/*; touch ${LOG}`,
      );
    }),
  );
  const program = lab.startDcvops([
    'logs',
    ...agents.map(({ name }) => name),
    '--follow',
    '-n',
    '0',
    '--source',
    'dcv',
    '-v',
  ]);
  const following = (): number =>
    [...program.stderr().matchAll(/follow \/var\/log\/dcv\/server\.log \(/g)].length;
  await eventually(() => following() >= agents.length, { timeoutMs: 60_000 });

  const endAt = Date.now() + seconds * 1000;
  const counts = { cuts: 0, reboots: 0 };
  await Promise.all(agents.map((agent) => startWriter(agent, 0)));
  const [away, ...others] = agents;
  await Promise.all([
    away === undefined ? undefined : longAbsence(away, endAt, counts),
    disturb(others, endAt, counts),
  ]);
  await Promise.all(
    agents.map((agent) => agent.sh(`touch /run/soak-end; while [ -e /run/soak-writer ]; do sleep 0.1; done`)),
  );
  const written = (await Promise.all(agents.map(writtenLines))).flat();
  const received = (): string[] => program.stdout().match(/soak \S+ \d+-\d+/g) ?? [];
  await eventually(() => received().length >= written.length, { timeoutMs: 90_000, intervalMs: 500 }).catch(
    () => undefined, // the comparison says which are missing
  );
  const peakMemory = await peakMemoryOf(program.pid);
  program.kill('SIGINT');
  await program.ended;
  const rotations = await Promise.all(
    agents.map(async (agent) => Number(await agent.sh(`ls ${LOG}-* | sed 's/\\.gz$//' | sort -u | wc -l`))),
  );
  return {
    ...compare(written, received()),
    ...counts,
    rotations: rotations.reduce((sum, one) => sum + one, 0),
    peakMemory,
    notes: program
      .stderr()
      .split('\n')
      .filter((line) => /^! |: back after /.test(line)),
  };
}

/** A program on the host that goes on by itself; one more after a reboot writes under a number of its own. */
async function startWriter(agent: TestHost, run: number): Promise<void> {
  await agent.write(
    '/root/soak-writer',
    `#!/bin/sh
touch /run/soak-writer
n=0 turn=0
while [ ! -e /run/soak-end ]; do
  now=$(date '+%Y-%m-%d %H:%M:%S,%6N')
  for i in 1 2 3 4 5 6 7 8 9 10; do
    n=$((n + 1))
    echo "$now [     1:1     ] INFO  soak - soak ${agent.name} ${run}-$n" >>${LOG}
  done
  turn=$((turn + 1))
  if [ $((turn % 30)) = 0 ]; then
    older=$(ls ${LOG}-*[0-9] 2>/dev/null)
    mv ${LOG} ${LOG}-$(date +%Y%m%d-%H%M%S)
    : >>${LOG}
    for file in $older; do gzip "$file"; done
  fi
  sleep 0.1
done
rm -f /run/soak-writer
`,
    '755',
  );
  await agent.sh('systemd-run --quiet --unit=soak-writer --collect /root/soak-writer');
}

/** A host whose network is gone for longer than a connection lives. */
async function longAbsence(agent: TestHost, endAt: number, counts: { cuts: number }): Promise<void> {
  await pause(3_000);
  await agent.disconnect();
  counts.cuts++;
  await pause(Math.min(40_000, endAt - Date.now() - 2_000));
  await agent.reconnect();
}

async function disturb(
  agents: readonly TestHost[],
  endAt: number,
  counts: { cuts: number; reboots: number },
): Promise<void> {
  for (let turn = 0; Date.now() < endAt; turn++) {
    const agent = agents[Math.floor(Math.random() * agents.length)];
    if (agent === undefined) return;
    if (turn % 8 === 5) {
      await agent.reboot();
      await startWriter(agent, turn);
      counts.reboots++;
    } else if (turn % 4 === 3) {
      await agent.disconnect();
      await pause(2_000);
      await agent.reconnect();
      counts.cuts++;
    } else {
      await agent.attempt('pkill -KILL -f "sshd: [e]c2-user"');
      counts.cuts++;
    }
    await pause(1_500);
  }
}

/** Everything that stands in the host's files, each once, packed or not; a dcvserver that starts renames its log, too. */
async function writtenLines(agent: TestHost): Promise<string[]> {
  const text = await agent.sh(
    `for file in ${LOG} ${LOG}[.-]*; do
       case $file in
       *.gz) [ -e "\${file%.gz}" ] || gzip -dc "$file" ;;
       *) cat "$file" ;;
       esac
     done | grep -o 'soak ${agent.name} .*'`,
  );
  return text.split('\n').filter((line) => line !== '');
}

function compare(
  written: readonly string[],
  received: readonly string[],
): Pick<SoakResult, 'written' | 'received' | 'lost' | 'repeated'> {
  const balance = new Map<string, number>();
  for (const line of written) balance.set(line, (balance.get(line) ?? 0) + 1);
  for (const line of received) balance.set(line, (balance.get(line) ?? 0) - 1);
  const linesWith = (holds: (count: number) => boolean): string[] =>
    [...balance].filter(([, count]) => holds(count)).map(([line]) => line);
  return {
    written: written.length,
    received: received.length,
    lost: linesWith((count) => count > 0),
    repeated: linesWith((count) => count < 0),
  };
}

async function peakMemoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
