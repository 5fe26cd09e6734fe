import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { attempt, type CommandOptions, type CommandResult } from '../command.ts';
import { LabError } from '../lab-error.ts';
import { inNetwork, isPluggedIn, plugIn, setCable } from '../network.ts';
import { hostPaths, labFile, labPaths, machineName } from '../paths.ts';
import type { LabHost } from '../plan.ts';
import { until } from '../wait.ts';
import { endHost, hostInit, hostProcesses, makeHostCgroups } from './cgroup.ts';
import { laidOn } from './lay.ts';

const BOOT_TIMEOUT_MS = 60_000;

/**
 * Switches a host on that has been laid; its network is new, no connection of before is known to it. It goes on running
 * when this process ends.
 */
export async function powerOn(lab: string, host: LabHost): Promise<void> {
  const layers = laidOn(lab, host);
  if (layers === undefined) throw new LabError(`${host.name} has no disk.`);
  await plugIn(lab, host);
  const paths = hostPaths(lab, host.name);
  const cgroups = makeHostCgroups(lab, host.name);
  const console_ = fs.openSync(paths.console, 'a');
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', 'sh', labFile('host', 'supervise.sh')],
      ...[paths.directory, layers.stack.join(':'), machineName(lab, host.name), host.name, paths.network],
      ...[layers.packages, ...cgroups],
    ],
    { detached: true, stdio: ['ignore', console_, console_], cwd: '/' },
  );
  child.unref();
  fs.closeSync(console_);
}

/**
 * Cuts a host's power: every process of it is killed at once, its disk stays as it is, and nobody on the network hears
 * of it. A host that is off already is left with nothing of its cgroups.
 */
export async function powerOff(lab: string, host: LabHost): Promise<void> {
  if (isPluggedIn(lab, host.name)) await setCable(lab, host.name, false);
  await endHost(lab, host.name);
}

export function isPoweredOn(lab: string, host: LabHost): boolean {
  return hostProcesses(lab, host.name).length > 0;
}

/**
 * Resolves when the host's systemd has finished booting and its sshd greets the operator.
 * @param previous the host's pid 1 that is about to go, when it reboots
 * @throws LabError with the end of the host's console
 */
export async function waitUntilUp(lab: string, host: LabHost, previous?: number): Promise<void> {
  let hasBegun = false;
  try {
    const init = await until(
      `${host.name}: boot`,
      () => {
        const pid = hostInit(lab, host.name);
        if (pid !== undefined && pid !== previous) return pid;
        const processes = hostProcesses(lab, host.name).length;
        if (hasBegun && processes === 0) throw new Error('it has ended');
        hasBegun ||= processes > 0;
        return undefined;
      },
      BOOT_TIMEOUT_MS,
    );
    await until(`${host.name}: sshd`, () => sshdGreets(lab, host), BOOT_TIMEOUT_MS);
    // Asked again and again: `--wait` can miss the end of the boot when it asks while D-Bus comes up, and waits for ever.
    const booted = async (): Promise<boolean> => ['running', 'degraded'].includes(await systemState(init));
    await until(`${host.name}: systemd`, booted, BOOT_TIMEOUT_MS, 100);
  } catch (error) {
    const { console: file } = hostPaths(lab, host.name);
    const said = fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
    const why = error instanceof Error ? error.message : String(error);
    throw new LabError(
      `${host.name} does not come up (${why}).${said === '' ? '' : `\n${said}`}`,
      `less ${file}`,
      {
        cause: error,
      },
    );
  }
}

/** What systemd says of itself: `running`, `starting`, `degraded`, …; `no answer` when it does not. */
export async function systemState(init: number): Promise<string> {
  const signal = AbortSignal.timeout(5_000);
  const { stdout } = await insideHost(init, ['systemctl', 'is-system-running'], { signal });
  return stdout.trim() || 'no answer';
}

async function sshdGreets(lab: string, host: LabHost): Promise<boolean> {
  // --norc: with a socket for its stdin, as Node gives it, bash takes itself for a remote shell and reads ~/.bashrc.
  const greeting = 'exec 3<>"/dev/tcp/$1/$2" && read -r line <&3 && [[ $line == SSH-* ]]';
  const result = await attempt(
    inNetwork(labPaths(lab).operatorNetwork, [
      ...['timeout', '2', 'bash', '--norc', '-c', greeting, 'greeting', host.address, String(host.sshPort)],
    ]),
  );
  return result.code === 0;
}

/** Runs a program inside a host, as root, without SSH. `init` is the host's pid 1 as this machine numbers it. */
export function insideHost(
  init: number,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return attempt(['nsenter', `--target=${init}`, ...NAMESPACES, '--', ...argv], {
    env: HOST_ENVIRONMENT,
    ...options,
  });
}

const NAMESPACES = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];

const HOST_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
};
