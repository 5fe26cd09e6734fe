import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changed } from '../inventory/texts.ts';
import { type CliResult, dcvops } from './dcvops.ts';

const INVENTORY = changed(', key: ~/.ssh/tom.pem', '');

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-cli-agent-'));
  file = path.join(folder, 'hosts.yaml');
  await writeFile(file, INVENTORY);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function run(...argv: string[]): Promise<CliResult> {
  return dcvops('-i', file, ...argv);
}

describe('dcvops agent', () => {
  it('adds an agent with what its options say, and removes it after a yes', async () => {
    const added = await run(
      ...['agent', 'add', 'gpu3', '10.150.248.7', '--no-probe', '--json'],
      ...['--tag', 'gpu', '--tag', 'gpu', '--user', 'ubuntu', '--port', '2222', '--jump', 'gateway'],
    );
    expect(JSON.parse(added.stdout)).toMatchObject({ type: 'outcome', host: 'gpu3', outcome: 'done' });
    expect(await readFile(file, 'utf8')).toContain(
      '\n  - { name: gpu3, host: 10.150.248.7, tags: [gpu], ssh: { user: ubuntu, port: 2222, jump: gateway } }\n',
    );
    expect(await run('agent', 'remove', 'gpu3')).toMatchObject({ code: 1, stdout: '' });
    expect((await run('agent', 'remove', 'gpu3', '--yes')).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(INVENTORY);
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      'an address without an entry that could be edited',
      ['agent', 'drain', '10.150.248.99'],
      /10\.150\.248\.99 is not in the inventory\n.*dcvops agent add NAME 10\.150\.248\.99/,
    ],
    ['a proxy', ['agent', 'maintenance', 'gateway'], /gateway is a proxy; this command works on agents/],
    ['no port', ['agent', 'add', 'a', '10.150.248.8', '--port', '0'], /a port from 1 to 65535/],
    ['no session and no agent', ['session', 'url'], /dcvops session url AGENT\[\/ID\]/],
  ])('refuses %s', async (_, argv, message) => {
    const { code, stderr } = await run(...argv);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('dcvops session url', () => {
  it('prints one line for each agent, and one document under --json', async () => {
    expect((await run('session', 'url', '@gpu')).stdout).toBe(
      'https://10.213.66.188:8443/10.150.248.180/#desktop-session\n' +
        'https://10.213.66.188:8443/10.150.248.136/#desktop-session\n',
    );
    expect(JSON.parse((await run('session', 'url', 'agent1/desk', '--json')).stdout)).toEqual([
      {
        agent: 'agent1',
        address: '10.150.248.180',
        id: 'desk',
        url: 'https://10.213.66.188:8443/10.150.248.180/#desk',
      },
    ]);
  });
});
