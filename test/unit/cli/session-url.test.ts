import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { changed } from '../inventory/texts.ts';
import { type CliResult, dcvops } from './dcvops.ts';

let folder: string;
let hosts: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-cli-url-'));
  hosts = path.join(folder, 'hosts.yaml');
  await writeFile(hosts, changed(', key: ~/.ssh/tom.pem', ''));
  // whoever asks an agent finds out at once that nothing listens there
  await writeFile(path.join(folder, 'ssh_config'), 'Host *\n  HostName 127.0.0.1\n  Port 1\n');
  vi.stubEnv('DCVOPS_SSH_CONFIG', path.join(folder, 'ssh_config'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const url = (...argv: string[]): Promise<CliResult> => dcvops('-i', hosts, 'session', 'url', ...argv);

describe('dcvops session url', () => {
  it('takes several agents, each session once, and asks none of them', async () => {
    const { code, stdout, stderr } = await url('agent2/render', '@gpu', 'agent1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'https://10.213.66.188:8443/10.150.248.136/#render',
      'https://10.213.66.188:8443/10.150.248.180/#desktop-session',
      'https://10.213.66.188:8443/10.150.248.136/#desktop-session',
      '',
    ]);
  });

  it.each([
    ['without logins', []],
    ['before a token is made on any agent', ['--sign-in']],
    ['before a token is made, also over another file', ['--sign-in', '--force']],
  ])('writes no file for several sessions, %s', async (_what, options) => {
    const file = path.join(folder, 'both.dcv');
    await writeFile(file, 'mine');
    const { code, stdout, stderr } = await url('@gpu', '--file', file, ...options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^✖ 2 sessions do not go into one file\n.*--file alone/);
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('looks through the agents for an id, and says of which it does not know', async () => {
    const { code, stdout, stderr } = await url('--session', 'render');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      'no agent has a session "render"; there are no sessions; not known of agent1, agent2',
    );
  });
});
