import { lstat, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeScreenshots } from '../../../../src/operations/session/screenshot.ts';
import type { SessionResult } from '../../../../src/operations/session/targets.ts';
import { scriptedAgents } from '../scripted-agents.ts';

/** One pixel. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-screenshot-'));
  file = path.join(folder, 'desk.png');
});
afterEach(() => rm(folder, { recursive: true }));

/** Saves a picture of one session; `asked` counts what is asked of its agent. */
async function take(to: string, overwrite: boolean): Promise<SessionResult & { asked: number }> {
  const { context, agents, ran } = scriptedAgents({
    agent1: [
      [
        ['did', ''],
        ['version', ''],
        ['sessions', '[{"id":"desk"}]'],
        ['png', PNG],
      ],
    ],
  });
  const targets = agents.map((agent) => ({ agent, id: 'desk' }));
  const [taken] = await takeScreenshots(context, targets, { to: () => to, overwrite });
  if (taken === undefined) throw new Error('nothing came of it');
  return { ...taken, asked: ran('agent1').length };
}

describe('a picture that is saved', () => {
  it('is for its owner’s eyes only, also where the file that it replaces is not', async () => {
    await take(file, false);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await rm(file);
    await writeFile(file, 'mine', { mode: 0o644 });
    expect(await take(file, true)).toMatchObject({ outcome: 'done', message: `desk: 1x1 in ${file}` });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file)).toString('base64')).toBe(PNG);
    expect(await readdir(folder)).toEqual(['desk.png']);
  });

  it('goes nowhere that a link leads to', async () => {
    const elsewhere = path.join(folder, 'elsewhere');
    await writeFile(elsewhere, 'mine');
    await symlink(elsewhere, file);
    await take(file, true);
    expect(await readFile(elsewhere, 'utf8')).toBe('mine');
    expect((await lstat(file)).isFile()).toBe(true);
  });

  it('takes the place of no file unless that is said, and then nothing is asked', async () => {
    await writeFile(file, 'mine');
    expect(await take(file, false)).toMatchObject({
      outcome: 'failed',
      message: `${file} is there already. It was left alone.`,
      asked: 0,
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('takes the place of nothing but a file', async () => {
    expect(await take(folder, true)).toMatchObject({
      outcome: 'failed',
      message: `${folder} cannot be written: it is no file`,
    });
  });
});
