import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type PrivateNetwork, makePrivateNetwork } from '../../integration/gateway/network.ts';

/**
 * Many hosts on one machine: each an sshd of its own on an address of its own, in a network without a way out. The user's
 * shell is /bin/sh, which starts quickly, whatever this machine's is and reads at its start.
 */
export interface ManyHosts {
  readonly network: PrivateNetwork;
  /** An inventory of the proxy and the agents. */
  readonly inventory: string;
  /** The same with one agent more whose scripts never end, and one whose packets are lost. */
  readonly inventoryWithHung: string;
  readonly proxy: string;
  readonly agents: readonly string[];
  readonly key: string;
  readonly knownHosts: string;
  /** How many logins the servers have seen so far. */
  readonly logins: () => number;
  readonly close: () => Promise<void>;
}

const PROXY = '10.213.66.188';
const HUNG = '10.150.249.1';
const SILENT = '10.150.249.2';

/**
 * @param number of agents, at most 250
 * @param programs shell scripts by name, which logins find before the machine's own programs
 */
export async function startManyHosts(
  number: number,
  programs: Readonly<Record<string, string>> = {},
): Promise<ManyHosts> {
  const agents = Array.from({ length: number }, (_, index) => `10.150.248.${index + 1}`);
  const alive = [PROXY, ...agents, HUNG];
  const network = await makePrivateNetwork(alive, [SILENT]);
  const file = (name: string): string => path.join(network.directory, name);
  const keygen = (name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name), '-C', '']);
    return file(name);
  };
  const key = keygen('tom.pem');
  const hostKey = keygen('host_key');
  const knownHosts = file('known_hosts');
  const public_ = readFileSync(`${hostKey}.pub`, 'utf8').trim();
  writeFileSync(knownHosts, [...alive, SILENT].map((address) => `${address} ${public_}\n`).join(''));
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const folder = file('programs');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(path.join(folder, name), text, { mode: 0o755 });
  }
  const users = file('passwd');
  writeFileSync(users, readFileSync('/etc/passwd', 'utf8').replace(/^(root:.*):[^:]*$/m, '$1:/bin/sh'));
  const servers = alive.map((address) => startServer(network, address, hostKey, `${key}.pub`, folder));
  await Promise.all(alive.map((host) => untilItAnswers(network, host)));
  const inventory = (name: string, addresses: readonly string[]): string => {
    writeFileSync(file(name), inventoryText(addresses, key, knownHosts));
    return file(name);
  };
  return {
    network,
    inventory: inventory('hosts.yaml', agents),
    inventoryWithHung: inventory('hung.yaml', [...agents, HUNG, SILENT]),
    proxy: PROXY,
    agents,
    key,
    knownHosts,
    logins: () =>
      alive.reduce((sum, address) => {
        const log = readFileSync(file(`sshd-${address}.log`), 'utf8');
        return sum + (log.match(/^Accepted publickey/gm)?.length ?? 0);
      }, 0),
    async close() {
      await Promise.all(servers.map(end));
      await network.close();
    },
  };
}

function startServer(
  network: PrivateNetwork,
  address: string,
  hostKey: string,
  authorized: string,
  programs: string,
): ChildProcess {
  const config = path.join(network.directory, `sshd-${address}.conf`);
  writeFileSync(
    config,
    [
      `ListenAddress ${address}:22`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${authorized}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'MaxStartups 100',
      `SetEnv PATH=${programs}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      ...(address === HUNG ? ['ForceCommand sleep 300'] : []),
      '',
    ].join('\n'),
  );
  const log = path.join(network.directory, `sshd-${address}.log`);
  const users = path.join(network.directory, 'passwd');
  const start = 'mount --bind "$0" /etc/passwd && exec "$@"';
  const sshd = ['/usr/sbin/sshd', '-D', '-f', config, '-E', log];
  const [program, argv] = network.inside(['unshare', '--mount', '--', 'sh', '-c', start, users, ...sshd]);
  return spawn(program, argv, { stdio: 'ignore' });
}

async function untilItAnswers(network: PrivateNetwork, host: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      (await network.dial({ host, port: 22 })).destroy();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await delay(50);
    }
  }
}

function inventoryText(agents: readonly string[], key: string, knownHosts: string): string {
  return [
    'defaults:',
    `  ssh: { user: root, key: ${key}, known_hosts: ${knownHosts} }`,
    'proxies:',
    `  - { name: gateway, host: ${PROXY} }`,
    'agents:',
    ...agents.map((address, index) => `  - { name: a${index + 1}, host: ${address} }`),
    'gateway:',
    '  listen: 8443',
    '  agent_networks: [10.150.248.0/23]',
    '  access: { allow: [10.213.0.0/16] }',
    'sessions:',
    '  defaults: { user: root, owner: root }',
    '',
  ].join('\n');
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill();
  await ended;
}
