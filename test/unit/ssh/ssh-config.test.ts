import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSshConfigReader, parseJumpAddress, parseSshConfig } from '../../../src/ssh/ssh-config.ts';

describe('the output of ssh -G', () => {
  it('is read as far as it matters here', () => {
    const output = `host desk
user ec2-user
hostname 10.150.248.180
port 50000
identitiesonly yes
identityfile ~/.ssh/one
identityfile /keys/two words
identityagent /run/agent.sock
proxyjump me@gw:50000,10.0.0.2
userknownhostsfile /a /b
hostkeyalias desk-key
forwardagent no
`;
    expect(parseSshConfig(output)).toEqual({
      hostName: '10.150.248.180',
      port: 50000,
      user: 'ec2-user',
      identitiesOnly: true,
      identityFiles: ['~/.ssh/one', '/keys/two words'],
      identityAgent: '/run/agent.sock',
      proxyJump: [
        { user: 'me', host: 'gw', port: 50000 },
        { user: undefined, host: '10.0.0.2', port: undefined },
      ],
      userKnownHostsFiles: ['/a', '/b'],
      hostKeyAlias: 'desk-key',
    });
  });

  it('takes none for nothing, but an agent of none for no agent', () => {
    const none =
      'proxyjump none\nproxycommand none\nidentityfile none\nuserknownhostsfile none\nidentityagent none\n';
    expect(parseSshConfig(none)).toEqual({ identityFiles: [], identityAgent: 'none' });
  });

  it('is empty for what is no such output', () => {
    expect(parseSshConfig('')).toEqual({});
    expect(parseSshConfig('port\nport many\nport -1\n')).toEqual({});
  });

  it.each([
    ['gw', { host: 'gw', user: undefined, port: undefined }],
    ['me@gw', { host: 'gw', user: 'me', port: undefined }],
    ['me@corp@gw:22', { host: 'gw', user: 'me@corp', port: 22 }],
    ['[fd00::1]:2222', { host: 'fd00::1', user: undefined, port: 2222 }],
    ['ssh://me@gw:22/', { host: 'gw', user: 'me', port: 22 }],
  ])('jump %s', (text, expected) => {
    expect(parseJumpAddress(text)).toEqual(expected);
  });
});

describe('asking ssh', () => {
  let home: string;
  let calls: string;

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'dcvops-home-'));
    calls = path.join(home, 'calls');
    await mkdir(path.join(home, '.ssh/more'), { recursive: true });
    await mkdir(path.join(home, 'bin'));
    await writeFile(
      path.join(home, 'bin/ssh'),
      `#!/bin/sh\nprintf '%s ' "$@" >> ${calls}\necho "user asked"\n`,
    );
    await chmod(path.join(home, 'bin/ssh'), 0o755);
  });
  afterEach(async () => {
    await rm(home, { recursive: true });
  });

  async function ask(config: string | undefined, env: NodeJS.ProcessEnv = {}) {
    const file = path.join(home, 'config');
    if (config !== undefined) await writeFile(file, config);
    const read = createSshConfigReader(
      { PATH: `${home}/bin:${process.env['PATH'] ?? ''}`, DCVOPS_SSH_CONFIG: file, ...env },
      home,
    );
    const result = await read({ host: 'desk', user: 'me', port: 22 });
    return { result, called: await readFile(calls, 'utf8').catch(() => '') };
  }

  it.each([
    ['no file', undefined],
    ['an empty one', ''],
    [
      'only what does not matter',
      'Host *\n  SendEnv LANG\n  HashKnownHosts yes\n  # Port 22\n  ServerAliveInterval=5\n',
    ],
    ['an include of nothing', 'Include nothing/*.conf other\n'],
    ['an include that does not matter', 'Include more/*.conf\n'],
  ])('is spared with %s', async (_, config) => {
    await writeFile(path.join(home, '.ssh/more/a.conf'), 'Compression yes\n');
    expect(await ask(config)).toEqual({ result: {}, called: '' });
  });

  it.each([
    ['Host desk\n  User me\n'],
    ['host desk\n\tPORT=50000\n'],
    ['  ProxyJump   gw\n'],
    ['Include more/*.conf\n'],
    ['Include ~/.ssh/more/b.conf\n'],
    ['Include "with quotes"\n'],
    ['Include more/[ab].conf\n'],
    ['Include config\n'],
  ])('is done with %j', async (config) => {
    await writeFile(path.join(home, '.ssh/more/b.conf'), 'IdentityFile x\n');
    await writeFile(path.join(home, '.ssh/config'), 'Include config\n');
    const { result, called } = await ask(config);
    expect(result).toMatchObject({ user: 'asked' });
    expect(called).toBe(`-F ${home}/config -l me -p 22 -G -- desk `);
  });

  it('is left out where there is no ssh program', async () => {
    expect(await ask('User me\n', { PATH: '/nowhere' })).toEqual({ result: {}, called: '' });
  });
});
