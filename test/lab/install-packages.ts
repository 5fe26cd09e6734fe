import { spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline/promises';
import { LabError } from './lab-error.ts';
import { aptLine, isRoot, listOf, missingPrerequisites, type Prerequisite } from './prerequisites.ts';

/**
 * Makes sure that this machine has the packages: as root it installs what is missing after saying so, and after a yes
 * where there is a terminal to ask on.
 * @throws LabError with the apt line, when it is not root, the answer is no, or apt fails
 */
export async function ensurePackages(wanted: readonly Prerequisite['for'][]): Promise<void> {
  const missing = missingPrerequisites(wanted);
  if (missing.length === 0) return;
  const what = `This needs packages that are not here:\n${listOf(missing)}`;
  const command = aptLine(missing);
  if (!isRoot()) throw new LabError(what, `sudo ${command}`);
  process.stderr.write(`${what}\n`);
  if (!(await agreed())) throw new LabError('Nothing was installed.', command);
  process.stderr.write(`${command}\n`);
  await withoutStartingServices(async () => {
    await apt(['update']);
    await apt(['install', '-y', '--no-install-recommends', ...missing.map((one) => one.package)]);
  });
  const still = missingPrerequisites(wanted);
  if (still.length > 0) throw new LabError(`apt did not bring:\n${listOf(still)}`, aptLine(still));
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return true;
  const terminal = readline.createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Install them with apt? [Y/n] ');
  terminal.close();
  return /^(y|yes)?$/i.test(answer.trim());
}

async function apt(args: readonly string[]): Promise<void> {
  // What apt prints is progress: stdout stays free for results.
  const child = spawn('apt-get', ['-q', ...args], {
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new LabError(`apt-get ${args[0] ?? ''} failed.`, `apt-get ${args.join(' ')}`);
}

const POLICY = '/usr/sbin/policy-rc.d';

/** Debian starts a daemon when it is installed, unless this file says no; the machine's own policy is left alone. */
async function withoutStartingServices(work: () => Promise<void>): Promise<void> {
  if (fs.existsSync(POLICY)) {
    await work();
    return;
  }
  fs.writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await work();
  } finally {
    fs.rmSync(POLICY, { force: true });
  }
}
