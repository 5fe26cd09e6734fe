import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderGateway } from '../../../src/gateway/render.ts';
import { type PrivateNetwork, makePrivateNetwork } from '../../integration/gateway/network.ts';
import {
  layNginx,
  makeCertificate,
  nginxBuild,
  startNginx,
  waitFor,
} from '../../integration/gateway/nginx.ts';
import { LabError } from '../../lab/lab-error.ts';
import { type RunningProgram, start } from '../../lab/support/program.ts';
import { agent, gatewaySettings, proxy } from '../../unit/gateway/inventories.ts';
import { limited } from '../measure.ts';
import {
  AGENTS,
  GATEWAY,
  HTTP_AGENT,
  PORTS,
  type Place,
  WEBSOCKET_AGENT,
  haproxy,
  httpAgent,
  minimalProxy,
} from './configs.ts';

/** The rendered gateway, what it is measured against, and agents, in a network of their own; TLS on every connection. */
export interface Arena {
  /** Runs a program inside, which has to succeed, and gives what it printed. */
  readonly run: (argv: readonly string[]) => Promise<string>;
  /** Starts one. */
  readonly start: (argv: readonly string[]) => RunningProgram;
  /** The processes of the rendered gateway that serve. */
  readonly workers: () => readonly number[];
  readonly stop: () => Promise<void>;
}

/** The command line of a program of this benchmark. */
export function programOf(
  name: 'agent' | 'client' | 'idle',
  ...args: readonly (string | number)[]
): string[] {
  const file = path.join(import.meta.dirname, 'programs', `${name}.ts`);
  return [process.execPath, '--import', TSX, file, ...args.map(String)];
}

const TSX = import.meta.resolve('tsx', pathToFileURL(import.meta.filename));
const AGENT_PORT = 8443;

/** Starts everything. */
export async function startArena(): Promise<Arena> {
  const network = await makePrivateNetwork([GATEWAY, HTTP_AGENT, WEBSOCKET_AGENT], []);
  const stops: (() => Promise<unknown>)[] = [() => network.close()];
  const stop = async (): Promise<void> => {
    for (const one of stops.reverse()) await one();
  };
  try {
    const pair = makeCertificate(network.directory, 'gateway', `IP:${GATEWAY}`);
    const place = (name: string): Place => {
      const directory = path.join(network.directory, name);
      mkdirSync(directory);
      return { directory, ...pair };
    };
    const nginx = async (at: Place, config: string, host: string, port: number): Promise<void> => {
      layNginx(at.directory, config);
      stops.push((await startNginx(at.directory, network.inside, () => answers(network, host, port))).stop);
    };
    const program = (argv: readonly string[]): RunningProgram => {
      const [command, args] = network.inside(argv);
      return start([command, ...args], { env: process.env, cwd: network.directory });
    };
    const service = async (argv: readonly string[], host: string, port: number): Promise<void> => {
      const running = program(argv);
      stops.push(() => {
        running.kill('SIGTERM');
        return running.ended;
      });
      await waitFor(argv.join(' '), () => answers(network, host, port));
    };
    const ours = { directory: network.directory, ...pair };
    await service(
      programOf('agent', WEBSOCKET_AGENT, AGENT_PORT, pair.certificate, pair.key),
      WEBSOCKET_AGENT,
      AGENT_PORT,
    );
    const agentPlace = place('agent');
    await nginx(agentPlace, httpAgent(agentPlace), HTTP_AGENT, AGENT_PORT);
    await nginx(ours, rendered(ours), GATEWAY, PORTS.ours);
    const minimal = place('minimal');
    await nginx(minimal, minimalProxy(minimal), GATEWAY, PORTS.minimal);
    await service(['haproxy', '-db', '-f', layHaproxy(ours)], GATEWAY, PORTS.haproxy);
    return {
      run: async (argv) => {
        const [command, args] = network.inside(argv);
        const { code, stdout, stderr } = await limited([command, ...args], process.env, network.directory);
        if (code !== 0) throw new LabError(`${argv.join(' ')} failed (exit ${code}):\n${stdout}${stderr}`);
        return stdout;
      },
      start: program,
      workers: () => childrenOf(readFileSync(path.join(ours.directory, 'nginx.pid'), 'utf8').trim()),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The gateway of an inventory of these two agents. One client asks for as much as ten thousand do: no limits. */
function rendered(place: Place): string {
  const agents = [agent('http', HTTP_AGENT), agent('websocket', WEBSOCKET_AGENT)];
  const { config } = renderGateway({
    gateway: gatewaySettings({
      listen: { address: undefined, port: PORTS.ours },
      tls: { kind: 'files', certificate: place.certificate, key: place.key },
      default: agents.slice(0, 1),
      agentNetworks: [AGENTS],
      access: { rate: 'off' },
    }),
    agents,
    proxy: proxy(GATEWAY),
    sessionId: 'desktop-session',
    nginx: { ...nginxBuild(), hasIPv6: true, ownAddresses: [GATEWAY] },
    logFiles: { access: `${place.directory}/dcv-access.log`, error: `${place.directory}/dcv-error.log` },
  });
  return config;
}

function layHaproxy({ directory, certificate, key }: Place): string {
  const bundle = path.join(directory, 'haproxy.pem');
  writeFileSync(bundle, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
  const file = path.join(directory, 'haproxy.cfg');
  writeFileSync(file, haproxy({ bundle }));
  return file;
}

async function answers(network: PrivateNetwork, host: string, port: number): Promise<boolean> {
  try {
    (await network.dial({ host, port })).destroy();
    return true;
  } catch {
    return false;
  }
}

function childrenOf(pid: string): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}
