import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type InstallStep,
  finishDpkg,
  installPackages,
  restartDisplayManager,
  startDisplayManager,
} from '../../../../src/doctor/desktop/steps.ts';

let folder = '';

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dcvops-steps-'));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** A program in place of the system's; each call is noted with its arguments. */
function program(name: string, text: string): void {
  const note = `printf '%s\\n' "${name} $*" >>'${folder}/calls'`;
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${note}\n${text}\n`, { mode: 0o755 });
}

/** Runs a step here, among those programs; gives its exit code and what it called. */
function run({ script }: InstallStep): { readonly code: number | null; readonly calls: string[] } {
  const { status } = spawnSync('sh', ['-c', script.text.toString(), 'dcvops', ...(script.args ?? [])], {
    encoding: 'utf8',
    env: { PATH: `${folder}:/usr/bin:/bin`, LC_ALL: 'C' },
  });
  const file = path.join(folder, 'calls');
  const calls = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  return { code: status, calls };
}

const RESTARTED = 'systemctl restart display-manager.service';

describe('restartDisplayManager: the host looks at the last moment whether a console session would end', () => {
  it.each([
    ['there is none', 'echo "Session: \'desk\' (owner:jane type:virtual)"', false, 0],
    ['there are no sessions', 'echo "There are no sessions available."', false, 0],
    ['there is one in words that nobody knows', 'echo "Sitzung: console"', false, 1],
    ['dcvserver is down', 'echo "The dcvserver service is not running"; exit 1', false, 0],
    ['there is one', 'echo "Session: \'console\' (owner:jane type:console)"', false, 1],
    ['dcv does not tell', 'echo "Could not get the system bus"; exit 1', false, 1],
    ['there is one that may end', 'echo "Session: \'console\' (owner:jane type:console)"', true, 0],
  ])('%s', (_, dcv, endSessions, code) => {
    program('dcv', dcv);
    program('systemctl', '');
    const result = run(restartDisplayManager(endSessions));
    expect(result.code).toBe(code);
    expect(result.calls.includes(RESTARTED)).toBe(code === 0);
  });
});

describe('startDisplayManager', () => {
  it.each([
    ['a unit that can be enabled', '', 0, true],
    ['one that its package links instead', '[ "$1" != enable ]', 0, true],
    ['one that is not there', '[ "$1" != enable ] && [ "$1" != cat ]', 1, false],
    ['one that does not start', '[ "$1" != start ]', 1, true],
  ])('%s', (_, systemctl, code, isStarted) => {
    program('systemctl', systemctl);
    const result = run(startDisplayManager('gdm3.service'));
    expect(result.code).toBe(code);
    expect(result.calls.includes('systemctl start gdm3.service')).toBe(isStarted);
  });
});

describe('finishDpkg', () => {
  const LOCKED = 'echo "dpkg: error: dpkg frontend lock was locked by another process with pid 7"; exit 2';

  it('waits while another one holds the lock', () => {
    program('dpkg', `if [ ! -e ${folder}/slept ]; then ${LOCKED}; fi`);
    program('sleep', `: >${folder}/slept`);
    expect(run(finishDpkg())).toMatchObject({ code: 0, calls: [DPKG, 'sleep 5', DPKG] });
  });

  it('fails at once for anything else', () => {
    program('dpkg', 'echo "dpkg: error processing package openbox (--configure)"; exit 1');
    program('sleep', '');
    expect(run(finishDpkg())).toEqual({ code: 1, calls: [DPKG] });
  });

  const DPKG = 'dpkg --force-confdef --force-confold --configure -a';
});

describe('installPackages', () => {
  it('goes on without new lists: the packages may be at hand', () => {
    program('apt-get', 'case $* in *update) exit 100 ;; esac');
    const { code, calls } = run(installPackages(['openbox', 'xterm']));
    expect(code).toBe(0);
    expect(calls[1]).toMatch(/^apt-get -q -y .*DPkg::Lock::Timeout=\d+ .* install openbox xterm$/);
  });
});
