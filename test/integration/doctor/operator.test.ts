import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperatorFacts } from '../../../src/doctor/facts/operator.ts';
import type { AgentHost, Inventory } from '../../../src/inventory/types.ts';
import { readOperator } from '../../../src/operations/doctor/operator.ts';
import type { SshSettings } from '../../../src/ssh/settings.ts';
import { agent, gatewaySettings, inventoryWith, proxy } from '../../unit/gateway/inventories.ts';
import { type Workshop, createWorkshop, poolFor, until } from '../ssh/sshd.ts';

let workshop: Workshop;
let sshAgent: ChildProcess;
let silent: net.Server;
const known = (names: string): string => `${names} ${workshop.read('plain.pub')}`;

beforeAll(async () => {
  workshop = createWorkshop();
  workshop.keygen('plain', '-t', 'ed25519');
  workshop.keygen('locked', '-t', 'ed25519', '-N', 'open sesame');
  workshop.keygen('locked-too', '-t', 'ed25519', '-N', 'open sesame');
  const socket = workshop.path('agent');
  sshAgent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await until('the SSH agent listens', () => existsSync(socket));
  const askpass = workshop.write('askpass', '#!/bin/sh\necho open sesame\n');
  chmodSync(askpass, 0o700);
  execFileSync('ssh-add', [workshop.path('locked')], {
    env: { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' },
    stdio: 'ignore',
  });
  silent = net.createServer(() => undefined).listen(workshop.path('silent'));
});
afterAll(() => {
  sshAgent.kill();
  silent.close();
  workshop.remove();
});

function inventoryOf(hosts: Record<string, Partial<SshSettings>>): Inventory {
  const made = Object.entries(hosts).map(([name, ssh], index): AgentHost => {
    const one = agent(name, `10.0.0.${index + 1}`);
    return { ...one, ssh: { ...one.ssh, knownHosts: workshop.path('known_hosts'), ...ssh } };
  });
  const gateway = proxy('10.9.0.1');
  const ssh = { ...gateway.ssh, key: workshop.path('plain'), knownHosts: workshop.path('known_hosts') };
  const inventory = inventoryWith({ ...gateway, ssh }, made, gatewaySettings());
  return { ...inventory, file: workshop.write('hosts.yaml', '# nothing\n') };
}

async function read(
  hosts: Record<string, Partial<SshSettings>>,
  env: NodeJS.ProcessEnv = {},
): Promise<OperatorFacts> {
  const inventory = inventoryOf(hosts);
  const all = { PATH: process.env['PATH'], DCVOPS_SSH_CONFIG: 'none', ...env };
  const pool = poolFor(workshop, { hosts: [...inventory.proxies, ...inventory.agents], env: all });
  try {
    return await readOperator(inventory, pool, all, workshop.dir);
  } finally {
    pool.close();
  }
}

// What is wrong on this machine has to be found here: no host can tell it.
describe('this machine', () => {
  it('tells the state of each key file, with the hosts that it is for', async () => {
    const at = (name: string): string => workshop.path(name);
    workshop.write('putty', 'PuTTY-User-Key-File-3: ssh-ed25519\n');
    chmodSync(workshop.write('wide', workshop.read('plain')), 0o644);
    const { keys } = await read(
      {
        one: { key: at('plain') },
        two: { key: at('nowhere') },
        three: { key: at('plain.pub') },
        four: { key: at('putty') },
        five: { key: workshop.dir },
        six: { key: at('wide') },
        seven: { key: at('locked') },
        eight: { key: at('locked-too') },
      },
      { SSH_AUTH_SOCK: at('agent') },
    );
    const told = Object.fromEntries(keys.map((key) => [key.hosts.join(), key]));
    expect(told).toMatchObject({
      'gateway,one': { path: at('plain'), state: 'ok', mode: '600', encrypted: false },
      two: { state: 'missing' },
      three: { state: 'not-a-key', reason: expect.stringMatching(/is a public key/) as string },
      four: { state: 'not-a-key', hint: expect.stringMatching(/^puttygen /) as string },
      five: { state: 'unreadable' },
      six: { state: 'ok', mode: '644' },
      seven: { state: 'ok', encrypted: true, inAgent: true },
      eight: { state: 'ok', encrypted: true, inAgent: false },
    });
    expect(keys).toHaveLength(8);
  });

  it.each<[string, () => NodeJS.ProcessEnv, OperatorFacts['sshAgent']]>([
    ['is not there', () => ({}), undefined],
    ['answers', () => ({ SSH_AUTH_SOCK: workshop.path('agent') }), { answers: true, keys: 1 }],
    ['is gone', () => ({ SSH_AUTH_SOCK: workshop.path('gone') }), { answers: false, keys: 0 }],
    ['hangs', () => ({ SSH_AUTH_SOCK: workshop.path('silent') }), { answers: false, keys: 0 }],
  ])('tells that the SSH agent %s', async (_, env, expected) => {
    expect((await read({}, env())).sshAgent).toEqual(expected);
  });

  it('tells of which hosts known_hosts has no key, jump hosts and ports included', async () => {
    workshop.write('known_hosts', known('10.9.0.1,[10.0.0.1]:50000'));
    const key = workshop.path('plain');
    const { knownHosts } = await read({
      one: { key, port: 50_000 },
      two: { key, port: 50_000 },
      three: { key, jump: 'gateway' },
      'accepts-new': { key, hostKeys: 'accept-new' },
    });
    const file = workshop.path('known_hosts');
    expect(knownHosts).toEqual([{ path: file, state: 'ok', mode: '600', unknown: ['two', 'three'] }]);
  });

  it('tells of a known_hosts file that is not there, and leaves it so', async () => {
    const path = workshop.path('no_known_hosts');
    const { knownHosts } = await read({ one: { key: workshop.path('plain'), knownHosts: path } });
    expect(knownHosts.find((file) => file.path === path)).toEqual({
      path,
      state: 'missing',
      unknown: ['one'],
    });
    expect(existsSync(path)).toBe(false);
  });

  it('tells what ssh_config would do otherwise, and that it cannot be read', async () => {
    const key = workshop.path('plain');
    const config = workshop.write(
      'config',
      'Host 10.0.0.1\n  ProxyCommand nc %h %p\n  User somebody\nHost 10.0.0.2\n  HostName 10.7.7.7\n',
    );
    const { sshConfig } = await read({ one: { key }, two: { key } }, { DCVOPS_SSH_CONFIG: config });
    expect(sshConfig).toEqual([
      { host: 'one', option: 'ProxyCommand', value: 'nc %h %p' },
      { host: 'one', option: 'User', value: 'somebody' },
      { host: 'two', option: 'HostName', value: '10.7.7.7' },
    ]);
    const broken = workshop.write('config', 'Host *\n  Port many\n');
    expect((await read({ one: { key } }, { DCVOPS_SSH_CONFIG: broken })).sshConfig).toContainEqual({
      host: 'one',
      option: 'ssh_config',
      value: expect.stringMatching(/cannot be read: .*line 2/) as string,
    });
  });

  it('tells the rest', async () => {
    const facts = await read(
      {},
      { HTTPS_PROXY: 'http://anna:secret@proxy:3128', DCVOPS_KEY_PASSPHRASE: 'x' },
    );
    expect(facts).toMatchObject({
      node: process.versions.node,
      inventory: { mode: '600' },
      passphraseGiven: true,
      forwardProxy: { https_proxy: 'http://proxy:3128' },
    });
    expect(JSON.stringify(facts)).not.toContain('secret');
  });
});
