import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dcvops } from './dcvops.ts';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-cli-'));
  file = path.join(folder, 'hosts.yaml');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const INIT = ['--proxy', '10.0.0.1', '--user', 'anna', '--agent', '10.0.1.5,box=10.0.1.6', '--allow', 'any'];

describe('the first commands that a new user types', () => {
  it('init, validate and show fit together', async () => {
    expect(await dcvops('-i', file, 'init', ...INIT)).toEqual({
      code: 0,
      stdout: `Wrote ${file}.   Next: dcvops trust --inventory ${file}\n`,
      stderr: '',
    });
    expect(await dcvops('-i', file, 'inventory', 'validate')).toEqual({
      code: 0,
      stdout: `✔ ${file}: 1 proxy, 2 agents, agents in 10.0.1.0/24, open to everyone\n`,
      stderr: '',
    });
    expect((await dcvops('-i', file, 'inventory', 'show')).stdout).toContain('agents:\n  - name: agent1\n');
    const { stdout } = await dcvops('-i', file, '--json', 'inventory', 'show');
    expect(JSON.parse(stdout)).toMatchObject({
      agents: [{ name: 'agent1' }, { name: 'box', host: '10.0.1.6' }],
    });
  });

  it('every problem of a file is listed, on stderr, with exit code 2', async () => {
    await writeFile(file, 'proxies: []\ngatway: {}\n');
    const { code, stdout, stderr } = await dcvops('-i', file, 'inventory', 'validate');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.split('\n').map((line) => line.replaceAll(file, 'FILE').slice(0, 40))).toEqual([
      '✖ FILE has 3 problems:',
      '  FILE:1:1: missing (gateway): needs at ',
      '  FILE:1:10: wrong value (proxies): foun',
      '  FILE:2:1: unknown key (gatway): found ',
      '  Next: mend the file, then: dcvops inve',
      '',
    ]);
    const { stderr: json } = await dcvops('-i', file, '--json', 'inventory', 'validate');
    expect(JSON.parse(json)).toMatchObject({ type: 'error', code: 'inventory', exitCode: 2 });
  });

  it('init without a terminal names the option that answers', async () => {
    // --json never asks, also where this test runs on a terminal
    const { code, stderr } = await dcvops('-i', file, '--json', 'init', '--proxy', '10.0.0.1');
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'usage', hint: 'answer it with --user' });
  });
});
