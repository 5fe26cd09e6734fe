import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type PoolOptions, type Pool, openPool } from '../../../src/ssh/pool.ts';
import type { SshSettings } from '../../../src/ssh/settings.ts';
import type { SshHost } from '../../../src/ssh/target.ts';

/** A real OpenSSH server on loopback, with keys and configuration of its own. It ends with the test. */
export interface Sshd {
  readonly port: number;
  readonly dir: string;
  /** The server's log so far, at LogLevel VERBOSE. */
  readonly log: () => string;
  /** Resolves when a line of the log matches. */
  readonly logged: (pattern: RegExp) => Promise<void>;
  readonly pid: number;
  readonly hostKey: (type: HostKeyType) => string;
  readonly stop: () => Promise<void>;
}

export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

const SSHD = '/usr/sbin/sshd';
export const USER = userInfo().username;

/** A folder of keys and files that is removed with the test run. */
export function createWorkshop(): Workshop {
  const dir = mkdtempSync(join(tmpdir(), 'dcvops-ssh-'));
  const path = (name: string): string => join(dir, name);
  return {
    dir,
    path,
    keygen(name, ...args) {
      execFileSync('ssh-keygen', ['-q', '-f', path(name), '-N', '', '-C', name, ...args]);
      return path(name);
    },
    write(name, text) {
      writeFileSync(path(name), text, { mode: 0o600 });
      return path(name);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    exists: (name) => existsSync(path(name)) && readFileSync(path(name)).length > 0,
    remove() {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface Workshop {
  readonly dir: string;
  readonly path: (name: string) => string;
  /**
   * Makes a key pair; further arguments go to ssh-keygen, the last `-N` wins. Returns the private key's path.
   */
  readonly keygen: (name: string, ...args: string[]) => string;
  readonly write: (name: string, text: string) => string;
  readonly read: (name: string) => string;
  /** True once a file is there and not empty. */
  readonly exists: (name: string) => boolean;
  readonly remove: () => void;
}

export interface SshdOptions {
  /** Public keys that may log in; default: that of `user_key`. */
  readonly authorized?: string;
  readonly hostKeys?: readonly HostKeyType[];
  /** Further lines of sshd_config. */
  readonly config?: readonly string[];
  readonly addresses?: readonly string[];
}

let servers = 0;

/** Starts sshd in the workshop, which gets a `user_key` when it has none. */
export async function startSshd(workshop: Workshop, options: SshdOptions = {}): Promise<Sshd> {
  if (!existsSync(SSHD)) throw new Error(`no ${SSHD}: apt-get install openssh-server`);
  const dir = join(workshop.dir, `sshd-${++servers}`);
  mkdirSync(dir, { mode: 0o700 });
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  if (!existsSync(workshop.path('user_key'))) workshop.keygen('user_key', '-t', 'ed25519');
  const types = options.hostKeys ?? ['ed25519'];
  for (const type of types) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(dir, `host_${type}`), '-C', '']);
  }
  writeFileSync(join(dir, 'authorized'), options.authorized ?? workshop.read('user_key.pub'));
  const addresses = options.addresses ?? ['127.0.0.1'];
  const port = await freePort();
  writeFileSync(
    join(dir, 'config'),
    [
      ...addresses.map((address) => `ListenAddress ${address}:${port}`),
      ...types.map((type) => `HostKey ${join(dir, `host_${type}`)}`),
      // first value wins: a test's own lines come before the defaults
      ...(options.config ?? []),
      `AuthorizedKeysFile ${join(dir, 'authorized')}`,
      'PidFile none',
      // whatever this machine's login shell has in its start-up files is none of the tests' business
      `SetEnv HOME=${dir}`,
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  );
  const child = spawn(SSHD, ['-D', '-e', '-f', join(dir, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = followLog(child);
  await Promise.race([
    log.logged(/Server listening on/),
    new Promise((_, reject) => {
      child.once('exit', () => {
        reject(new Error(`sshd ended:\n${log.text()}`));
      });
    }),
  ]);
  return {
    port,
    dir,
    log: log.text,
    logged: log.logged,
    pid: child.pid ?? -1,
    hostKey: (type) => readFileSync(join(dir, `host_${type}.pub`), 'utf8').trim(),
    stop: () => stop(child),
  };
}

function followLog(child: ChildProcess): { text: () => string; logged: (pattern: RegExp) => Promise<void> } {
  if (child.stderr === null) throw new TypeError('sshd has no stderr');
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    for (const check of waiting) check();
  });
  return {
    text: () => lines.join('\n'),
    logged: (pattern) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!lines.some((line) => pattern.test(line))) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A host of an inventory that does not exist. */
export function hostAt(
  name: string,
  port: number,
  ssh: Partial<SshSettings> = {},
  address = '127.0.0.1',
): SshHost {
  const unset = { key: undefined, jump: undefined, knownHosts: undefined };
  return { name, host: address, ssh: { ...unset, port, user: USER, hostKeys: 'strict', ...ssh } };
}

/** A pool that sees nothing of this machine's own keys, agent and configuration. */
export function poolFor(workshop: Workshop, options: Partial<PoolOptions> = {}): Pool {
  return openPool({
    hosts: [],
    askPassphrase: () => Promise.reject(new Error('no passphrase was expected')),
    askSudoPassword: () => Promise.reject(new Error('no sudo password was expected')),
    home: workshop.dir,
    ...options,
    env: { PATH: process.env['PATH'], DCVOPS_SSH_CONFIG: 'none', ...options.env },
  });
}

/** The line of known_hosts for one of a server's keys. */
export function knownLine(sshd: Sshd, type: HostKeyType = 'ed25519', address = '127.0.0.1'): string {
  return `[${address}]:${sshd.port} ${sshd.hostKey(type)}\n`;
}

/** Waits until something outside of this process is so. */
export async function until(what: string, isSo: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** False once the process whose id was written to the file has ended; true while nothing was written yet. */
export function isAlive(pidFile: string): boolean {
  const pid = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : '';
  if (pid === '') return true;
  try {
    // what nobody has waited for yet is dead as well
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** A listener that accepts nothing and whose queue is full: the kernel then ignores who knocks. */
export async function fullBacklog(cleanUp: (() => unknown)[]): Promise<number> {
  const code = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))`;
  const child: ChildProcess = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanUp.push(() => child.kill('SIGKILL'));
  const port = await new Promise<number>((resolve) =>
    child.stdout?.once('data', (data) => {
      resolve(Number(data));
    }),
  );
  child.kill('SIGSTOP');
  for (;;) {
    const socket = net.connect(port, '127.0.0.1');
    cleanUp.push(() => socket.destroy());
    socket.on('error', () => undefined);
    const connected = await Promise.race([
      new Promise((resolve) =>
        socket.once('connect', () => {
          resolve(true);
        }),
      ),
      new Promise((resolve) =>
        setTimeout(() => {
          resolve(false);
        }, 200),
      ),
    ]);
    if (connected === false) return port;
  }
}
