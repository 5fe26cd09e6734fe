import fs from 'node:fs';
import path from 'node:path';
import { LabError } from './lab-error.ts';

/** What this machine has to have, and why; packages are Debian's and Ubuntu's. */
export interface Prerequisite {
  readonly package: string;
  /** A program of that package, or a file by its path: it being there is what is checked. */
  readonly brings: string;
  readonly why: string;
  readonly for: 'lab' | 'tests' | 'bench';
}

/** The one list of Debian packages that the lab, the tests and the benchmarks need. */
export const PREREQUISITES: readonly Prerequisite[] = [
  { package: 'debootstrap', brings: 'debootstrap', why: 'makes the hosts’ Debian', for: 'lab' },
  {
    package: 'debian-archive-keyring',
    brings: '/usr/share/keyrings/debian-archive-keyring.gpg',
    why: 'proves that the hosts’ Debian is Debian’s',
    for: 'lab',
  },
  { package: 'systemd-container', brings: 'systemd-nspawn', why: 'boots the hosts', for: 'lab' },
  { package: 'iproute2', brings: 'ip', why: 'makes the hosts’ network', for: 'lab' },
  { package: 'openssh-client', brings: 'ssh', why: 'logs in to the hosts; makes keys', for: 'lab' },
  { package: 'openssl', brings: 'openssl', why: 'makes the proxy’s certificate', for: 'lab' },
  {
    package: 'apt-utils',
    brings: 'apt-ftparchive',
    why: 'indexes the hosts’ package repository',
    for: 'lab',
  },
  { package: 'util-linux', brings: 'nsenter', why: 'enters the hosts’ namespaces', for: 'lab' },
  { package: 'nginx', brings: 'nginx', why: 'judges rendered configurations', for: 'tests' },
  { package: 'openssh-server', brings: 'sshd', why: 'is logged in to on loopback', for: 'tests' },
  { package: 'chromium', brings: 'chromium', why: 'opens the desktops', for: 'tests' },
  { package: 'nftables', brings: 'nft', why: 'closes ports, as a firewall does', for: 'tests' },
  { package: 'python3', brings: 'python3', why: 'runs the stand-in’s dcv', for: 'tests' },
  {
    package: 'testssl.sh',
    brings: 'testssl',
    why: 'looks for weaknesses of the gateway’s TLS',
    for: 'tests',
  },
  {
    package: 'ansible-core',
    brings: 'ansible-playbook',
    why: 'is what deploys are measured against',
    for: 'bench',
  },
  {
    package: 'clustershell',
    brings: 'clush',
    why: 'is what reading many hosts is measured against',
    for: 'bench',
  },
  { package: 'haproxy', brings: 'haproxy', why: 'is what WebSockets are measured against', for: 'bench' },
  { package: 'wrk', brings: 'wrk', why: 'asks the gateway for as much as it can', for: 'bench' },
];

/** Those of the list that this machine lacks. */
export function missingPrerequisites(wanted: readonly Prerequisite['for'][]): Prerequisite[] {
  return PREREQUISITES.filter((one) => wanted.includes(one.for) && !isThere(one.brings));
}

/** The line that installs them. */
export function aptLine(missing: readonly Prerequisite[]): string {
  return `apt-get install -y --no-install-recommends ${missing.map((one) => one.package).join(' ')}`;
}

/** "debootstrap (makes the hosts’ Debian)", one a line. */
export function listOf(missing: readonly Prerequisite[]): string {
  return missing.map((one) => `  ${one.package} (${one.why})`).join('\n');
}

/** What decides whether a machine can have a lab. */
export interface MachineFacts {
  readonly platform: string;
  readonly root: boolean;
  readonly missing: readonly Prerequisite[];
}

/** @throws LabError that names everything that is missing, with the line that installs it. */
export function requireLabMachine(): void {
  const problem = problemOf({
    platform: process.platform,
    root: isRoot(),
    missing: missingPrerequisites(['lab']),
  });
  if (problem !== undefined) throw problem;
}

/** Why a machine cannot have a lab, or undefined when it can. */
export function problemOf({ platform, root, missing }: MachineFacts): LabError | undefined {
  if (platform !== 'linux') {
    return new LabError(
      `The lab needs Linux (namespaces, overlayfs, systemd-nspawn); this is ${platform}.`,
      'Run it in a Debian or Ubuntu machine, a virtual one too.',
    );
  }
  const packages =
    missing.length === 0 ? [] : [`The lab needs packages that are not here:\n${listOf(missing)}`];
  if (!root) {
    return new LabError(
      ['The lab needs root: it makes network and mount namespaces.', ...packages].join('\n'),
      [...(missing.length > 0 ? [`sudo ${aptLine(missing)}`] : []), 'sudo npm run lab -- up'].join('\n'),
    );
  }
  return missing.length > 0 ? new LabError(packages.join(''), aptLine(missing)) : undefined;
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

function isThere(programOrFile: string): boolean {
  if (path.isAbsolute(programOrFile)) return fs.existsSync(programOrFile);
  const directories = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin');
  return directories.some((directory) => fs.existsSync(path.join(directory, programOrFile)));
}
