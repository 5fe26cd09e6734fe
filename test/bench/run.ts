/**
 * `npm run bench`: measures dcvops against what people use today, side by side on the lab, and prints a table. A figure that
 * is missed is told, not failed: times depend on the machine. The lab is its own and goes when the benchmark ends.
 * `npm run bench -- deploy`, `logs`, `doctor`, `fleet` or `gateway` measures one part only.
 */
import { down } from '../lab/down.ts';
import { explain, LabError } from '../lab/lab-error.ts';
import { aptLine, missingPrerequisites, requireLabMachine } from '../lab/prerequisites.ts';
import { ensureImage } from '../lab/image/image.ts';
import { type TestLab, takeLab, useLab } from '../lab/support/lab.ts';
import { breakDown } from './breakdown.ts';
import {
  FIGURES,
  type FigureId,
  measureAnsible,
  measureList,
  measureScript,
  measureUnchanged,
  measureVersion,
} from './figures.ts';
import { observeList } from './list-times.ts';
import { benchDoctor } from './doctor/run.ts';
import { benchSeededFaults } from './doctor/seeded.ts';
import { benchFleet } from './fleet/run.ts';
import { benchGateway } from './gateway/run.ts';
import { benchLogs } from './logs/run.ts';
import { prepareProxy } from './proxy.ts';
import { type Measured, formatReport } from './report.ts';

/** Whatever hangs, the benchmark ends. */
const LIMIT_MS = 30 * 60_000;
const MANY_AGENTS = 20;
const KIND = 'bench';

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  deploy: benchDeploy,
  logs: benchLogsOnLab,
  doctor: benchDoctorAndFaults,
  fleet: () => benchFleet(tell),
  gateway: benchGatewayAndDeploys,
};

try {
  const named = process.argv.slice(2);
  const unknown = named.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    throw new LabError(
      `No benchmark is called ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}.`,
    );
  }
  requireLabMachine();
  await bench(named.length === 0 ? Object.keys(PARTS) : named);
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  tell(explain(error));
  process.exitCode = 1;
}

async function bench(parts: readonly string[]): Promise<void> {
  await ensureImage(tell);
  const lab = await takeLab(KIND);
  const timer = setTimeout(() => {
    giveUp(lab, `the benchmark does not end within ${LIMIT_MS / 60_000} minutes`, 'SIGTERM');
  }, LIMIT_MS).unref();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      giveUp(lab, signal, signal);
    });
  }
  try {
    for (const part of parts) await PARTS[part]?.();
  } finally {
    clearTimeout(timer);
    await down(lab, tell);
  }
}

/** Start-up, deploys and session lists. */
async function benchDeploy(): Promise<void> {
  const figures = new Map<FigureId, Measured>();
  const measure = async (id: FigureId, work: () => Promise<Measured>): Promise<void> => {
    const { what, against } = FIGURES[id];
    tell(`measuring: ${what}, against ${against}`);
    figures.set(id, await work());
  };

  await measure('version', measureVersion);
  const lab = await useLab({ kind: KIND });
  const proxy = await prepareProxy(lab);
  await measure('unchanged', () => measureUnchanged(lab, proxy));
  await measure('script', () => measureScript(lab, proxy));
  await measure('ansible', async () => ansibleIsMissing() ?? (await measureAnsible(lab, proxy)));
  tell('counting round trips');
  const breakdowns = await breakDown(lab);
  const many = await withManyAgents();
  await measure('list', () => measureList(many));
  const list = await observeList(many);
  process.stdout.write(`\n${formatReport({ figures, breakdowns, list })}`);
}

/** `dcvops logs`. */
async function benchLogsOnLab(): Promise<void> {
  await benchLogs(await useLab({ kind: KIND, agents: MANY_AGENTS }), tell);
}

/** `dcvops doctor`: its speed over many hosts, and what it makes of faults. */
async function benchDoctorAndFaults(): Promise<void> {
  await benchDoctor(tell);
  await benchSeededFaults(await useLab({ kind: KIND, pristine: true }), tell);
}

/** The gateway that is rendered, and deploys of it while desktops are open. */
async function benchGatewayAndDeploys(): Promise<void> {
  await benchGateway(() => useLab({ kind: KIND }), tell);
}

/** Takes the lab down, whatever the benchmark is doing, and ends. */
function giveUp(lab: string, why: string, signal: 'SIGINT' | 'SIGTERM'): void {
  tell(`${why}: giving up`);
  process.removeAllListeners(signal);
  void down(lab, tell).finally(() => process.kill(process.pid, signal));
}

/** The same lab, grown, a session on each agent. */
async function withManyAgents(): Promise<TestLab> {
  tell(`starting ${MANY_AGENTS} agents, a session on each`);
  const lab = await useLab({ kind: KIND, agents: MANY_AGENTS });
  const { code, stderr } = await lab.dcvops(['session', 'create', 'agent*']);
  if (code !== 0) throw new Error(`dcvops session create failed:\n${stderr}`);
  return lab;
}

function ansibleIsMissing(): { missing: string } | undefined {
  const missing = missingPrerequisites(['bench']);
  return missing.length === 0 ? undefined : { missing: `not measured; ${aptLine(missing)}` };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
