import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/ssh/pool.ts';
import type { Remote, RunOptions, RunResult } from '../../../src/ssh/remote.ts';
import type { ScriptInfo } from '../../../src/ssh/session.ts';
import { type ShellText, program, sh } from '../../../src/shell/shell.ts';
import {
  type Sshd,
  type Workshop,
  createWorkshop,
  hostAt,
  isAlive,
  knownLine,
  poolFor,
  startSshd,
  until,
} from './sshd.ts';

describe('running scripts on a real sshd', () => {
  let workshop: Workshop;
  let sshd: Sshd;
  let pool: Pool;
  let remote: Remote;
  const scripts: ScriptInfo[] = [];

  beforeAll(async () => {
    workshop = createWorkshop();
    sshd = await startSshd(workshop);
    workshop.write('known_hosts', knownLine(sshd));
    pool = poolFor(workshop, { onScript: (info) => scripts.push(info) });
    remote = await pool.connect(agent());
  });

  afterAll(async () => {
    pool.close();
    await sshd.stop();
    workshop.remove();
  });

  const agent = (name = 'agent1') =>
    hostAt(name, sshd.port, { key: workshop.path('user_key'), knownHosts: workshop.path('known_hosts') });
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

  it('gives exit code, stdout and stderr apart', async () => {
    const result = await remote.run({
      name: 'talk',
      text: program`echo "out $1"; echo "err $2" >&2; exit 7`,
      args: ["it's", '$(x) "y" `z`\nnew line'],
    });
    expect(result).toEqual({ code: 7, stdout: "out it's\n", stderr: 'err $(x) "y" `z`\nnew line\n' });
  });

  it('counts a signal as shells do', async () => {
    expect((await remote.run({ name: 'die', text: program`kill -KILL $$` })).code).toBe(137);
    expect((await remote.run({ name: 'die', text: program`kill -TERM $$` })).code).toBe(143);
  });

  it('runs in the C locale, so that messages can be read', async () => {
    const { stdout } = await remote.run({ name: 'locale', text: program`echo "$LC_ALL"; ls /nowhere 2>&1` });
    expect(lines(stdout)).toEqual(['C', expect.stringContaining('No such file')]);
  });

  it('hands over stdin whole, whatever its bytes, and ends it', async () => {
    const stdin = Buffer.alloc(
      5_000_000,
      Uint8Array.from({ length: 256 }, (_, index) => index),
    );
    const result = await remote.run({ name: 'count', text: program`sha1sum; echo end` }, { stdin });
    const expected = (await import('node:crypto')).createHash('sha1').update(stdin).digest('hex');
    expect(lines(result.stdout)).toEqual([`${expected}  -`, 'end']);
  });

  it('does not wait for stdin that the script never reads', async () => {
    const stdin = Buffer.alloc(8_000_000);
    expect(await remote.run({ name: 'ignore', text: program`echo done` }, { stdin })).toMatchObject({
      code: 0,
      stdout: 'done\n',
    });
  });

  it('gives an empty stdin where none is meant, not one that never ends', async () => {
    expect((await remote.run({ name: 'read', text: program`cat; echo end` })).stdout).toBe('end\n');
  });

  it('never splits a character between pieces of output', async () => {
    const pieces: string[] = [];
    // three bytes each, so that packet boundaries of 32 KiB fall inside of characters
    const script = { name: 'euros', text: program`yes € | tr -d '\n' | head -c 300000; printf é >&2` };
    const result = await remote.run(script, {
      onOutput: (stream, text) => pieces.push(`${stream}:${text}`),
    });
    const stdout = pieces.filter((piece) => piece.startsWith('stdout:'));
    expect(stdout.length).toBeGreaterThan(1);
    expect(stdout.map((piece) => piece.slice(7)).join('')).toBe('€'.repeat(100_000));
    expect(result.stdout).toBe('€'.repeat(100_000));
    expect(pieces).toContain('stderr:é');
  });

  it('refuses output beyond the limit instead of filling the memory, and ends the script', async () => {
    const file = workshop.path('pid-flood');
    const run = remote.run(
      { name: 'flood', text: sh`echo $$ > ${file}; exec yes` },
      { maxOutputBytes: 100_000 },
    );
    await expect(run).rejects.toMatchObject({
      code: 'failed',
      host: 'agent1',
      message: '"flood" prints more than 100000 bytes on stdout',
    });
    await until('yes has ended', () => !isAlive(file));
  });

  it('ends a script on the host when its time has passed, children included', async () => {
    const [file, child] = [workshop.path('pid-timeout'), workshop.path('pid-timeout-child')];
    const run = remote.run(
      { name: 'sleep long', text: sh`echo $$ > ${file}; sleep 1000 & echo $! > ${child}; wait` },
      { timeoutMs: 300 },
    );
    await expect(run).rejects.toMatchObject({
      code: 'unreachable',
      host: 'agent1',
      message: '"sleep long" did not end in 0.3 s; the host ends it now',
    });
    await until('the script and its child are gone', () => !isAlive(file) && !isAlive(child));
  });

  it('ends by itself on the host what ignores TERM', async () => {
    const file = workshop.path('pid-stubborn');
    const run = remote.run(
      { name: 'stubborn', text: sh`trap '' TERM; echo $$ > ${file}; while :; do sleep 1; done` },
      { timeoutMs: 300 },
    );
    await expect(run).rejects.toMatchObject({ code: 'unreachable' });
    await until('the script is killed', () => !isAlive(file), 15_000);
  });

  it('lets a script clean up when it is ended', async () => {
    const file = workshop.path('cleaned');
    const run = remote.run(
      { name: 'clean', text: sh`trap 'echo yes > ${file}; exit' TERM; echo; while :; do sleep 0.1; done` },
      { timeoutMs: 300 },
    );
    await expect(run).rejects.toMatchObject({ code: 'unreachable' });
    await until('the trap ran', () => existsSync(file));
  });

  it('does not hang on a daemon that keeps the output open', async () => {
    const file = workshop.path('pid-daemon');
    const script = sh`setsid sh -c ${`echo $$ > ${file}; sleep 30`} & until [ -s ${file} ]; do sleep 0.01; done; echo ok`;
    const result = await remote.run({ name: 'daemon', text: script });
    expect(result).toMatchObject({ code: 0, stdout: 'ok\n' });
    process.kill(Number(readFileSync(file, 'utf8')));
  });

  it('keeps what start-up files print out of the output', async () => {
    const result = await runAfter('echo welcome; echo noise >&2', sh`echo fact`);
    expect(result).toEqual({ code: 0, stdout: 'fact\n', stderr: '' });
  });

  it('says what a login says that runs no commands', async () => {
    await expect(
      runAfter('echo This account is not available.; exit 1', sh`echo fact`),
    ).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('This account is not available.') as string,
    });
  });

  it('runs many scripts at once over one connection', async () => {
    const before = pool.counts().connections;
    const runs = Array.from({ length: 40 }, async (_, index) => {
      const { stdout } = await remote.run({ name: 'echo', text: sh`sleep 0.05; echo ${index}` });
      return Number(stdout);
    });
    expect(await Promise.all(runs)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(pool.counts().connections).toBe(before);
  });

  it('tells what was run and how long it took, for -v', async () => {
    scripts.length = 0;
    await remote.run({ name: 'nap', text: sh`sleep 0.1; echo ${"it's"}`, args: ['one'] });
    expect(scripts).toEqual([
      {
        host: 'agent1',
        name: 'nap',
        command: `env LC_ALL=C sh -c 'sleep 0.1; echo '\\''it'\\''\\'\\'''\\''s'\\''' dcvops one`,
        elapsedMs: expect.any(Number) as number,
      },
    ]);
    expect(scripts[0]?.elapsedMs).toBeGreaterThan(99);
  });

  it('refuses a script that no host could take, and names the way out', async () => {
    const script = { name: 'huge', text: sh`echo ${'x'.repeat(140_000)}` };
    await expect(remote.run(script)).rejects.toThrow('"huge" is too large for one command (128 KiB)');
  });

  it('is one connection for two names of the same login', async () => {
    const other = await pool.connect(agent('alias'));
    expect(pool.counts().connections).toBe(1);
    await expect(other.run({ name: 'x', text: sh`exec yes` }, { maxOutputBytes: 1 })).rejects.toMatchObject({
      host: 'alias',
    });
  });

  it('gives up a login that never comes to the script, whatever sshd says of it', async () => {
    const hanging = runAfter('sleep 20', sh`true`, { timeoutMs: 500 });
    await expect(hanging).rejects.toMatchObject({
      code: 'unreachable',
      message: 'the host did not begin to run anything in 0.5 s: its login shell or sudo hangs',
    });
  });

  /** Runs a script on an sshd whose login prints or does something first, as a .bashrc does. */
  async function runAfter(startUp: string, text: ShellText, options?: RunOptions): Promise<RunResult> {
    const loud = await startSshd(workshop, {
      config: [`ForceCommand ${startUp}; eval "$SSH_ORIGINAL_COMMAND"`],
    });
    const knownHosts = workshop.write('known_loud', knownLine(loud));
    const ownPool = poolFor(workshop);
    try {
      const host = hostAt('agent1', loud.port, { key: workshop.path('user_key'), knownHosts });
      return await (await ownPool.connect(host)).run({ name: 'facts', text }, options);
    } finally {
      ownPool.close();
      await loud.stop();
    }
  }
});
