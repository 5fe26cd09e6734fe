import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PoolOptions } from '../../../src/ssh/pool.ts';
import type { SshSettings } from '../../../src/ssh/settings.ts';
import { Secret } from '../../../src/shell/secret.ts';
import { program } from '../../../src/shell/shell.ts';
import {
  type Sshd,
  type Workshop,
  USER,
  createWorkshop,
  hostAt,
  knownLine,
  poolFor,
  startSshd,
  until,
} from './sshd.ts';

describe('logging in to a real sshd', () => {
  let workshop: Workshop;
  let sshd: Sshd;

  beforeAll(async () => {
    workshop = createWorkshop();
    for (const [name, ...args] of [
      ['user_key', '-t', 'ed25519'],
      ['rsa', '-t', 'rsa'],
      ['ecdsa', '-t', 'ecdsa'],
      ['pem', '-t', 'rsa', '-m', 'PEM'],
      ['pkcs8', '-t', 'rsa', '-m', 'PKCS8'],
      ['pkcs8_ec', '-t', 'ecdsa', '-m', 'PKCS8'],
      ['locked_pkcs8', '-t', 'rsa', '-m', 'PKCS8', '-N', 'open sesame'],
      ['locked', '-t', 'ed25519', '-N', 'open sesame'],
      ['locked_pem', '-t', 'rsa', '-m', 'PEM', '-N', 'open sesame'],
      ['stranger', '-t', 'ed25519'],
    ] as const) {
      workshop.keygen(name, ...args);
    }
    const known = [
      'user_key',
      'rsa',
      'ecdsa',
      'pem',
      'pkcs8',
      'pkcs8_ec',
      'locked',
      'locked_pem',
      'locked_pkcs8',
    ];
    sshd = await startSshd(workshop, {
      authorized: known.map((name) => workshop.read(`${name}.pub`)).join(''),
    });
    workshop.write('known_hosts', knownLine(sshd));
  });

  afterAll(async () => {
    await sshd.stop();
    workshop.remove();
  });

  /** Logs in once and says as whom, or throws. */
  async function logIn(ssh: Partial<SshSettings>, options: Partial<PoolOptions> = {}, port = sshd.port) {
    const pool = poolFor(workshop, options);
    try {
      const host = hostAt('agent1', port, { knownHosts: workshop.path('known_hosts'), ...ssh });
      const remote = await pool.connect(host);
      return (await remote.run({ name: 'who', text: program`id -un` })).stdout.trim();
    } finally {
      pool.close();
    }
  }

  const connections = (): number => sshd.log().split('Connection from ').length;

  describe('key files', () => {
    it.each(['user_key', 'rsa', 'ecdsa', 'pem', 'pkcs8', 'pkcs8_ec'])('takes %s', async (name) => {
      expect(await logIn({ key: workshop.path(name) })).toBe(USER);
    });

    it.each(['locked', 'locked_pem', 'locked_pkcs8'])('asks for the passphrase of %s', async (name) => {
      const asked: string[] = [];
      const askPassphrase = (key: string) => {
        asked.push(key);
        return Promise.resolve(new Secret('open sesame'));
      };
      expect(await logIn({ key: workshop.path(name) }, { askPassphrase })).toBe(USER);
      expect(asked).toEqual([workshop.path(name)]);
    });

    it('asks once a run, however many hosts use the key at once', async () => {
      let asked = 0;
      const pool = poolFor(workshop, {
        askPassphrase: () => {
          asked++;
          return Promise.resolve(new Secret('open sesame'));
        },
      });
      const settings = {
        key: workshop.path('locked'),
        knownHosts: workshop.write('all', `* ${sshd.hostKey('ed25519')}\n`),
      };
      const names = Array.from({ length: 5 }, (_, index) => `host${index}`);
      // different users make different connections, of which only ours is let in; the key is needed for all
      const users = [USER, 'daemon', 'bin', 'sys', 'games'];
      const results = await Promise.allSettled(
        names.map((name, index) =>
          pool.connect(hostAt(name, sshd.port, { ...settings, user: users[index] })),
        ),
      );
      pool.close();
      expect(results.map(({ status }) => status)).toContain('fulfilled');
      expect(asked).toBe(1);
    });

    it('takes the passphrase from DCVOPS_KEY_PASSPHRASE', async () => {
      const env = { DCVOPS_KEY_PASSPHRASE: 'open sesame' };
      expect(await logIn({ key: workshop.path('locked') }, { env })).toBe(USER);
    });

    it.each([
      [
        'typed',
        { askPassphrase: () => Promise.resolve(new Secret('wrong')) },
        / is not unlocked by this passphrase$/,
      ],
      [
        'from the environment',
        { env: { DCVOPS_KEY_PASSPHRASE: 'wrong' } },
        / is not unlocked by DCVOPS_KEY_PASSPHRASE$/,
      ],
    ])('says that a passphrase is wrong (%s), without trying the host', async (_, options, message) => {
      const before = connections();
      await expect(logIn({ key: workshop.path('locked') }, options)).rejects.toMatchObject({
        code: 'login',
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(/^ssh-keygen -y -f /) as string,
      });
      expect(connections()).toBe(before);
    });

    const useless: [string, string, RegExp, RegExp][] = [
      [
        'PuTTY format',
        'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n',
        / is in PuTTY's format$/,
        /^puttygen \S+ -O private-openssh -o \S+\.pem$/,
      ],
      ['a public key', 'ssh-ed25519 AAAAC3Nz me\n', / is a public key; the private one is wanted$/, /^ls /],
      [
        'a certificate',
        '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
        / is an X\.509 certificate/,
        /private key/,
      ],
      ['an empty file', '', / is not a private key that dcvops can read/, /^$/],
      ['something else', 'hello\n', / is not a private key that dcvops can read/, /^$/],
      ['a FIDO key', fidoKey(), / is a FIDO security key, which dcvops cannot use$/, /another key/],
    ];
    it.each(useless)('says what is wrong with %s', async (_, text, message, hint) => {
      const key = workshop.write('useless', text);
      await expect(logIn({ key })).rejects.toMatchObject({
        code: 'login',
        host: 'agent1',
        message: expect.stringMatching(message) as string,
      });
      if (hint.source !== '^$') {
        await expect(logIn({ key })).rejects.toMatchObject({ hint: expect.stringMatching(hint) as string });
      }
    });

    it('says that a key file is not there or cannot be read', async () => {
      await expect(logIn({ key: workshop.path('nowhere') })).rejects.toMatchObject({
        code: 'login',
        host: 'agent1',
        message: `key file ${workshop.path('nowhere')} does not exist`,
      });
      await expect(logIn({ key: workshop.dir })).rejects.toMatchObject({
        code: 'login',
        host: 'agent1',
        message: `key file ${workshop.dir} cannot be read (EISDIR)`,
      });
    });

    it('falls back to the default keys of OpenSSH where none is named', async () => {
      const link = `${workshop.dir}/.ssh`;
      execFileSync('mkdir', ['-p', link]);
      symlinkSync(workshop.path('user_key'), `${link}/id_ed25519`);
      expect(await logIn({})).toBe(USER);
      rmSync(`${link}/id_ed25519`);
      await expect(logIn({})).rejects.toMatchObject({
        code: 'login',
        message: expect.stringMatching(/^there is no key to log in to 127\.0\.0\.1:\d+ with$/) as string,
      });
    });
  });

  describe('a refused login', () => {
    it('names user and key, and is tried exactly once', async () => {
      const before = attempts('stranger');
      await expect(logIn({ key: workshop.path('stranger') })).rejects.toMatchObject({
        code: 'login',
        host: 'agent1',
        message: `login at 127.0.0.1:${sshd.port} refused for ${USER} with ${workshop.path('stranger')}. Wrong user (Ubuntu images: ubuntu) or key.`,
        hint: 'dcvops ssh agent1 -v',
      });
      await sshd.logged(/Connection closed by authenticating user|Disconnected from authenticating user/);
      expect(attempts('stranger') - before).toBe(1);
    });

    it('says when a host takes no keys at all', async () => {
      const passwords = await startSshd(workshop, {
        config: ['PubkeyAuthentication no', 'PasswordAuthentication yes'],
      });
      workshop.write('known_pw', knownLine(passwords));
      const login = logIn(
        { key: workshop.path('user_key'), knownHosts: workshop.path('known_pw') },
        {},
        passwords.port,
      );
      await expect(login).rejects.toMatchObject({
        code: 'login',
        message: `127.0.0.1:${passwords.port} lets nobody log in as ${USER} with a key, only by password`,
      });
      await passwords.stop();
    });

    it('says when a host wants a second factor after the key', async () => {
      const twoFactors = await startSshd(workshop, {
        config: ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password'],
      });
      workshop.write('known_2f', knownLine(twoFactors));
      const login = logIn(
        { key: workshop.path('user_key'), knownHosts: workshop.path('known_2f') },
        {},
        twoFactors.port,
      );
      await expect(login).rejects.toMatchObject({
        code: 'login',
        message: expect.stringMatching(
          /accepted the key of \S+, but wants a second factor as well \(password\)/,
        ) as string,
      });
      await twoFactors.stop();
    });

    function attempts(key: string): number {
      const print =
        execFileSync('ssh-keygen', ['-lf', workshop.path(`${key}.pub`)], { encoding: 'utf8' }).split(
          ' ',
        )[1] ?? '';
      return sshd
        .log()
        .split('\n')
        .filter((line) => line.includes('Failed publickey') && line.includes(print)).length;
    }
  });

  describe('ssh-agent', () => {
    const agents: ChildProcess[] = [];
    afterEach(() => {
      for (const agent of agents.splice(0)) agent.kill();
    });

    async function startAgent(...keys: string[]): Promise<string> {
      const socket = workshop.path(`agent-${Math.random()}`);
      agents.push(spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' }));
      await until('the agent listens', () => existsSync(socket));
      for (const key of keys) add(socket, key);
      return socket;
    }

    function add(socket: string, key: string): void {
      const askpass = workshop.path('askpass');
      writeFileSync(askpass, '#!/bin/sh\necho open sesame\n', { mode: 0o755 });
      const env = {
        ...process.env,
        SSH_AUTH_SOCK: socket,
        SSH_ASKPASS: askpass,
        SSH_ASKPASS_REQUIRE: 'force',
      };
      execFileSync('ssh-add', [workshop.path(key)], { env, stdio: 'ignore' });
    }

    it.each(['user_key', 'rsa', 'ecdsa'])('logs in with the agent alone: %s', async (key) => {
      expect(await logIn({}, { env: { SSH_AUTH_SOCK: await startAgent(key) } })).toBe(USER);
    });

    it('asks no passphrase for a key that the agent holds', async () => {
      const env = { SSH_AUTH_SOCK: await startAgent('locked') };
      expect(await logIn({ key: workshop.path('locked') }, { env })).toBe(USER);
    });

    it('tries the agent after a named key that the host refuses', async () => {
      const env = { SSH_AUTH_SOCK: await startAgent('user_key') };
      expect(await logIn({ key: workshop.path('stranger') }, { env })).toBe(USER);
    });

    it('does without an agent that is gone, when a key file does', async () => {
      const env = { SSH_AUTH_SOCK: workshop.path('no-agent') };
      expect(await logIn({ key: workshop.path('user_key') }, { env })).toBe(USER);
      await expect(logIn({}, { env })).rejects.toMatchObject({ code: 'login' });
    });

    it('passes over certificates, which ssh2 cannot show, and uses the key beside them', async () => {
      workshop.keygen('ca', '-t', 'ed25519');
      const sign = ['-q', '-s', workshop.path('ca'), '-I', 'anna', '-n', USER, workshop.path('ecdsa.pub')];
      execFileSync('ssh-keygen', sign);
      const socket = await startAgent('ecdsa');
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      expect(execFileSync('ssh-add', ['-l'], { env, encoding: 'utf8' })).toContain('ECDSA-CERT');
      expect(await logIn({}, { env: { SSH_AUTH_SOCK: socket } })).toBe(USER);
    });

    it('shows five keys of a full agent at most, and says so', async () => {
      const strangers = Array.from({ length: 7 }, (_, index) => `agent_key_${index}`);
      for (const name of strangers) workshop.keygen(name, '-t', 'ed25519');
      const env = { SSH_AUTH_SOCK: await startAgent(...strangers) };
      await expect(logIn({}, { env })).rejects.toMatchObject({
        code: 'login',
        message: expect.stringContaining('the agent holds 7 keys') as string,
      });
      expect(sshd.log()).not.toContain('maximum authentication attempts exceeded');
    });

    it('says when the agent does not sign', async () => {
      const socket = await startAgent();
      const env = {
        ...process.env,
        SSH_AUTH_SOCK: socket,
        SSH_ASKPASS: '/bin/false',
        SSH_ASKPASS_REQUIRE: 'force',
      };
      // -c: each use must be confirmed, and nobody is there to do it
      execFileSync('ssh-add', ['-c', workshop.path('user_key')], { env, stdio: 'ignore' });
      await expect(logIn({}, { env: { SSH_AUTH_SOCK: socket } })).rejects.toMatchObject({
        code: 'login',
        message: expect.stringContaining('ssh-agent did not sign the login') as string,
      });
    });
  });
});

/** A private key file of OpenSSH's own format whose public half is of a FIDO type. */
function fidoKey(): string {
  const field = (value: string | Buffer): Buffer => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const publicKey = Buffer.concat([
    field('sk-ssh-ed25519@openssh.com'),
    field(Buffer.alloc(32)),
    field('ssh:'),
  ]);
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(field),
    Buffer.from([0, 0, 0, 1]),
    field(publicKey),
    field(Buffer.alloc(64)),
  ]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
