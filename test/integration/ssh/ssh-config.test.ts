import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSshConfigReader } from '../../../src/ssh/ssh-config.ts';

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
