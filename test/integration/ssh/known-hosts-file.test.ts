import { mkdtemp, readFile, readdir, rm, stat, symlink, writeFile, lstat, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendKnownHosts, readKnownHosts, replaceInKnownHosts } from '../../../src/ssh/known-hosts-file.ts';

describe('known_hosts files', () => {
  let folder: string;
  let file: string;
  const HOST = { address: 'a', port: 22 };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dcvops-known-'));
    file = path.join(folder, 'sub', 'known_hosts');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const modeOf = async (name: string): Promise<string> => ((await stat(name)).mode & 0o777).toString(8);

  it('has no lines where there is no file', async () => {
    expect(await readKnownHosts([file])).toEqual([]);
  });

  it('fails closed on what cannot be read', async () => {
    await expect(readKnownHosts([folder])).rejects.toMatchObject({
      code: 'host-key',
      message: `${folder} cannot be read (EISDIR); not logged in`,
    });
  });

  it('makes file and folder for their owner only', async () => {
    await appendKnownHosts(file, ['x ssh-rsa AAAA']);
    expect(await modeOf(file)).toBe('600');
    expect(await modeOf(path.dirname(file))).toBe('700');
    expect(await readFile(file, 'utf8')).toBe('x ssh-rsa AAAA\n');
  });

  it('loses nothing when many append at once', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => `host${index} ssh-rsa AAAA`);
    await Promise.all(lines.map((line) => appendKnownHosts(file, [line])));
    expect((await readFile(file, 'utf8')).split('\n').filter(Boolean).sort()).toEqual([...lines].sort());
  });

  it('replaces through a symbolic link, keeps the mode and leaves nothing else behind', async () => {
    await appendKnownHosts(file, ['a ssh-rsa OLD', 'b ssh-rsa KEPT']);
    await chmod(file, 0o644);
    const link = path.join(folder, 'link');
    await symlink(file, link);
    await replaceInKnownHosts(link, HOST, ['a ssh-rsa NEW']);
    expect(await readFile(file, 'utf8')).toBe('b ssh-rsa KEPT\na ssh-rsa NEW\n');
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await modeOf(file)).toBe('644');
    expect(await readdir(path.dirname(file))).toEqual(['known_hosts']);
  });

  it('minds a last line without an end', async () => {
    await appendKnownHosts(file, []);
    await writeFile(file, 'b ssh-rsa KEPT');
    await replaceInKnownHosts(file, HOST, ['a ssh-rsa NEW']);
    expect(await readFile(file, 'utf8')).toBe('b ssh-rsa KEPT\na ssh-rsa NEW\n');
  });

  it('says what it could not write', async () => {
    await expect(appendKnownHosts(folder, ['x'])).rejects.toMatchObject({
      code: 'host-key',
      message: `the host key cannot be written to ${folder} (EISDIR)`,
    });
    await expect(appendKnownHosts('/dev/null/known_hosts', ['x'])).rejects.toMatchObject({
      code: 'host-key',
    });
  });
});
