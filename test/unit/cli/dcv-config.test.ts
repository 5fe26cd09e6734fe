import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changed } from '../inventory/texts.ts';
import { dcvops } from './dcvops.ts';

let folder: string;
let inventory: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-cli-config-'));
  inventory = path.join(folder, 'hosts.yaml');
  await writeFile(inventory, changed(', key: ~/.ssh/tom.pem', '').replaceAll('agent2', 'level'));
});
afterAll(() => rm(folder, { recursive: true }));

// No host is asked here: what is refused, is refused before.
describe('dcvops dcv config', () => {
  it.each<[string, readonly string[], RegExp]>([
    [
      'a setting twice, as the last one would win this time and the first one the next',
      ['set', 'agent1', 'connectivity/idle-timeout=5', 'idle-timeout=6'],
      /connectivity\/idle-timeout is named twice/,
    ],
    [
      'a setting twice, once by its key alone',
      ['unset', 'agent1', 'idle-timeout', 'connectivity/idle-timeout'],
      /connectivity\/idle-timeout is named twice/,
    ],
    [
      'a key alone that several sections have',
      ['get', 'agent1', 'max-concurrent-clients'],
      /"max-concurrent-clients" is in several sections: session-management\/max-concurrent-clients, /,
    ],
    ['a key alone, without an agent', ['get', 'idle-timeout'], /no agent is named/],
    ['an agent alone, though it is called like a key', ['unset', 'level'], /no setting is named/],
    ['a key without its value', ['set', 'agent1', 'idle-timeout'], /has to be SECTION\/KEY=VALUE/],
    ['what is neither', ['get', 'agent1', 'idle-timeot'], /no agent is called "idle-timeot"/],
  ])('refuses %s', async (_what, argv, message) => {
    const { code, stderr } = await dcvops('-i', inventory, 'dcv', 'config', ...argv);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
