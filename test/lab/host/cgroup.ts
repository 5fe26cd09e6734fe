import fs from 'node:fs';
import path from 'node:path';
import { LabError } from '../lab-error.ts';
import { until } from '../wait.ts';

/**
 * The cgroup trees systemd keeps its processes in: the unified one, and beside it systemd's own where the machine still
 * has version 1.
 */
function trees(): string[] {
  const found = fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [mount = '', filesystem = ''] = line.split(' - ');
      const [type, , options = ''] = filesystem.split(' ');
      const isOurs = type === 'cgroup2' || (type === 'cgroup' && options.split(',').includes('name=systemd'));
      const directory = mount.split(' ')[4];
      return isOurs && directory !== undefined ? [directory] : [];
    });
  if (found.length > 0) return [...new Set(found)];
  throw new LabError(
    'This machine has neither a cgroup2 tree nor systemd’s own cgroup tree, which hosts with systemd need.',
    'mount -t cgroup2 none /sys/fs/cgroup',
  );
}

function prefix(lab: string): string {
  return `dcvops-lab.${lab}.`;
}

/** Makes a host's cgroup in each tree, with `watch` below it for the shell that keeps the host running. */
export function makeHostCgroups(lab: string, host: string): string[] {
  const groups = trees().map((tree) => path.join(tree, prefix(lab) + host));
  try {
    for (const group of groups) fs.mkdirSync(path.join(group, 'watch'), { recursive: true });
  } catch (error) {
    throw new LabError(
      `Hosts need cgroups of their own, which cannot be made here: ${(error as Error).message}`,
      'In a container: one that may do everything (docker run --privileged --cgroupns=private).',
      { cause: error },
    );
  }
  return groups;
}

/** Names of the hosts of a lab that have a cgroup, running or not. */
export function hostsWithCgroup(lab: string): string[] {
  const names = trees()
    .flatMap((tree) => fs.readdirSync(tree))
    .filter((name) => name.startsWith(prefix(lab)))
    .map((name) => name.slice(prefix(lab).length));
  return [...new Set(names)];
}

/** Pids of a host's processes as this machine numbers them, the shell and nspawn that keep it running included. */
export function hostProcesses(lab: string, host: string): number[] {
  const pids = trees().flatMap((tree) => processesBelow(path.join(tree, prefix(lab) + host)));
  return [...new Set(pids)];
}

/** Pid of the host's own pid 1, once it runs. */
export function hostInit(lab: string, host: string): number | undefined {
  return trees()
    .flatMap((tree) => processesBelow(path.join(tree, prefix(lab) + host, 'payload')))
    .find((pid) => /^NSpid:\s+\d+\s+1$/m.test(readOrEmpty(`/proc/${pid}/status`)));
}

/** Ends every process of a host at once, as a power cut does, and removes its cgroups. */
export async function endHost(lab: string, host: string): Promise<void> {
  await until(
    `the end of ${host}'s processes`,
    () => {
      const pids = hostProcesses(lab, host);
      for (const pid of pids) kill(pid);
      return pids.length === 0 && trees().every((tree) => removeTree(path.join(tree, prefix(lab) + host)));
    },
    20_000,
    20,
  );
}

function processesBelow(group: string): number[] {
  const own = readOrEmpty(path.join(group, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  return [...own, ...childGroups(group).flatMap(processesBelow)];
}

/** Is it gone now? A process that was begun a moment ago, or is not quite over, holds its group. */
function removeTree(group: string): boolean {
  if (!childGroups(group).every(removeTree)) return false;
  try {
    if (fs.existsSync(group)) fs.rmdirSync(group);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
}

function childGroups(group: string): string[] {
  try {
    return fs
      .readdirSync(group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(group, entry.name));
  } catch {
    return []; // gone meanwhile
  }
}

function readOrEmpty(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Sends SIGKILL; a process that ended meanwhile is what was wanted. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
