import { attempt, type CommandResult } from '../command.ts';
import { hostInit } from '../host/cgroup.ts';
import { closePort, loseConnections, openPorts } from '../host/firewall.ts';
import { type HostLayers } from '../host/layers.ts';
import { insideHost, powerOff, powerOn, waitUntilUp } from '../host/power.ts';
import { LabError } from '../lab-error.ts';
import { setCable } from '../network.ts';
import { hostPaths } from '../paths.ts';
import type { LabHost } from '../plan.ts';
import { resetHost } from '../up.ts';

export interface HostProcess {
  /** As the host numbers it. */
  readonly pid: number;
  readonly args: string;
}

/** A host of the lab in a test's hands. Nothing here goes over SSH. */
export interface TestHost extends LabHost {
  /** Runs a shell command as root inside the host; gives its stdout without trailing newlines. @throws on failure */
  readonly sh: (command: string, options?: { input?: string }) => Promise<string>;
  /** The same, giving whatever became of it. */
  readonly attempt: (command: string, options?: { input?: string }) => Promise<CommandResult>;
  /** Content of a file. */
  readonly read: (file: string) => Promise<string>;
  /** Writes a file in place, keeping an existing one's owner and mode; `mode` is for a new one. */
  readonly write: (file: string, content: string, mode?: string) => Promise<void>;
  /** Processes whose command line matches. */
  readonly processes: (pattern: RegExp) => Promise<HostProcess[]>;
  /** A power cut: everything is killed at once, nobody is told, the disk stays. */
  readonly powerOff: () => Promise<void>;
  /** Boots it, its cable plugged in and no port closed; resolves when sshd answers. */
  readonly powerOn: () => Promise<void>;
  /** Reboots it in order, as `systemctl reboot` does; resolves when sshd answers again. */
  readonly reboot: () => Promise<void>;
  /** Pulls the cable: packets are lost in silence. */
  readonly disconnect: () => Promise<void>;
  readonly reconnect: () => Promise<void>;
  /** Drops what comes from outside to this port, as a cloud's firewall does; the host itself still reaches it. */
  readonly closePort: (port: number) => Promise<void>;
  readonly openPorts: () => Promise<void>;
  /** Loses in silence what belongs to the SSH connections that are open now; gives what takes that back. */
  readonly loseConnections: () => Promise<() => Promise<void>>;
  /** A new disk with the same name, keys and certificate; network and firewall as new. About 1 s. */
  readonly reset: () => Promise<void>;
}

export function testHost(lab: string, host: LabHost, layers: HostLayers): TestHost {
  const init = (): number => {
    const pid = hostInit(lab, host.name);
    if (pid === undefined) throw new LabError(`${host.name} is off.`);
    return pid;
  };
  const run = (command: string, options: { input?: string } = {}): Promise<CommandResult> =>
    insideHost(init(), ['sh', '-c', command], options);
  const sh = async (command: string, options: { input?: string } = {}): Promise<string> => {
    const result = await run(command, options);
    if (result.code === 0) return result.stdout.replace(/\n+$/, '');
    throw new Error(
      `${host.name}: "${command}" failed (exit ${result.code})\n${result.stdout}${result.stderr}`,
    );
  };
  const argv = async (args: readonly string[], input = ''): Promise<string> => {
    const result = await insideHost(init(), args, { input });
    if (result.code === 0) return result.stdout;
    throw new Error(`${host.name}: "${args.join(' ')}" failed (exit ${result.code})\n${result.stderr}`);
  };
  const processes = async (pattern: RegExp): Promise<HostProcess[]> => {
    const list = await argv(['ps', '-e', '-o', 'pid=,args=', '-ww']);
    return list
      .split('\n')
      .map((line) => /^\s*(\d+) (.*)$/.exec(line))
      .flatMap((match) => (match === null ? [] : [{ pid: Number(match[1]), args: match[2] ?? '' }]))
      .filter((one) => pattern.test(one.args) && !one.args.startsWith('ps -e -o pid=,args='));
  };
  return {
    ...host,
    sh,
    attempt: run,
    processes,
    read: (file) => argv(['cat', '--', file]),
    write: async (file, content, mode) => {
      const write = '[ -e "$1" ] || [ -z "$2" ] || install -m "$2" /dev/null "$1"; cat >"$1"';
      await argv(['sh', '-eu', '-c', write, 'write', file, mode ?? ''], content);
    },
    powerOff: () => powerOff(lab, host),
    powerOn: async () => {
      await powerOn(lab, host);
      await waitUntilUp(lab, host);
    },
    reboot: async () => {
      const previous = init();
      await run('systemctl reboot'); // may be killed by what it starts
      await waitUntilUp(lab, host, previous);
    },
    disconnect: () => setCable(lab, host.name, false),
    reconnect: () => setCable(lab, host.name, true),
    closePort: (port) => closePort(lab, host.name, port),
    openPorts: () => openPorts(lab, host.name),
    loseConnections: () => loseConnections(lab, host.name, host.sshPort),
    reset: async () => {
      await resetHost(lab, host, layers);
      await waitUntilUp(lab, host);
    },
  };
}

/** Runs a program of this machine inside a host's network: `curl`, `nft`, `ss`. */
export function inHostNetwork(lab: string, host: string, argv: readonly string[]): Promise<CommandResult> {
  return attempt(['nsenter', `--net=${hostPaths(lab, host).network}`, '--', ...argv]);
}
