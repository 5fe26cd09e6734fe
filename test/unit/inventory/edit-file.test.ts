import { chmod, lstat, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Edit } from '../../../src/inventory/edit.ts';
import { openInventoryText, planEdit, writeEdit } from '../../../src/inventory/edit-file.ts';
import { GOOD, changed, failureOf } from './texts.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-edit-'));
  file = path.join(folder, 'hosts.yaml');
  await writeFile(file, GOOD);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const DRAIN: Edit = { kind: 'set-state', name: 'agent2', state: 'draining' };
const DRAINED = changed('tags: [gpu] }', 'tags: [gpu], state: draining }');

describe('an inventory file that is edited', () => {
  it('is what was planned, with its mode, and nothing else is left in its folder', async () => {
    await chmod(file, 0o640);
    const plan = await planEdit(await openInventoryText(file), [DRAIN]);
    expect(await readFile(file, 'utf8'), 'nothing is written by the plan').toBe(GOOD);
    await writeEdit(plan);
    expect(await readFile(file, 'utf8')).toBe(DRAINED);
    expect((await stat(file)).mode & 0o7777).toBe(0o640);
    expect(await readdir(folder)).toEqual(['hosts.yaml']);
    expect(plan.inventory.agents.map(({ state }) => state)).toEqual(['in-service', 'draining']);
  });

  it('stays a link to the file that holds it', async () => {
    const link = path.join(folder, 'link.yaml');
    await symlink('hosts.yaml', link);
    await writeEdit(await planEdit(await openInventoryText(link), [DRAIN]));
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, 'utf8')).toBe(DRAINED);
  });

  it('keeps what somebody else wrote into it meanwhile', async () => {
    const plan = await planEdit(await openInventoryText(file), [DRAIN]);
    const other = `${GOOD}# a note\n`;
    await writeFile(file, other);
    expect((await failureOf(writeEdit(plan))).message).toContain('changed by somebody else meanwhile');
    expect(await readFile(file, 'utf8')).toBe(other);
    expect(await readdir(folder)).toEqual(['hosts.yaml']);
  });

  it('waits for nobody: another dcvops that edits it is an error, and its file stays', async () => {
    const plan = await planEdit(await openInventoryText(file), [DRAIN]);
    await writeFile(path.join(folder, '.hosts.yaml.dcvops-edit'), 'theirs');
    const failure = await failureOf(writeEdit(plan));
    expect(failure.message).toContain('is being edited by another dcvops');
    expect(failure.hint).toContain(`rm ${folder}/.hosts.yaml.dcvops-edit`);
    expect(await readFile(path.join(folder, '.hosts.yaml.dcvops-edit'), 'utf8')).toBe('theirs');
    expect(await readFile(file, 'utf8')).toBe(GOOD);
  });

  it('is not written when it would have a problem then', async () => {
    const twice: Edit = {
      kind: 'add-agent',
      agent: { name: 'agent1', host: '10.150.248.9', tags: [], ssh: { jump: 'nobody' } },
    };
    const { code, message } = await failureOf(planEdit(await openInventoryText(file), [twice]));
    expect(code).toBe('inventory');
    expect(message).toContain('Nothing changed, for then there would be a problem:');
    expect(message).toContain('the same name twice');
    expect(message).toContain('unknown name (agents[2].ssh.jump): found "nobody"');
  });

  it('is left to its author where dcvops cannot edit it, who is told the line and what to write', async () => {
    await writeFile(
      file,
      changed(
        '{ name: agent1, host: 10.150.248.180, tags: [ubuntu, gpu] }',
        '{ name: agent1, host: 10.150.248.180, tags: &tags [ubuntu] }',
      ).replace('tags: [gpu] }', 'tags: *tags }'),
    );
    const before = await openInventoryText(file);
    const failure = await failureOf(planEdit(before, [{ kind: 'remove-agent', name: 'agent1' }]));
    expect(failure.message).toBe(`${file}:6 is written in a way that dcvops does not edit. Nothing changed.`);
    expect(failure.hint).toBe('by hand: take out the agent agent1');
  });
});
