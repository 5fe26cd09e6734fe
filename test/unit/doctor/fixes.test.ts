import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fix } from '../../../src/doctor/check.ts';
import {
  bootGraphically,
  enableUnit,
  giveLogs,
  removeXLocks,
  startUnit,
  turnWaylandOff,
} from '../../../src/doctor/fixes.ts';

let folder = '';

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dcvops-fixes-'));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Runs a fix's script here, with other arguments where it would touch this machine. */
function run(fix: Fix, args?: readonly string[]): { readonly code: number | null; readonly output: string } {
  if (fix.kind !== 'script') throw new Error('this fix is no script');
  const given = args ?? fix.script.args ?? [];
  const result = spawnSync('sh', ['-c', fix.script.text.toString(), 'dcvops', ...given], {
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' },
  });
  return { code: result.status, output: result.stdout + result.stderr };
}

/** A program of that name that comes before the system's. */
function program(name: string, text: string): void {
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

/* What a user would lose: a configuration that is broken by the very command that should mend it. */
describe('turnWaylandOff', () => {
  it.each([
    [
      '[daemon]\n#WaylandEnable=false\n\n[security]\n',
      '[daemon]\n#WaylandEnable=false\n\nWaylandEnable=false\n[security]\n',
    ],
    [
      '[daemon]\nWaylandEnable = true\nAutomaticLogin=jane\n',
      '[daemon]\nWaylandEnable=false\nAutomaticLogin=jane\n',
    ],
    ['[daemon]\n', '[daemon]\nWaylandEnable=false\n'],
    ['[security]\nWaylandEnable=true\n', '[security]\nWaylandEnable=true\n[daemon]\nWaylandEnable=false\n'],
    ['', '[daemon]\nWaylandEnable=false\n'],
  ])('%j', (before, after) => {
    const file = path.join(folder, 'custom.conf');
    fs.writeFileSync(file, before, { mode: 0o640 });
    const fix = turnWaylandOff('agent1', file);
    expect(run(fix)).toEqual({ code: 0, output: '' });
    expect(fs.readFileSync(file, 'utf8')).toBe(after);
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
    expect(fs.readFileSync(`${file}.dcvops-before`, 'utf8')).toBe(before);
    // once more changes nothing, the kept file included
    expect(run(fix).code).toBe(0);
    expect(fs.readFileSync(`${file}.dcvops-before`, 'utf8')).toBe(before);
  });

  it('says so where the file is gone', () => {
    expect(run(turnWaylandOff('agent1', path.join(folder, 'none'))).code).not.toBe(0);
  });
});

/* What a user would lose: the display of a session in use. */
describe('removeXLocks', () => {
  const lock = (number: number): string => path.join(folder, `.X${number}-lock`);
  const socket = (number: number): string => path.join(folder, '.X11-unix', `X${number}`);
  let server: net.Server | undefined;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    fs.mkdirSync(path.join(folder, '.X11-unix'));
  });

  afterEach(() => {
    server?.close();
    child?.kill();
    server = undefined;
    child = undefined;
  });

  const remove = (...numbers: string[]): ReturnType<typeof run> =>
    run(removeXLocks('agent1', numbers), [folder, ...numbers]);

  it('removes what is left of a process that is gone, or is no X server', () => {
    fs.writeFileSync(lock(1), '   4194999\n');
    fs.writeFileSync(socket(1), '');
    fs.writeFileSync(lock(2), `${process.pid}\n`);
    fs.writeFileSync(lock(3), '');
    expect(remove('1', '2', '3', '4')).toEqual({ code: 0, output: '' });
    expect([lock(1), socket(1), lock(2), lock(3)].filter((file) => fs.existsSync(file))).toEqual([]);
  });

  it('leaves the lock of an X server that lives', async () => {
    const program = path.join(folder, 'Xdcv');
    fs.copyFileSync('/bin/sleep', program);
    fs.chmodSync(program, 0o755);
    child = spawn(program, ['60']);
    await once(child, 'spawn');
    fs.writeFileSync(lock(1), `${child.pid ?? 0}\n`);
    expect(remove('1').output).toMatch(/the X server of :1 lives/);
    expect(fs.existsSync(lock(1))).toBe(true);
  });

  it('leaves a socket that a process listens on', async () => {
    server = net.createServer().listen(socket(1));
    await once(server, 'listening');
    expect(remove('1').output).toMatch(/holds the socket of :1/);
    expect(fs.existsSync(socket(1))).toBe(true);
  });
});

describe('giveLogs: without it dcvserver does not start after a change of its number', () => {
  const { username } = os.userInfo();

  it('gives what is there, and passes over what is gone', () => {
    const file = path.join(folder, 'server.log');
    fs.writeFileSync(file, '');
    const files = [file, path.join(folder, 'none')].map((name) => ({ path: name, owner: username }));
    expect(run(giveLogs('agent1', files))).toEqual({ code: 0, output: '' });
  });

  it('fails when an account is not there', () => {
    expect(run(giveLogs('agent1', [{ path: folder, owner: 'no-such-account' }])).code).toBe(1);
  });
});

/* What a user would lose: a fix that is told as done although the service did not start. */
describe('fixes of units', () => {
  it('does nothing where there is nothing to do', () => {
    program(
      'systemctl',
      '[ "$1 $2" = "is-active --quiet" ] || [ "$1 $2" = "is-enabled --quiet" ] || [ "$1" = get-default ] && echo graphical.target',
    );
    for (const fix of [
      startUnit('a', 'dcvserver.service'),
      enableUnit('a', 'dcvserver.service'),
      bootGraphically('a', 'x'),
    ]) {
      expect(run(fix).code, fix.title).toBe(0);
    }
  });

  it('starts and enables what is not', () => {
    program('systemctl', `case $1 in is-*|get-default) exit 3 ;; *) echo "$@" >>${folder}/calls ;; esac`);
    run(startUnit('a', 'dcvserver.service'));
    run(enableUnit('a', 'dcvserver.service'));
    run(bootGraphically('a', 'multi-user.target'));
    expect(fs.readFileSync(path.join(folder, 'calls'), 'utf8')).toBe(
      'start dcvserver.service\nenable dcvserver.service\nset-default graphical.target\n',
    );
  });

  it('fails with the journal where a start fails', () => {
    program('systemctl', 'exit 1');
    program('journalctl', 'echo "bind: address in use"');
    expect(run(startUnit('a', 'dcvserver.service'))).toEqual({ code: 1, output: 'bind: address in use\n' });
  });
});
