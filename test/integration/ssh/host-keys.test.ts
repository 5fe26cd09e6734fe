import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DcvopsError } from '../../../src/errors.ts';
import { hashedKnownHostsLine } from './known-hosts-helper.ts';
import {
  type HostKeyType,
  type Sshd,
  type Workshop,
  createWorkshop,
  hostAt,
  knownLine,
  poolFor,
  startSshd,
} from './sshd.ts';

/**
 * What a user would lose here: logging in to a machine that is not theirs, or being kept from one that is.
 */
describe('host keys of a real sshd that has ed25519, ecdsa and rsa', () => {
  let workshop: Workshop;
  let sshd: Sshd;
  let other: Sshd;

  beforeAll(async () => {
    workshop = createWorkshop();
    sshd = await startSshd(workshop, { hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
    other = await startSshd(workshop, { hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
  });

  afterAll(async () => {
    await sshd.stop();
    await other.stop();
    workshop.remove();
  });

  async function logIn(
    knownHosts: string,
    hostKeys: 'strict' | 'accept-new' = 'strict',
    target = sshd,
  ): Promise<DcvopsError | 'logged in'> {
    const pool = poolFor(workshop);
    try {
      const host = hostAt('agent1', target.port, { key: workshop.path('user_key'), knownHosts, hostKeys });
      await pool.connect(host);
      return 'logged in';
    } catch (error) {
      return error as DcvopsError;
    } finally {
      pool.close();
    }
  }

  const name = (): string => `[127.0.0.1]:${sshd.port}`;
  const key = (server: Sshd, type: HostKeyType): string => server.hostKey(type).trim();

  const good: [string, () => string][] = [
    ['the ed25519 key', () => knownLine(sshd)],
    ['the ecdsa key only, though the host prefers ed25519', () => knownLine(sshd, 'ecdsa')],
    ['the rsa key only', () => knownLine(sshd, 'rsa')],
    ['a hashed name', () => hashedKnownHostsLine(name(), key(sshd, 'ed25519'))],
    [
      'a hashed name among hashed others',
      () =>
        hashedKnownHostsLine('[127.0.0.1]:22', key(other, 'ed25519')) +
        hashedKnownHostsLine(name(), key(sshd, 'rsa')),
    ],
    [
      'another key first, the right one later',
      () => `${name()} ${key(other, 'ed25519')}\n${knownLine(sshd)}`,
    ],
    ['a list of names', () => `gateway,10.0.0.1,${name()} ${key(sshd, 'ed25519')}`],
    ['a glob', () => `[127.0.0.*]:* ${key(sshd, 'ed25519')}\n`],
    ['the bare address, as OpenSSH takes it', () => `127.0.0.1 ${key(sshd, 'ed25519')}\n`],
    [
      'comments, CRLF, blank and broken lines around',
      () =>
        `# hosts\r\n\r\n@future * ssh-ed25519 AAAA\r\nbroken\r\n${name()} ssh-ed25519 !!!\r\n${knownLine(sshd).trim()} me@here\r\n`,
    ],
    ['a revoked key of another host', () => `@revoked * ${key(other, 'ed25519')}\n${knownLine(sshd)}`],
  ];

  it.each(good)('logs in with %s', async (_, text) => {
    expect(await logIn(workshop.write('known', text()))).toBe('logged in');
  });

  const bad: [string, () => string, string | RegExp, RegExp][] = [
    [
      'an empty file',
      () => '',
      /^host key of 127\.0\.0\.1:\d+ unknown; not logged in\.$/,
      /^dcvops trust agent1$/,
    ],
    ['other hosts only', () => `10.0.0.1 ${key(sshd, 'ed25519')}\n`, / unknown; /, /^dcvops trust agent1$/],
    [
      'a negated name',
      () => `*,!${name()},!127.0.0.1 ${key(sshd, 'ed25519')}\n`,
      / unknown; /,
      /trust agent1$/,
    ],
    [
      'a certificate authority only',
      () => `@cert-authority * ${key(other, 'ed25519')}\n`,
      / unknown; not logged in\. .*known:1 trusts a certificate authority .* cannot check certificates/,
      /trust agent1$/,
    ],
    [
      'another key of the same type',
      () => `\n${name()} ${key(other, 'ed25519')}\n`,
      /CHANGED; not logged in\. Shown SHA256:\S{43} \(ed25519\); known: SHA256:\S{43} at \S+known:2\./,
      /^if it changed on purpose: dcvops trust agent1 --replace\nby hand: ssh-keygen -R '\[127\.0\.0\.1\]:\d+' -f \S+known$/,
    ],
    [
      'another rsa key and nothing else',
      () => `${name()} ${key(other, 'rsa')}\n`,
      /CHANGED.*\(rsa\)/,
      /--replace/,
    ],
    [
      'the key, but revoked',
      () => `@revoked * ${key(sshd, 'ed25519')}\n${knownLine(sshd)}`,
      /is revoked; not logged in\. Shown SHA256:\S+ \(ed25519\), marked @revoked at \S+known:1\.$/,
      /ask who runs the host/,
    ],
  ];

  it.each(bad)('refuses with %s', async (_, text, message, hint) => {
    const result = await logIn(workshop.write('known', text()));
    expect(result).toMatchObject({ code: 'host-key', host: 'agent1' });
    expect((result as DcvopsError).message).toMatch(message);
    expect((result as DcvopsError).hint).toMatch(hint);
  });

  it.each([...good, ...bad].map(([title, text]) => [title, text] as const))(
    'judges as OpenSSH does: %s',
    async (_, text) => {
      const knownHosts = workshop.write('known', text());
      const argv = [
        ...['-F', 'none', '-i', workshop.path('user_key'), '-p', String(sshd.port), '-o', 'BatchMode=yes'],
        ...['-o', 'StrictHostKeyChecking=yes', '-o', 'GlobalKnownHostsFile=none', '-o', 'UpdateHostKeys=no'],
        ...['-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'IdentitiesOnly=yes', '127.0.0.1', 'true'],
      ];
      const openSsh = spawnSync('ssh', argv, { encoding: 'utf8' });
      expect([0, 255]).toContain(openSsh.status);
      expect((await logIn(knownHosts)) === 'logged in').toBe(openSsh.status === 0);
    },
  );

  it('refuses a changed key under accept-new, too, and does not touch the file', async () => {
    const file = workshop.write('known', `${name()} ${key(other, 'ed25519')}\n`);
    const before = readFileSync(file, 'utf8');
    expect(await logIn(file, 'accept-new')).toMatchObject({ code: 'host-key' });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('refuses a host under accept-new that hides its known key behind one of another type', async () => {
    const ecdsaOnly = await startSshd(workshop, { hostKeys: ['ecdsa'] });
    const file = workshop.write('known', `[127.0.0.1]:${ecdsaOnly.port} ${key(other, 'ed25519')}\n`);
    const result = await logIn(file, 'accept-new', ecdsaOnly);
    await ecdsaOnly.stop();
    expect(result).toMatchObject({
      code: 'host-key',
      message: expect.stringMatching(
        /host key of another type than is known; .*\(ecdsa\); known: ed25519 at \S+known:1\./,
      ) as string,
      hint: 'if the host was set up anew: dcvops trust agent1 --replace',
    });
  });

  it('refuses when the file cannot be read: a changed key would look unknown', async () => {
    expect(await logIn(workshop.dir, 'accept-new')).toMatchObject({
      code: 'host-key',
      message: `${workshop.dir} cannot be read (EISDIR); not logged in`,
    });
  });

  describe('accept-new', () => {
    let file: string;
    beforeEach(() => {
      file = workshop.path(`new-${Math.random()}/sub/known_hosts`);
    });

    it('writes an unknown key into a file that only its owner reads, and knows it from then on', async () => {
      expect(await logIn(file, 'accept-new')).toBe('logged in');
      expect(readFileSync(file, 'utf8')).toBe(
        knownLine(sshd).replace(/ \S*\n$/, (comment) => (comment.trim() === '' ? '\n' : comment)),
      );
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(await logIn(file, 'strict')).toBe('logged in');
    });

    it('leaves what is in the file alone, keeps its mode, and minds a last line without an end', async () => {
      const kept = workshop.write('kept', `10.0.0.1 ${key(other, 'rsa')}`);
      chmodSync(kept, 0o644);
      expect(await logIn(kept, 'accept-new')).toBe('logged in');
      expect(readFileSync(kept, 'utf8')).toBe(
        `10.0.0.1 ${key(other, 'rsa')}\n${name()} ${key(sshd, 'ed25519')}\n`,
      );
      expect(statSync(kept).mode & 0o777).toBe(0o644);
    });

    it('hashes the name where the file hides its names', async () => {
      const hidden = workshop.write('hidden', hashedKnownHostsLine('10.0.0.1', key(other, 'rsa')));
      expect(await logIn(hidden, 'accept-new')).toBe('logged in');
      expect(readFileSync(hidden, 'utf8')).not.toContain('127.0.0.1');
      expect(await logIn(hidden, 'strict')).toBe('logged in');
    });

    it('keeps nothing of a host that nobody got into', async () => {
      const pool = poolFor(workshop);
      const host = hostAt('agent1', sshd.port, {
        key: workshop.keygen('stranger', '-t', 'ed25519'),
        knownHosts: file,
        hostKeys: 'accept-new',
      });
      await expect(pool.connect(host)).rejects.toMatchObject({ code: 'login' });
      pool.close();
      expect(existsSync(file)).toBe(false);
    });
  });
});
