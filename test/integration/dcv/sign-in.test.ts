import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dcvCommand } from '../../../src/dcv/run-dcv.ts';
import { watchPlace, watcher } from '../../../src/dcv/sign-in/once.ts';
import { readForSignIn } from '../../../src/dcv/sign-in/sign-in.ts';
import { type NewToken, addTokenScript } from '../../../src/dcv/sign-in/token.ts';
import { type ScriptRecord, parseRecords } from '../../../src/shell/records.ts';
import { type Script, commandLine } from '../../../src/shell/script.ts';

// A token is made, watched and taken back by a real sh, with a dcv and a dcvsimpleextauth that do as files say.

const run = promisify(execFile);
const ID = "it's *";
let folder: string;
let state: string;

/** `connections` is who dcv says is connected; without it, it knows no session; `hangs`: it says nothing, for as long as it is let. */
const DCV = `
if [ -e "$STATE/hangs" ]; then sleep 30; fi
case "$*" in
*describe-session*)
  # what the next look finds
  if [ -e "$STATE/next" ] && [ -e "$STATE/looked" ]; then mv "$STATE/next" "$STATE/connections"; fi
  if [ -e "$STATE/then" ] && [ -e "$STATE/looked" ]; then mv "$STATE/then" "$STATE/described"; fi
  if [ -e "$STATE/described" ]; then cat "$STATE/described"; else cat "$STATE/connections" 2>/dev/null; fi
  ;;
*)
  : >"$STATE/looked"
  cat "$STATE/connections" 2>/dev/null
  ;;
esac
`;
/** `tokens` is what it knows of. */
const AUTHENTICATOR = `
printf '%s\\n' "$*" >>"$STATE/acts"
case $1 in
add-user) if [ -e "$STATE/refuses" ]; then printf 'bad token: '; cat; exit 1; fi; cat >>"$STATE/tokens" ;;
remove-auth) if [ -e "$STATE/stuck" ]; then echo stuck; exit 1; fi; rm -f "$STATE/tokens" ;;
esac
`;
/** `running` is the unit that runs; stopping it takes back what its file says. */
const SYSTEMCTL = `
case $1 in
is-active) if [ -e "$STATE/running" ]; then echo active; else echo inactive; exit 3; fi ;;
stop) echo "stop $2" >>"$STATE/acts"; rm -f "$STATE/running"; /bin/sh "$STATE/watch/"*.sh take-back ;;
esac
`;
const SYSTEMD_RUN = `
if [ -e "$STATE/no-run" ]; then echo 'Failed to start' >&2; exit 1; fi
for word in "$@"; do printf '%s\\n' "$word"; done >"$STATE/unit"
: >"$STATE/running"
`;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-sign-in-'));
  state = path.join(folder, 'state');
  await mkdir(path.join(folder, 'bin'));
  await mkdir(state);
  const programs = {
    dcv: DCV,
    dcvsimpleextauth: AUTHENTICATOR,
    systemctl: SYSTEMCTL,
    'systemd-run': SYSTEMD_RUN,
  };
  for (const [name, text] of Object.entries(programs)) await stub(name, text);
  await set('connections', '[]');
});
afterEach(() => rm(folder, { recursive: true }));

const stub = (name: string, text: string): Promise<void> =>
  writeFile(path.join(folder, 'bin', name), `#!/bin/sh\n${text}`, { mode: 0o755 });
const set = (file: string, text = ''): Promise<void> => writeFile(path.join(state, file), text);
const get = (file: string): Promise<string> => readFile(path.join(state, file), 'utf8').catch(() => '');
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  STATE: state,
  PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`,
});

async function told(script: Script): Promise<ScriptRecord[]> {
  const { stdout } = await run('sh', ['-c', commandLine(script)], { env: environment() });
  return parseRecords(stdout);
}

describe('the watcher', () => {
  const remove = dcvCommand(['dcvsimpleextauth', 'remove-auth', `--session=${ID}`]);

  async function place(known: string, seconds: number): Promise<string> {
    const base = path.join(state, 'watch');
    await writeFile(
      `${base}.sh`,
      watcher({ id: ID, remove, base }, { every: 0.02, settle: 0.02 }).toString(),
    );
    await writeFile(`${base}.known`, known);
    const [uptime = ''] = (await readFile('/proc/uptime', 'utf8')).split('.');
    await writeFile(`${base}.end`, `${Number(uptime) + seconds}\n`);
    return `${base}.sh`;
  }

  /** What it says when it ends. */
  async function watch(known: string, seconds = 600): Promise<string> {
    const { stdout } = await run('sh', [await place(known, seconds), 'watch'], { env: environment() });
    return stdout;
  }

  it.each([
    ['somebody', '[]', '[{"id":1,"username":"jane"}]', ''],
    ['somebody else', '[{"id":1}]', '[ { "id" : 1 }, { "id" : 2 } ]', '"id":1\n'],
    ['somebody, as one leaves', '[{"id":1}]', '[{"id":2}]', '"id":1\n'],
    ['somebody, told as text', "Connection: '1' (username:a)", "Connection: '1'\nConnection: '2'", "'1'\n"],
    ['what is not understood', 'Keine Verbindungen.', 'Verbindung: 1', 'KeineVerbindungen.\n'],
  ])('ends when %s came in', async (_what, connections, next, known) => {
    await set('connections', connections);
    await set('next', next);
    expect(await watch(known)).toBe(`${ID}: somebody came in\n`);
  });

  it.each([
    ['those who were there before', '[{"id":1},{"id":2}]', '[{"id":2}]', '"id":1\n"id":2\n'],
    ['one of them who leaves', '[{"id":1}]', '[]', '"id":1\n'],
    ['one who leaves, told as text', 'Connection: 1', 'There are no connections available.', '1\n'],
  ])('does not take for somebody new: %s', async (_what, connections, next, known) => {
    await set('connections', connections);
    await set('next', next);
    expect(await watch(known, 2)).toBe(`${ID}: nobody came in by the link in time\n`);
    expect(await get('connections')).toBe(next);
  });

  it('sees somebody who has the number of one who left before', async () => {
    await set('connections', '[]');
    await set('next', '[{"id":1}]');
    expect(await watch('"id":1\n')).toBe(`${ID}: somebody came in\n`);
  });

  it.each([
    ['"last-disconnection-time" : ""', '"last-disconnection-time" : "2026-12-01T15:00:00Z"', '[]', ''],
    ['"name":""', '"last-disconnection-time":"2026-12-01T15:00:00Z"', '[{"id":1}]', '"id":1\n'],
  ])('sees somebody who came and left between two looks: %s', async (described, then, connections, known) => {
    await set('connections', connections);
    await set('described', `{"id":"desk",${described}}`);
    await set('then', `{"id":"desk",${then}}`);
    expect(await watch(known)).toBe(`${ID}: somebody came in, and left\n`);
  });

  it('does not take for somebody new who was there before, and left at a time', async () => {
    await set('connections', '[{"id":1}]');
    await set('next', '[]');
    await set('described', '{"last-disconnection-time":""}');
    await set('then', '{"last-disconnection-time":"2026-12-01T15:00:00Z"}');
    expect(await watch('"id":1\n', 1)).toBe(`${ID}: nobody came in by the link in time\n`);
  });

  it('ends when the session is gone', async () => {
    await rm(path.join(state, 'connections'));
    expect(await watch('')).toBe(`${ID}: the session is gone\n`);
  });

  it('ends in time, also when dcv hangs', async () => {
    await set('hangs');
    expect(await watch('', 1)).toBe(`${ID}: nobody came in by the link in time\n`);
  });

  it('takes the tokens back, and leaves nothing of its own', async () => {
    await set('tokens', 'one');
    const { stdout } = await run('sh', [await place('', 1), 'take-back'], { env: environment() });
    expect(stdout).toBe(`${ID}: the link is taken back\n`);
    expect(await get('acts')).toBe(`remove-auth --session=${ID}\n`);
    expect(await readdir(state)).toEqual(['acts', 'connections']);
  });

  it('tries more than once, and keeps what it needs for another time', async () => {
    await stub('sleep', '');
    await set('stuck');
    const failed = run('sh', [await place('', 1), 'take-back'], { env: environment() });
    await expect(failed).rejects.toMatchObject({
      stdout: '',
      stderr: `${ID}: its tokens were not taken back, so the link may still work\n`,
    });
    expect((await get('acts')).split('\n')).toHaveLength(6);
    expect(await readdir(state)).toContain('watch.sh');
  });
});

describe('addTokenScript', () => {
  const make = (once: NewToken['once'] = { seconds: 600, takesBack: { authDir: false } }): Script =>
    addTokenScript({ id: ID, user: 'jane', once }, path.join(state, 'watch'));
  const names = (records: readonly ScriptRecord[]): string[] => records.map(({ name }) => name);
  const { unit } = watchPlace(ID);

  it('makes a token that is watched, and in nothing but the program’s stdin', async () => {
    await set('connections', '[{"id":7}]');
    const records = await told(make());
    const token = records.find(({ name }) => name === 'token')?.value ?? '';
    expect(records).toEqual([
      { name: 'left', value: expect.stringMatching(/^\d+$/) as string },
      { name: 'token', value: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
    expect(await get('tokens')).toBe(`${token}\n`);
    const { base } = watchPlace(ID, path.join(state, 'watch'));
    const started = await get('unit');
    expect(started.split('\n')).toEqual([
      '--quiet',
      '--collect',
      `--unit=${unit}`,
      expect.stringMatching(/^--description=dcvops session url --sign-in/),
      '--property=RuntimeMaxSec=630',
      '--property=TimeoutStopSec=90',
      `--property=ExecStopPost=/bin/sh ${base}.sh take-back`,
      '/bin/sh',
      `${base}.sh`,
      'watch',
      '',
    ]);
    expect(await readFile(`${base}.known`, 'utf8')).toBe('"id":7\n');
    expect((await stat(path.dirname(base))).mode & 0o777).toBe(0o700);
    const texts = ['sh', 'known', 'end'].map((end) => readFile(`${base}.${end}`, 'utf8'));
    const acts = await get('acts');
    expect(acts).toBe(
      `add-user --user=jane --session=${ID} --auth-dir=/var/run/dcvsimpleextauth/ --append\n`,
    );
    expect([acts, started, ...(await Promise.all(texts))].join('')).not.toContain(token);
  });

  it('puts a second one in the place of the first', async () => {
    const [, first] = await told(make());
    const records = await told(make());
    expect(names(records)).toEqual(['replaced', 'left', 'token']);
    expect(records[2]?.value).not.toBe(first?.value);
    expect(await get('tokens')).toBe(`${records[2]?.value ?? ''}\n`);
    expect(await get('acts')).toMatch(
      new RegExp(`^add-user .*\nstop ${unit}\nremove-auth .*\nadd-user .*\n$`),
    );
  });

  it('makes a reusable one without a watcher, in the place of one that has one', async () => {
    expect(names(await told(make(undefined)))).toEqual(['left', 'token']);
    const reusable = addTokenScript({ id: ID, user: 'jane', once: undefined }, path.join(state, 'watch'));
    await rm(path.join(state, 'unit'));
    expect(names(await told(reusable))).toEqual(['replaced', 'token']);
    expect(names(await told(reusable))).toEqual(['token']);
    expect((await get('tokens')).split('\n')).toHaveLength(3);
    expect(await get('unit')).toBe('');
  });

  it('makes none beside one that cannot be taken back', async () => {
    await told(make());
    await rm(path.join(state, 'running'));
    await set('stuck');
    await stub('sleep', '');
    expect(names(await told(make()))).toEqual(['not-replaced']);
    await rm(path.join(state, 'stuck'));
    expect(names(await told(make()))).toEqual(['replaced', 'left', 'token']);
  });

  it('leaves none that nobody watches', async () => {
    await set('no-run');
    expect(await told(make())).toEqual([{ name: 'not-watched', value: 'Failed to start' }]);
    expect(await get('tokens')).toBe('');
    expect(await get('acts')).toContain('remove-auth');
  });

  it('adds none where it cannot tell who is connected', async () => {
    await rm(path.join(state, 'connections'));
    expect(names(await told(make()))).toEqual(['failed']);
    expect(await get('acts')).toBe('');
  });

  it('tells why there is none, but never the token', async () => {
    await set('refuses');
    expect(await told(make())).toEqual([
      { name: 'refused', value: 'dcvsimpleextauth did not take the token' },
    ]);
    await stub('dcvsimpleextauth', 'echo "no such session" >&2; exit 1');
    expect(await told(make())).toEqual([{ name: 'refused', value: 'no such session' }]);
    expect(await get('unit')).toBe('');
  });

  it('names the folder to remove-auth where its help does', async () => {
    await told(make({ seconds: 60, takesBack: { authDir: true } }));
    const { base } = watchPlace(ID, path.join(state, 'watch'));
    await run('sh', [`${base}.sh`, 'take-back'], { env: environment() });
    expect(await get('acts')).toContain(
      `remove-auth --session=${ID} --auth-dir=/var/run/dcvsimpleextauth/\n`,
    );
  });
});

describe('readForSignIn', () => {
  it('asks dcvsimpleextauth and systemd-run what they know', async () => {
    await stub(
      'dcvsimpleextauth',
      'case $1 in --help) echo "{add-user}" ;; *) echo "unknown $1"; exit 2 ;; esac',
    );
    await stub('systemd-run', 'echo "  -G --collect  Unload"');
    const records = await told(readForSignIn(undefined));
    expect(records).toContainEqual({ name: 'help', value: '{add-user}' });
    expect(records).toContainEqual({ name: 'runner', value: '' });
    expect(records.map(({ name }) => name)).not.toContain('remove-help');
  });
});
