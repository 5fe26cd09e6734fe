import fs from 'node:fs';
import path from 'node:path';
import { hostsWithCgroup } from '../host/cgroup.ts';
import { mountsBelow } from '../mounts.ts';
import { labPaths } from '../paths.ts';

/** Everything on this machine that belongs to a lab, a line each; nothing when the lab is down. */
export function traces(lab: string): string[] {
  const { directory } = labPaths(lab);
  const nspawn = '/run/systemd/nspawn';
  return [
    ...mountsBelow(directory).map((point) => `mount ${point}`),
    ...(fs.existsSync(directory) ? [`directory ${directory}`] : []),
    ...hostsWithCgroup(lab).map((host) => `cgroup of ${host}`),
    ...processesNaming([`dcvops-lab.${lab}.`, `${directory}/`]),
    ...['propagate', 'locks'].flatMap((part) =>
      namesIn(path.join(nspawn, part))
        .filter((name) => name.includes(`dcvops-lab.${lab}.`))
        .map((name) => `${nspawn}/${part}/${name}`),
    ),
  ];
}

/** Processes with one of the texts in their command line or among their mounts. */
function processesNaming(texts: readonly string[]): string[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const commandLine = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      const about = `${commandLine}\n${read(`/proc/${pid}/mountinfo`)}`;
      return texts.some((text) => about.includes(text)) ? [`process ${pid}: ${commandLine}`] : [];
    });
}

function namesIn(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}
