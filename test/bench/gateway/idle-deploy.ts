import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { makeCertificate } from '../../integration/gateway/nginx.ts';
import { hostPaths } from '../../lab/paths.ts';
import { inventoryVariant } from '../../lab/support/gateway.ts';
import type { TestLab } from '../../lab/support/lab.ts';
import { type RunningProgram, start } from '../../lab/support/program.ts';
import { deploys } from '../figures.ts';
import { timed } from '../measure.ts';
import { programOf } from './arena.ts';
import type { Crowd } from './memory.ts';

/** What deploys of changes did to many idle WebSockets, and these to the deploys. */
export interface IdleDeploys {
  readonly opened: number;
  /** Those that still answered at the end. */
  readonly held: number;
  /** Wall times in milliseconds; without WebSockets before they were opened, and after they had gone. */
  readonly withWebSockets: readonly number[];
  readonly without: readonly number[];
}

const GATEWAY = { host: '10.213.66.188', port: 8443 };
const OPENING_LIMIT_MS = 120_000;

/** Deploys changes to a host of the lab: without WebSockets, with a crowd of them through its gateway, and without again. */
export async function idleDeploys(lab: TestLab, crowd: Crowd, deploysEach: number): Promise<IdleDeploys> {
  const agent = lab.host('agent1');
  await agent.sh('systemctl stop dcvserver');
  const standIn = await startAgent(lab, agent.name, agent.address);
  try {
    const inventories = await twoInventories(lab);
    await prepare(lab, inventories[1]);
    const deploy = changesOf(lab, inventories);
    const before = await deploy(deploysEach);
    const webSockets = lab.operator.start(
      programOf('idle', GATEWAY.host, GATEWAY.port, `/${agent.address}/idle`, crowd.number, crowd.perSecond),
    );
    await webSockets.waitFor('"event":"open"', OPENING_LIMIT_MS);
    const withWebSockets = await deploy(deploysEach);
    webSockets.endInput();
    const { stdout } = await webSockets.ended;
    const after = await deploy(deploysEach);
    return { opened: crowd.number, held: heldOf(stdout), withWebSockets, without: [...before, ...after] };
  } finally {
    standIn.kill('SIGTERM');
    await standIn.ended;
    await agent.sh('systemctl start dcvserver');
  }
}

/** How many WebSockets the holder says it had at its end; those that were cut before are not among them. */
export function heldOf(stdout: string): number {
  return Number(/\{"event":"held","count":(\d+)\}/.exec(stdout)?.[1] ?? 0);
}

/** An agent that costs little, in the place of the lab's own, whose desktops want to be logged in to. */
async function startAgent(lab: TestLab, name: string, address: string): Promise<RunningProgram> {
  const directory = path.join(lab.directory, 'bench');
  mkdirSync(directory, { recursive: true });
  const { certificate, key } = makeCertificate(directory, 'idle-agent', `IP:${address}`);
  const inside = ['nsenter', `--net=${hostPaths(lab.name, name).network}`, '--'];
  const running = start([...inside, ...programOf('agent', address, 8443, certificate, key)], {
    env: process.env,
    cwd: directory,
  });
  await running.waitFor('ready');
  return running;
}

type Inventories = readonly [string, string];

/**
 * They differ in who may connect, so that a deploy of the other one is a change. One client opens everything: no limits. Room
 * for all of it in one worker, and for no more files than a machine that is no host of its own lets nginx open.
 */
async function twoInventories(lab: TestLab): Promise<Inventories> {
  const variant = (network: string): Promise<string> =>
    inventoryVariant(lab, `bench-idle-${network.replaceAll(/[./]/g, '-')}`, (text) =>
      text
        .replace('10.213.0.0/16', `10.213.0.0/16, ${network}`)
        .replace('access: {', 'worker_connections: 8192\n  access: { rate: off,'),
    );
  return [await variant('192.0.2.0/24'), await variant('198.51.100.0/24')];
}

/** Debian's nginx has room for some hundred WebSockets; the first deploy raises that. @throws Error with what it said */
async function prepare(lab: TestLab, inventory: string): Promise<void> {
  const { code, stderr } = await lab.dcvops(['deploy', '--yes', '--prepare-host', '-i', inventory]);
  if (code !== 0) throw new Error(`dcvops deploy --prepare-host failed:\n${stderr}`);
}

/** Deploys the two in turns. @returns wall times in milliseconds */
function changesOf(lab: TestLab, inventories: Inventories): (times: number) => Promise<number[]> {
  let done = 0;
  return async (times) => {
    const took: number[] = [];
    for (let time = 0; time < times; time += 1) {
      took.push(await timed(deploys(lab, inventories[done % 2 === 0 ? 0 : 1])));
      done += 1;
    }
    return took;
  };
}
