import { spawn } from 'node:child_process';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { exitCode, PROGRAM_PATH } from './command.ts';
import { down } from './down.ts';
import { forward } from './forward.ts';
import { explain, LabError } from './lab-error.ts';
import { inNetwork } from './network.ts';
import { labPaths } from './paths.ts';
import { findHost, type LabRequest } from './plan.ts';
import { requireLabMachine } from './prerequisites.ts';
import { type LabState, labNames, readState } from './state.ts';
import { labStatus, statusLines } from './status.ts';
import { reset, up } from './up.ts';

const DEFAULT_LAB = 'lab';
const GATEWAY_PORT = 8443;

interface Named {
  readonly name: string;
}

const lab = new Command('lab')
  .description('Real Debian hosts on this machine: a proxy and agents, on a network without a way out.')
  .enablePositionalOptions()
  .exitOverride();

named('up', 'bring the lab up, or what is missing of it')
  .option('--agents <n>', 'how many agents (default 2)', count)
  .option('--proxies <n>', 'how many proxies (default 1)', count)
  .option('--bare-proxy', 'proxies without nginx')
  .action(async ({ name, ...request }: Named & Partial<LabRequest>) => {
    const started = Date.now();
    const { state, started: hosts } = await up(name, request, tell);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    if (hosts.length === 0) tell(`lab "${name}" is already up: ${state.hosts.length} hosts`);
    else tell(`lab "${name}" is up: ${some(hosts)} started in ${seconds} s`);
    tell(`inventory: ${labPaths(name).inventory}`);
  });

named('down', 'take the lab down; nothing of it stays')
  .option('--all', 'all labs of this machine')
  .action(async ({ name, all }: Named & { all?: true }) => {
    requireLabMachine();
    for (const one of all === true ? labNames() : [name]) {
      tell((await down(one, tell)) ? `lab "${one}" is down` : `lab "${one}" was not up`);
    }
  });

named('status', 'show the lab’s hosts').action(async ({ name }: Named) => {
  if (readState(name) !== undefined) requireLabMachine();
  const status = await labStatus(name);
  if (status === undefined) {
    process.stdout.write(`lab "${name}" is not up\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(`${statusLines(status).join('\n')}\n`);
  if (status.hosts.some((host) => host.state === 'off')) process.exitCode = 1;
});

named('exec', 'run a command on the operator’s side: inside the lab’s network, with its inventory')
  .passThroughOptions()
  .argument('<command...>')
  .action(async (command: string[], { name }: Named) => {
    mustBeUp(name);
    await onOperatorSide(name, command);
  });

named('ssh', 'log in to a host')
  .passThroughOptions()
  .argument('<host>')
  .argument('[command...]')
  .action(async (hostName: string, command: string[], { name }: Named) => {
    const { hosts } = mustBeUp(name);
    const host = findHost(hosts, hostName);
    const { key, knownHosts } = labPaths(name);
    await onOperatorSide(name, [
      ...[
        'ssh',
        '-F',
        'none',
        '-i',
        key,
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        `UserKnownHostsFile=${knownHosts}`,
      ],
      ...['-p', String(host.sshPort), `ec2-user@${host.address}`, ...command],
    ]);
  });

named('reset', 'give hosts (all without names) a new disk; agents get the DCV stand-in as it is now')
  .argument('[host...]')
  .action(async (hostNames: string[], { name }: Named) => {
    mustBeUp(name);
    const done = await reset(name, hostNames, tell);
    tell(`${done.join(', ')} ${done.length === 1 ? 'has a new disk' : 'have new disks'}`);
  });

named('forward', 'publish the gateway on a loopback port, for a browser on this machine')
  .option('--port <port>', `the port (default ${GATEWAY_PORT}, or a free one)`, count)
  .action(async ({ name, port }: Named & { port?: number }) => {
    mustBeUp(name);
    const forwarded = await forward(name, port ?? GATEWAY_PORT, port !== undefined);
    process.stdout.write(`https://127.0.0.1:${forwarded.port}/\n`);
  });

function named(command: string, description: string): Command {
  return lab.command(command).description(description).option('--name <name>', 'which lab', DEFAULT_LAB);
}

/** A few names, or how many they are. */
function some(hosts: readonly string[]): string {
  return hosts.length > 5 ? `${hosts.length} hosts` : hosts.join(', ');
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('a number is wanted.');
  return value;
}

function mustBeUp(name: string): LabState {
  requireLabMachine();
  const state = readState(name);
  if (state !== undefined) return state;
  throw new LabError(`The lab "${name}" is not up.`, 'npm run lab -- up');
}

/** Runs a command inside the lab's network with this terminal; its exit code becomes ours. */
async function onOperatorSide(name: string, command: readonly string[]): Promise<void> {
  const { inventory, operatorNetwork, operatorPrograms } = labPaths(name);
  const [program = '', ...args] = inNetwork(operatorNetwork, command);
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${operatorPrograms}:${PROGRAM_PATH}`, DCVOPS_INVENTORY: inventory },
  });
  // A terminal's Ctrl-C reaches the command itself; we wait for what it makes of it.
  const ignore = (): void => undefined;
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', ignore).on('SIGTERM', passOn).on('SIGHUP', passOn);
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(exitCode(code, signal));
    });
  });
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await lab.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (!(error instanceof LabError)) throw error;
  tell(explain(error));
  return 1;
}
