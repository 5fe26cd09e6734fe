/**
 * `npm run demo`: real hosts on this machine, the main job on them with the built program, and the address where the
 * desktop opens in a browser. The lab stays up afterwards.
 */
import https from 'node:https';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { createStyle, useColour } from '../../src/report/style.ts';
import { attempt, type CommandResult, PROGRAM_PATH } from './command.ts';
import { forward } from './forward.ts';
import { ensurePackages } from './install-packages.ts';
import { explain, LabError } from './lab-error.ts';
import { inNetwork } from './network.ts';
import { labPaths, REPOSITORY } from './paths.ts';
import type { LabHost } from './plan.ts';
import { isRoot } from './prerequisites.ts';
import { up } from './up.ts';

interface DemoOptions {
  readonly name: string;
  readonly port?: number;
  readonly build: boolean;
}

const SESSION = 'desktop-session';
const GATEWAY_PORT = 8443;

const style = createStyle(useColour({ wanted: true, isTty: process.stdout.isTTY, env: process.env }));

const program = new Command('demo')
  .description('Real hosts on this machine, and their desktops in your browser.')
  .option('--name <name>', 'which lab', 'lab')
  .option('--port <port>', `the loopback port (default ${GATEWAY_PORT}, or a free one)`, portNumber)
  .option('--no-build', 'take dist/ as it is')
  .exitOverride();

try {
  await demo(program.parse().opts<DemoOptions>());
} catch (error) {
  process.exitCode = report(error);
}

async function demo({ name, port, build }: DemoOptions): Promise<void> {
  print('1 proxy and 2 agents on this machine, in a network without a way out.');
  print('Debian, systemd, SSH, sudo, nginx: real. Amazon DCV: a stand-in, with a real desktop behind it.');
  await prepareMachine(build);
  const hosts = await bringUp(name);
  const agents = hosts.filter((host) => host.role === 'agent').slice(0, 2);

  await show(name, 'deploy');
  await show(name, 'session', 'create', ...agents.map((agent) => agent.name));
  await show(name, 'session', 'list');
  await show(name, 'check');

  const published = (await forward(name, port ?? GATEWAY_PORT, port !== undefined)).port;
  const pages = agents.map((agent) => `https://127.0.0.1:${published}/${agent.address}/`);
  for (const page of pages) await mustAnswer(page);
  printEnd(name, published, pages);
}

async function prepareMachine(build: boolean): Promise<void> {
  if (process.platform === 'linux' && !isRoot()) {
    throw new LabError(
      'The demo needs root: it makes hosts with namespaces of their own.',
      'sudo npm run demo',
    );
  }
  await ensurePackages(['lab']);
  if (!build) return;
  const built = await attempt([process.execPath, 'build.js'], { cwd: REPOSITORY });
  if (built.code !== 0) throw failed('npm run build', built);
}

async function bringUp(name: string): Promise<readonly LabHost[]> {
  const started = Date.now();
  const { state, started: switchedOn } = await up(name, {}, print);
  const time = switchedOn.length === 0 ? 'up already' : `${((Date.now() - started) / 1000).toFixed(1)} s`;
  print(`${style.good('✔')} ${style.bold(`${state.hosts.length} hosts`)}  ${time}`);
  return state.hosts;
}

/** Runs the built dcvops on the operator's side and prints the command and what came of it. */
async function show(lab: string, ...args: readonly string[]): Promise<void> {
  const command = `dcvops ${args.join(' ')}`;
  print(`${style.dim('$')} ${style.bold(command)}`);
  const result = await dcvops(lab, args);
  if (result.code !== 0) throw failed(command, result);
  for (const line of outcomeLines(args, result)) print(line);
}

/** A list as it is; of everything else the lines that tell how it ended, one a host: "✔ gateway  release 3f9a1c live". */
function outcomeLines(args: readonly string[], { stdout, stderr }: CommandResult): string[] {
  if (args.includes('list')) return linesOf(stdout).map(cutToTerminal);
  return linesOf(stderr)
    .filter((line) => /^[✔!] \S+ {2}/.test(line))
    .map((line) => line.replace('✔', style.good('✔')));
}

function cutToTerminal(line: string): string {
  const { columns } = process.stdout;
  return process.stdout.isTTY && line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
}

/** No `~/.ssh` and no settings of whoever types this play a part: the lab has a HOME of its own. */
function dcvops(lab: string, args: readonly string[]): Promise<CommandResult> {
  const { inventory, operatorHome, operatorNetwork, operatorPrograms } = labPaths(lab);
  return attempt(inNetwork(operatorNetwork, ['dcvops', ...args]), {
    env: {
      PATH: `${operatorPrograms}:${PROGRAM_PATH}`,
      HOME: operatorHome,
      LANG: 'C.UTF-8',
      DCVOPS_INVENTORY: inventory,
    },
  });
}

function failed(command: string, { code, stdout, stderr }: CommandResult): LabError {
  const said = [...linesOf(stdout), ...linesOf(stderr)].map((line) => `  ${line}`);
  return new LabError([`${command} failed (exit ${code}):`, ...said].join('\n'));
}

/** What is printed for a browser to open has to answer. */
async function mustAnswer(page: string): Promise<void> {
  const status = await new Promise<string>((resolve) => {
    // The lab's certificate is one that nobody signed, and the address is this machine's own.
    const request = https.get(page, { rejectUnauthorized: false, agent: false, timeout: 10_000 });
    request.once('response', (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    request.once('timeout', () => request.destroy(new Error('no answer in 10 s')));
    request.once('error', (error) => {
      resolve(error.message);
    });
  });
  if (status !== '200') throw new LabError(`${page} does not show a desktop: ${status}.`);
}

function printEnd(lab: string, port: number, pages: readonly string[]): void {
  const which = lab === 'lab' ? '' : ` --name ${lab}`;
  print(`${style.bold('Open')} ${pages.map((page) => `${page}#${SESSION}`).join('\n     ')}`);
  print('     (self-signed: the browser will ask once)');
  if (process.env['DISPLAY'] === undefined && process.env['WAYLAND_DISPLAY'] === undefined) {
    print(`Browser on another machine? There: ssh -L ${port}:127.0.0.1:${port} THIS-MACHINE`);
  }
  print(`Go on: npm run lab -- exec${which} -- dcvops --help`);
  print(`Stop:  npm run lab -- down${which}`);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`${explain(error)}\n`);
  return 1;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65535) return value;
  throw new InvalidArgumentError('It must be a port from 1 to 65535.');
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
