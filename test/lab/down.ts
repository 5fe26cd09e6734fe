import fs from 'node:fs';
import path from 'node:path';
import { attempt, run } from './command.ts';
import { endHost, hostsWithCgroup, kill } from './host/cgroup.ts';
import { restoreLimits } from './limits.ts';
import { withLock } from './lock.ts';
import { mountsBelow } from './mounts.ts';
import { processesIn } from './network.ts';
import { LABS_DIRECTORY, labPaths, machineName } from './paths.ts';
import { until } from './wait.ts';

/** Takes a lab down. @returns whether there was anything to take down */
export function down(lab: string, tell: (line: string) => void): Promise<boolean> {
  const waiting = (): void => {
    tell(`another process is busy with the lab "${lab}"; waiting for it`);
  };
  return withLock(`lab.${lab}`, waiting, () => removeLab(lab));
}

/**
 * Removes a lab, for who holds its lock, whatever state it is in: it goes by what is there (cgroups, namespaces, mounts of the lab's name),
 * not by what a file says, so that a crash of `up` leaves nothing either. Only processes in the lab's own cgroups and
 * in its own network are ended.
 * @returns whether there was anything to take down
 */
export async function removeLab(lab: string): Promise<boolean> {
  const { directory, operatorNetwork } = labPaths(lab);
  const hosts = hostsWithCgroup(lab);
  const wasThere = hosts.length > 0 || fs.existsSync(directory);
  await Promise.all(hosts.map((host) => endHost(lab, host)));
  await endOperatorProcesses(operatorNetwork);
  for (const point of mountsBelow(directory)) await unmount(point);
  fs.rmSync(directory, { recursive: true, force: true });
  for (const host of hosts) removeEmpty(path.join('/run/systemd/nspawn/propagate', machineName(lab, host)));
  await restoreLimits();
  removeEmpty(LABS_DIRECTORY);
  return wasThere;
}

/** A directory that somebody's shell stands in goes when the shell leaves it. */
async function unmount(point: string): Promise<void> {
  if ((await attempt(['umount', point])).code !== 0) await run(['umount', '--lazy', point]);
}

/** Ends what runs in the operator's network (the forwarder, a forgotten `exec`), but not who asks for it. */
async function endOperatorProcesses(network: string): Promise<void> {
  const spared = ancestors();
  await until(
    'the end of the processes in the lab’s network',
    () => {
      const pids = processesIn(network).filter((pid) => !spared.has(pid));
      for (const pid of pids) kill(pid);
      return pids.length === 0;
    },
    10_000,
    20,
  );
}

function ancestors(): Set<number> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 1 && !found.has(pid); pid = parentOf(pid)) found.add(pid);
  return found;
}

function parentOf(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
}

function removeEmpty(directory: string): void {
  try {
    fs.rmdirSync(directory);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
