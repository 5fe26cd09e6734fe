import path from 'node:path';
import { readSessions } from '../../../src/dcv/agent-facts.ts';
import { readService } from '../../../src/doctor/service/script.ts';
import { formatBytes } from '../../../src/report/quantity.ts';
import type { Script } from '../../../src/shell/script.ts';
import { REPOSITORY } from '../../lab/paths.ts';
import { aptLine, missingPrerequisites } from '../../lab/prerequisites.ts';
import { benchEnvironment, clush } from '../clush.ts';
import { type ManyHosts, startManyHosts } from '../doctor/many-hosts.ts';
import { type Row, formatGoals } from '../goals.ts';
import { type Run, mediansOf, sideBySide, timed } from '../measure.ts';
import { type Watched, watchMemory } from '../watch-memory.ts';
import { PROGRAMS } from './programs.ts';

const PAIRS = 5;
const MOST_TIME = 1.3;
const MOST_MEMORY = 150e6;
const CONNECT_LIMIT_SECONDS = 5;
const COMMAND_LIMIT_SECONDS = 5;

/** A command over all agents, and the script that it runs on each. */
interface Question {
  readonly argv: readonly string[];
  readonly script: Script;
}

/** Every agent's name begins with "a": the proxy is not asked. */
const QUESTIONS: readonly Question[] = [
  { argv: ['session', 'list'], script: readSessions() },
  { argv: ['service', 'status', 'a*'], script: readService('dcvserver.service') },
];

/** Measures what asks every agent one thing, over many hosts on loopback against clush, and prints a table. */
export async function benchFleet(tell: (line: string) => void, agents = 100): Promise<void> {
  const missing = missingPrerequisites(['bench']);
  if (missing.length > 0) {
    process.stdout.write(`\nFLEET  not measured; ${aptLine(missing)}\n`);
    return;
  }
  tell(`starting ${agents + 2} sshd`);
  const hosts = await startManyHosts(agents, PROGRAMS);
  try {
    const rows: Row[] = [];
    for (const question of QUESTIONS) {
      tell(`measuring: ${question.argv.join(' ')} over ${agents} agents, against clush`);
      rows.push(...(await measure(hosts, question)));
    }
    process.stdout.write(`\n${formatGoals('FLEET', rows)}`);
  } finally {
    await hosts.close();
  }
}

async function measure(hosts: ManyHosts, { argv, script }: Question): Promise<Row[]> {
  const what = `${argv.slice(0, 2).join(' ')}, ${hosts.agents.length} agents`;
  let peak = 0;
  const ours: Run = async () => {
    const run = await dcvops(hosts, hosts.inventory, argv);
    peak = Math.max(peak, run.peak);
    return allTold(run, hosts.agents.length, 0);
  };
  const medians = mediansOf(await sideBySide(ours, clush(hosts, hosts.agents, script), PAIRS));
  const { ratio } = medians;
  const [alone, theirs] = [medians.ours / 1000, medians.theirs / 1000];
  const withHung = await timeWithHung(hosts, argv);
  const most = alone * 1.1 + Math.max(CONNECT_LIMIT_SECONDS, COMMAND_LIMIT_SECONDS) + 1;
  return [
    {
      what: `${what}, against clush running the same script`,
      goal: String(MOST_TIME),
      measured: `${ratio.toFixed(2)}  (${alone.toFixed(2)} s, ${theirs.toFixed(2)} s)`,
      met: ratio <= MOST_TIME,
    },
    {
      what: 'memory meanwhile',
      goal: formatBytes(MOST_MEMORY),
      measured: formatBytes(peak),
      met: peak <= MOST_MEMORY,
    },
    {
      what: `the same with a silent host (${CONNECT_LIMIT_SECONDS} s) and one that hangs (${COMMAND_LIMIT_SECONDS} s)`,
      goal: 'their limits once, side by side',
      measured: `${withHung.toFixed(2)} s, ${alone.toFixed(2)} s without`,
      met: withHung <= most,
    },
  ];
}

/** In seconds. Both are unreachable, which is exit code 4. */
async function timeWithHung(hosts: ManyHosts, argv: readonly string[]): Promise<number> {
  const limits = [
    ...['--connect-timeout', String(CONNECT_LIMIT_SECONDS)],
    ...['--command-timeout', String(COMMAND_LIMIT_SECONDS)],
  ];
  const took = await timed(async () => {
    const run = await dcvops(hosts, hosts.inventoryWithHung, [...limits, ...argv]);
    return allTold(run, hosts.agents.length + 2, 4);
  });
  return took / 1000;
}

function dcvops(hosts: ManyHosts, inventory: string, argv: readonly string[]): Promise<Watched> {
  const main = path.join(REPOSITORY, 'dist', 'main.js');
  const [program, words] = hosts.network.inside([process.execPath, main, '-i', inventory, '--json', ...argv]);
  return watchMemory([program, ...words], benchEnvironment(hosts));
}

/** A figure counts only when every agent was told of. */
function allTold({ result }: Watched, agents: number, code: number): Watched['result'] {
  const told = result.stdout === '' ? 0 : (JSON.parse(result.stdout) as unknown[]).length;
  return { ...result, code: result.code === code && told === agents ? 0 : Math.max(1, result.code) };
}
