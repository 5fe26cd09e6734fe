import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permissionsScript, screenshotScript } from '../../../src/dcv/session/act.ts';
import { type ScriptRecord, parseRecords } from '../../../src/shell/records.ts';
import { type Script, commandLine } from '../../../src/shell/script.ts';

// What the scripts leave on a host, and what of it others can read: with a `dcv` that does what a file has it do.

let folder: string;
let programs: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-act-'));
  programs = path.join(folder, 'programs');
  await mkdir(programs);
});
afterEach(() => rm(folder, { recursive: true }));

function install(name: string, text: string): Promise<void> {
  return writeFile(path.join(programs, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

/** Runs a script with those programs found first; its umask is an open one. */
async function told(script: Script, stdin = ''): Promise<ScriptRecord[]> {
  const env = { ...process.env, FOLDER: folder, PATH: `${programs}:${process.env['PATH'] ?? ''}` };
  const stdout = await new Promise<string>((resolve) => {
    const child = execFile('sh', ['-c', `umask 0; exec ${commandLine(script)}`], { env }, (_, text) => {
      resolve(text);
    });
    child.stdin?.end(stdin);
  });
  return parseRecords(stdout);
}

const names = (records: readonly ScriptRecord[]): string[] => records.map(({ name }) => name);

describe('screenshotScript', () => {
  const script = screenshotScript('desk', {});
  /** A folder of the test's own instead of one in /run. */
  const MKTEMP = 'PATH=/usr/bin:/bin; exec mktemp -d "$FOLDER/work.XXXXXX"';
  const DCV = `case "$*" in
*get-screenshot*)
  for word; do case $word in --output=*) file=\${word#*=} ;; esac; done
  printf PNG >"$file"
  stat -c %a "\${file%/*}" "$file" >"$FOLDER/modes" ;;
*) echo '[]' ;;
esac`;

  it('has a picture that nobody else can read, and leaves nothing of it', async () => {
    await install('dcv', DCV);
    await install('mktemp', MKTEMP);
    const records = await told(script);
    expect(names(records)).toEqual(['did', 'version', 'sessions', 'png']);
    expect(records.at(-1)?.value).toBe(Buffer.from('PNG').toString('base64'));
    expect(await readFile(path.join(folder, 'modes'), 'utf8')).toBe('700\n600\n');
    expect((await readdir(folder)).sort()).toEqual(['modes', 'programs']);
  });

  it('tells that there is no room for it, and asks dcv nothing', async () => {
    await install('dcv', DCV);
    await install('mktemp', 'exit 1');
    expect(await told(script)).toEqual([{ name: 'failed', value: 'cannot create a directory in /run' }]);
    expect(await readdir(folder)).toEqual(['programs']);
  });
});

describe('permissionsScript', () => {
  const REFUSING = `case "$*" in *set-permissions*) echo 'it will not do' >&2; exit 1 ;; *) echo '[]' ;; esac`;
  const TAKING = `case "$*" in
*set-permissions*) for word; do case $word in --file=*) cat "\${word#*=}" >"$FOLDER/read" ;; esac; done ;;
*) echo '[]' ;;
esac`;
  const CONTENT = '[permissions]\n%owner% allow builtin\n';

  const place = (): string => path.join(folder, 'files', 'desk.perm');
  const permit = (): Promise<ScriptRecord[]> =>
    told(permissionsScript('desk', { path: place(), mode: '644', content: Buffer.from(CONTENT) }), CONTENT);
  const files = (): Promise<string[]> => readdir(path.join(folder, 'files'));

  async function before(content: string): Promise<void> {
    await mkdir(path.join(folder, 'files'));
    await writeFile(place(), content, { mode: 0o640 });
  }

  it('has dcv take a file that stays, for dcv looks again whenever somebody connects', async () => {
    await install('dcv', TAKING);
    expect(names(await permit())).toEqual(['did', 'version', 'sessions']);
    expect(await readFile(path.join(folder, 'read'), 'utf8')).toBe(CONTENT);
    expect(await files()).toEqual(['desk.perm']);
    expect(await readFile(place(), 'utf8')).toBe(CONTENT);
    expect((await stat(place())).mode & 0o777).toBe(0o644);
    expect((await stat(path.join(folder, 'files'))).mode & 0o777).toBe(0o755);
  });

  it('replaces the file that was there', async () => {
    await install('dcv', TAKING);
    await before('older');
    await permit();
    expect(await files()).toEqual(['desk.perm']);
    expect(await readFile(place(), 'utf8')).toBe(CONTENT);
  });

  it('puts back what was there when dcv refuses the file', async () => {
    await install('dcv', REFUSING);
    await before('older');
    expect((await permit())[0]).toEqual({ name: 'refused', value: 'it will not do' });
    expect(await files()).toEqual(['desk.perm']);
    expect(await readFile(place(), 'utf8')).toBe('older');
    expect((await stat(place())).mode & 0o777).toBe(0o640);
  });

  it('leaves nothing where there was nothing when dcv refuses the file', async () => {
    await install('dcv', REFUSING);
    await permit();
    expect(await files()).toEqual([]);
  });

  it('tells that the file could not be written, and asks dcv nothing', async () => {
    await install('dcv', TAKING);
    await writeFile(path.join(folder, 'files'), '');
    expect(await permit()).toEqual([{ name: 'not-placed', value: place() }]);
  });
});
