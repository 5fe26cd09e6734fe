import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PERSIST_UNIT } from '../../../src/dcv/persist/files.ts';
import { removeScript } from '../../../src/dcv/persist/scripts.ts';
import { parseRecords } from '../../../src/shell/records.ts';
import { commandLine } from '../../../src/shell/script.ts';

// Nothing is left that has dcvserver want a unit that is gone, with whatever systemctl there is.

const run = promisify(execFile);
let folder: string;
let unit: string;
let link: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-unpersist-'));
  unit = path.join(folder, PERSIST_UNIT);
  link = path.join(folder, 'dcvserver.service.wants', PERSIST_UNIT);
  await mkdir(path.dirname(link));
  await writeFile(unit, '');
  await symlink(unit, link);
});
afterEach(() => rm(folder, { recursive: true }));

/** What the script tells, and what systemctl was told: one that notes it, with these lines before. */
async function remove(systemctl: string): Promise<{ told: readonly unknown[]; acts: string }> {
  const programs = path.join(folder, 'programs');
  await mkdir(programs);
  const text = `#!/bin/sh\necho "$*" >>"$ACTS"\n${systemctl}\n`;
  await writeFile(path.join(programs, 'systemctl'), text, { mode: 0o755 });
  const acts = path.join(folder, 'acts');
  const env = { ...process.env, ACTS: acts, PATH: `${programs}:${process.env['PATH'] ?? ''}` };
  const script = { ...removeScript(), args: [PERSIST_UNIT, path.join(folder, 'sessions'), unit] };
  const { stdout } = await run('sh', ['-c', commandLine(script)], { env });
  return { told: parseRecords(stdout), acts: await readFile(acts, 'utf8').catch(() => '') };
}

const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

describe('removeScript', () => {
  it.each([
    ['stops and disables the unit', 'case $1 in is-active) exit 3 ;; esac'],
    ['takes away what a systemctl that fails leaves', 'exit 1'],
  ])('%s', async (_, systemctl) => {
    const { told, acts } = await remove(systemctl);
    expect(told).toEqual([{ name: 'removed', value: '' }]);
    expect(acts).toContain(`stop ${PERSIST_UNIT}\n`);
    expect(acts).toContain(`disable ${PERSIST_UNIT}\ndaemon-reload\n`);
    expect(acts).not.toContain('--now');
    expect(await Promise.all([unit, link].map(isThere))).toEqual([false, false]);
  });

  it('takes nothing away while the unit does not stop', async () => {
    const { told } = await remove('if [ "$1" = stop ]; then echo Interrupted >&2; exit 1; fi');
    expect(told).toEqual([{ name: 'not-stopped', value: 'Interrupted' }]);
    expect(await Promise.all([unit, link].map(isThere))).toEqual([true, true]);
  });

  it('asks systemd nothing where nothing is there', async () => {
    await rm(unit);
    await rm(link);
    expect(await remove('')).toEqual({ told: [{ name: 'absent', value: '' }], acts: '' });
  });
});
