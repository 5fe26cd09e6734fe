import fs from 'node:fs';
import path from 'node:path';
import { LabError } from './lab-error.ts';

/** What this machine has to have, and why; packages are Debian's and Ubuntu's. */
export interface Prerequisite {
  readonly package: string;
  /** A program of that package: it being there is what is checked. */
  readonly program: string;
  readonly why: string;
  readonly for: 'lab' | 'tests';
}

/** The one list of Debian packages that the lab and the tests need. */
export const PREREQUISITES: readonly Prerequisite[] = [
  { package: 'debootstrap', program: 'debootstrap', why: 'makes the hosts’ Debian', for: 'lab' },
  { package: 'systemd-container', program: 'systemd-nspawn', why: 'boots the hosts', for: 'lab' },
  { package: 'iproute2', program: 'ip', why: 'makes the hosts’ network', for: 'lab' },
  { package: 'openssh-client', program: 'ssh', why: 'logs in to the hosts; makes keys', for: 'lab' },
  { package: 'openssl', program: 'openssl', why: 'makes the proxy’s certificate', for: 'lab' },
  {
    package: 'apt-utils',
    program: 'apt-ftparchive',
    why: 'indexes the hosts’ package repository',
    for: 'lab',
  },
  { package: 'util-linux', program: 'nsenter', why: 'enters the hosts’ namespaces', for: 'lab' },
  { package: 'nginx-light', program: 'nginx', why: 'judges rendered configurations', for: 'tests' },
  { package: 'openssh-server', program: 'sshd', why: 'is logged in to on loopback', for: 'tests' },
  { package: 'chromium', program: 'chromium', why: 'opens the desktops', for: 'tests' },
  { package: 'nftables', program: 'nft', why: 'closes ports, as a firewall does', for: 'tests' },
];

/** Those of the list whose program is not on this machine. */
export function missingPrerequisites(wanted: readonly Prerequisite['for'][]): Prerequisite[] {
  return PREREQUISITES.filter((one) => wanted.includes(one.for) && !isInstalled(one.program));
}

/** The line that installs them. */
export function aptLine(missing: readonly Prerequisite[]): string {
  return `apt-get install -y --no-install-recommends ${missing.map((one) => one.package).join(' ')}`;
}

/** "debootstrap (makes the hosts’ Debian)", one a line. */
export function listOf(missing: readonly Prerequisite[]): string {
  return missing.map((one) => `  ${one.package} (${one.why})`).join('\n');
}

/** @throws LabError that names everything that is missing, with the line that installs it. */
export function requireLabMachine(): void {
  if (process.platform !== 'linux') {
    throw new LabError(
      `The lab needs Linux (namespaces, overlayfs, systemd-nspawn); this is ${process.platform}.`,
      'Run it in a Debian or Ubuntu machine, a virtual one too.',
    );
  }
  const missing = missingPrerequisites(['lab']);
  const packages =
    missing.length === 0 ? '' : `The lab needs packages that are not here:\n${listOf(missing)}`;
  const sudo = isRoot() ? '' : 'sudo ';
  if (!isRoot()) {
    throw new LabError(
      ['The lab needs root: it makes network and mount namespaces.', packages].filter(Boolean).join('\n'),
      [...(missing.length > 0 ? [`sudo ${aptLine(missing)}`] : []), 'sudo npm run lab -- up'].join('\n'),
    );
  }
  if (missing.length > 0) throw new LabError(packages, sudo + aptLine(missing));
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

function isInstalled(program: string): boolean {
  const directories = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin');
  return directories.some((directory) => fs.existsSync(path.join(directory, program)));
}
