import path from 'node:path';
import { readHost } from '../../../src/doctor/collect/host.ts';
import { formatBytes } from '../../../src/report/quantity.ts';
import { REPOSITORY } from '../../lab/paths.ts';
import { aptLine, missingPrerequisites } from '../../lab/prerequisites.ts';
import { benchEnvironment, clush } from '../clush.ts';
import { type Row, formatGoals } from '../goals.ts';
import { type Run, mediansOf, sideBySide, timed } from '../measure.ts';
import { type Watched, watchMemory } from '../watch-memory.ts';
import { type ManyHosts, startManyHosts } from './many-hosts.ts';

const AGENTS = 100;
const PAIRS = 3;
const MOST_MEMORY = 200e6;
const CONNECT_TIMEOUT_SECONDS = 5;

/** Measures `dcvops doctor` over many hosts on loopback against clush, and prints a table. */
export async function benchDoctor(tell: (line: string) => void): Promise<void> {
  const missing = missingPrerequisites(['bench']);
  if (missing.length > 0) {
    process.stdout.write(`\nDOCTOR  not measured; ${aptLine(missing)}\n`);
    return;
  }
  tell(`starting ${AGENTS + 1} sshd`);
  const hosts = await startManyHosts(AGENTS);
  try {
    tell(`measuring: doctor over 1 proxy and ${AGENTS} agents, against clush`);
    const { rows: compared, secondsAlone } = await againstClush(hosts);
    tell('measuring: the same with a host that is silent and one that hangs');
    const rows = [...compared, ...(await hungHosts(hosts, secondsAlone))];
    process.stdout.write(`\n${formatGoals('DOCTOR', rows)}`);
  } finally {
    await hosts.close();
  }
}

async function againstClush(
  hosts: ManyHosts,
): Promise<{ readonly rows: Row[]; readonly secondsAlone: number }> {
  let peak = 0;
  let logins = 0;
  const doctor: Run = async () => {
    const before = hosts.logins();
    const run = await watched(hosts, hosts.inventory, []);
    logins = hosts.logins() - before;
    peak = Math.max(peak, run.peak);
    return run.result;
  };
  const { ours, theirs, ratio } = mediansOf(await sideBySide(doctor, clushDoctor(hosts), PAIRS));
  const rows = [
    {
      what: `doctor, 1 proxy and ${AGENTS} agents, against clush running the same script`,
      goal: '1.3',
      measured: `${ratio.toFixed(2)}  (${(ours / 1000).toFixed(1)} s, ${(theirs / 1000).toFixed(1)} s)`,
      met: ratio <= 1.3,
    },
    {
      what: 'connections it makes',
      goal: 'one a host',
      measured: `${logins} for ${AGENTS + 1} hosts`,
      met: logins === AGENTS + 1,
    },
    {
      what: 'memory meanwhile',
      goal: formatBytes(MOST_MEMORY),
      measured: formatBytes(peak),
      met: peak <= MOST_MEMORY,
    },
  ];
  return { rows, secondsAlone: ours / 1000 };
}

/** One host that loses every packet, and one whose script never ends, side by side with the others. */
async function hungHosts(hosts: ManyHosts, secondsAlone: number): Promise<Row[]> {
  const limits = [
    ...['--connect-timeout', String(CONNECT_TIMEOUT_SECONDS)],
    ...['--command-timeout', String(HUNG_LIMIT_SECONDS)],
  ];
  const took = await timed(async () => (await watched(hosts, hosts.inventoryWithHung, limits)).result);
  // both are waited for at the same time, while the others are asked
  const most = Math.max(secondsAlone * 1.1, HUNG_LIMIT_SECONDS) + CONNECT_TIMEOUT_SECONDS;
  return [
    {
      what: `the same with a silent host (${CONNECT_TIMEOUT_SECONDS} s) and one that hangs (${HUNG_LIMIT_SECONDS} s)`,
      goal: 'each costs its limit once, beside the others',
      measured: `${(took / 1000).toFixed(1)} s, ${secondsAlone.toFixed(1)} s without`,
      met: took / 1000 <= most,
    },
  ];
}

const HUNG_LIMIT_SECONDS = 30;

/** Runs the doctor as people do, and watches its memory. It finds a lot here, which is its exit code 1. */
async function watched(hosts: ManyHosts, inventory: string, flags: readonly string[]): Promise<Watched> {
  const main = path.join(REPOSITORY, 'dist', 'main.js');
  const [program, argv] = hosts.network.inside([
    ...[process.execPath, main, '-i', inventory, ...flags, 'doctor', '--json'],
  ]);
  const { result, peak } = await watchMemory([program, ...argv], benchEnvironment(hosts));
  const asked = (JSON.parse(result.stdout) as { hosts: unknown[] }).hosts.length;
  const isFine = result.code <= 1 && asked > AGENTS;
  return { result: { ...result, code: isFine ? 0 : Math.max(1, result.code) }, peak };
}

/** The same script on the same hosts. */
function clushDoctor(hosts: ManyHosts): Run {
  const wanted = {
    port: 8443,
    certificate: '/etc/none.crt',
    key: '/etc/none.key',
    accounts: ['root'],
  };
  return clush(hosts, [hosts.proxy, ...hosts.agents], readHost('agent', wanted));
}
