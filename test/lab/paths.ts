import os from 'node:os';
import path from 'node:path';

/** Everything of a running lab is below one directory, a tmpfs of its own: taking it down is unmounting it. */
export const LABS_DIRECTORY = '/run/dcvops-lab';

export interface LabPaths {
  readonly directory: string;
  readonly state: string;
  readonly inventory: string;
  readonly key: string;
  readonly knownHosts: string;
  /** The operator's network namespace, as a file. */
  readonly operatorNetwork: string;
  /** The operator's HOME in tests: no `~/.ssh` of the machine's owner plays a part. */
  readonly operatorHome: string;
  /** Put before PATH on the operator's side: `dcvops` is the built program of this repository. */
  readonly operatorPrograms: string;
  /** Links to the image's layers, and the stand-in's own layer: short names for overlayfs. */
  readonly layers: string;
  readonly forward: string;
}

export function labPaths(lab: string): LabPaths {
  const directory = path.join(LABS_DIRECTORY, lab);
  return {
    directory,
    state: path.join(directory, 'lab.json'),
    inventory: path.join(directory, 'inventory.yaml'),
    key: path.join(directory, 'tom.pem'),
    knownHosts: path.join(directory, 'known_hosts'),
    operatorNetwork: path.join(directory, 'network', 'operator'),
    operatorHome: path.join(directory, 'home'),
    operatorPrograms: path.join(directory, 'bin'),
    layers: path.join(directory, 'layers'),
    forward: path.join(directory, 'forward.json'),
  };
}

export interface HostPaths {
  readonly directory: string;
  /** What differs from the image: the host's disk. Kept while the host is off. */
  readonly upper: string;
  /** Written last when a host is laid; without it the host is laid anew. */
  readonly laid: string;
  readonly console: string;
  readonly network: string;
}

export function hostPaths(lab: string, host: string): HostPaths {
  const directory = path.join(LABS_DIRECTORY, lab, 'hosts', host);
  return {
    directory,
    upper: path.join(directory, 'upper'),
    laid: path.join(directory, 'laid'),
    console: path.join(directory, 'console.log'),
    network: path.join(LABS_DIRECTORY, lab, 'network', host),
  };
}

/** The name systemd-nspawn knows a host by; it makes a directory of that name under /run/systemd/nspawn. */
export function machineName(lab: string, host: string): string {
  return `dcvops-lab.${lab}.${host}`;
}

/** Where images are cached, outside of the repository. */
export function imageDirectory(): string {
  const cache = process.env['XDG_CACHE_HOME'];
  const base = cache === undefined || cache === '' ? path.join(os.homedir(), '.cache') : cache;
  return path.join(base, 'dcvops-lab');
}

/** A file that belongs to the lab's sources. */
export function labFile(...names: string[]): string {
  return path.join(import.meta.dirname, ...names);
}

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');
