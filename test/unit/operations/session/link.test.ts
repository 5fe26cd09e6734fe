import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type SessionLink,
  checkFiles,
  linkAsJson,
  openedUrl,
  saveConnectionFiles,
} from '../../../../src/operations/session/link.ts';
import type { OperationEvent } from '../../../../src/report/events.ts';
import { Secret } from '../../../../src/shell/secret.ts';

const URL_OF_DESK = 'https://10.213.66.188:8443/10.150.248.180/#desk';
const PLAIN: SessionLink = { agent: 'agent1', address: '10.150.248.180', id: 'desk', url: URL_OF_DESK };
const LOGIN: SessionLink = { ...PLAIN, user: 'jane', token: new Secret('a1b2') };

describe('a link under --json', () => {
  it('has the token, which was asked for, and says how long it works', () => {
    expect(linkAsJson({ ...LOGIN, expires: new Date('2026-12-01T15:00:00Z') })).toMatchObject({
      url: openedUrl(LOGIN),
      token: 'a1b2',
      user: 'jane',
      worksOnce: true,
      expires: '2026-12-01T15:00:00Z',
      tokenLifetime: 'It works once, until 2026-12-01T15:00:00Z',
    });
    expect(linkAsJson(LOGIN)).toMatchObject({
      worksOnce: false,
      expires: null,
      tokenLifetime: expect.stringContaining('until the host restarts') as string,
    });
    expect(openedUrl(LOGIN)).toContain('/?authToken=a1b2#desk');
  });

  it('has none that went into a file, and none where there is none', () => {
    expect(JSON.stringify(linkAsJson({ ...LOGIN, file: 'desk.dcv' }))).not.toContain('a1b2');
    expect(linkAsJson(PLAIN)).toEqual(PLAIN);
    expect(JSON.stringify(LOGIN)).not.toContain('a1b2');
  });
});

describe('connection files', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dcvops-link-'));
    file = path.join(folder, 'desk.dcv');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function save(
    links: readonly SessionLink[],
    to: string,
    overwrite = false,
  ): Promise<{ saved: readonly SessionLink[]; printed: string; events: readonly OperationEvent[] }> {
    const events: OperationEvent[] = [];
    let printed = '';
    const saved = await saveConnectionFiles(links, {
      fileOf: () => to,
      overwrite,
      print: (text) => (printed += text),
      emit: (event) => events.push(event),
    });
    return { saved, printed, events };
  }

  it('are for their owner’s eyes only, and their token is in no event', async () => {
    const { saved, events } = await save([LOGIN], file);
    expect(saved).toMatchObject([{ file }]);
    expect(await readFile(file, 'utf8')).toContain('authtoken=a1b2');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(events).toMatchObject([{ outcome: 'done', message: `desk: ${file}; the file signs in as jane` }]);
    expect(JSON.stringify(events)).not.toContain('a1b2');
  });

  it('never replace another file, unless that is said; then its mode is not taken over', async () => {
    await writeFile(file, 'mine', { mode: 0o644 });
    const { saved, events } = await save([PLAIN], file);
    expect(events).toMatchObject([
      { outcome: 'failed', message: `${file} is there already. It was left alone.` },
    ]);
    expect(saved).toMatchObject([{ problem: expect.stringContaining('is there already') as string }]);
    expect(await readFile(file, 'utf8')).toBe('mine');
    await save([PLAIN], file, true);
    expect(await readFile(file, 'utf8')).toContain('sessionid=desk');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('are looked for before a token is made: where none can be, nothing is asked of a host', async () => {
    const fileOf = (): string => file;
    await expect(checkFiles([PLAIN], { fileOf, overwrite: false })).resolves.toBeUndefined();
    await writeFile(file, 'mine');
    await expect(checkFiles([PLAIN], { fileOf, overwrite: false })).rejects.toThrow('is there already');
    await expect(checkFiles([PLAIN], { fileOf, overwrite: true })).resolves.toBeUndefined();
    const nowhere = { fileOf: () => path.join(folder, 'none', 'x.dcv'), overwrite: true };
    await expect(checkFiles([PLAIN], nowhere)).rejects.toThrow(/x\.dcv cannot be written: ENOENT/);
    await expect(checkFiles([PLAIN], { ...nowhere, fileOf: () => '-' })).resolves.toBeUndefined();
  });

  it('are not made for a session that nobody is signed in to, and the others are', async () => {
    const { saved, printed } = await save([{ ...PLAIN, problem: 'no' }, PLAIN], '-');
    expect(printed.match(/sessionid=desk/g)).toHaveLength(1);
    expect(saved.map((link) => link.file)).toEqual([undefined, undefined]);
  });
});
