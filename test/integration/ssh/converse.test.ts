import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/ssh/pool.ts';
import type { Conversation, Remote } from '../../../src/ssh/remote.ts';
import { program, sh } from '../../../src/shell/shell.ts';
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

describe('talking with a script, and tunnels', () => {
  let workshop: Workshop;
  let sshd: Sshd;
  let pool: Pool;
  let remote: Remote;

  beforeAll(async () => {
    workshop = createWorkshop();
    sshd = await startSshd(workshop);
    workshop.write('known_hosts', knownLine(sshd));
    pool = poolFor(workshop);
    remote = await pool.connect(agent());
  });

  afterAll(async () => {
    pool.close();
    await sshd.stop();
    workshop.remove();
  });

  const agent = () =>
    hostAt('agent1', sshd.port, { key: workshop.path('user_key'), knownHosts: workshop.path('known_hosts') });

  async function nextText(reader: AsyncIterator<Uint8Array>): Promise<string> {
    const result = await reader.next();
    return result.done === true ? '(end)' : Buffer.from(result.value).toString();
  }

  it('tells of the script also when the run is over before the script is, for -v', async () => {
    const told: string[] = [];
    const own = poolFor(workshop, { onScript: ({ name }) => told.push(name) });
    const talk = await (
      await own.connect(agent())
    ).converse({ name: 'deploy', text: program`read -r answer` });
    own.close();
    await expect(talk.finished).rejects.toMatchObject({ code: 'unreachable' });
    expect(told).toEqual(['deploy']);
  });

  it('answers what the script says, by size and by line, as a deploy does', async () => {
    const talk = await remote.converse({
      name: 'deploy',
      text: program`echo "facts $1"; file=$(head -c 5); echo "got $file"; read -r answer; echo "$answer" >&2; exit 3`,
      args: ['f1'],
    });
    const reader = talk.stdout[Symbol.asyncIterator]();
    expect(await nextText(reader)).toBe('facts f1\n');
    await talk.write('12345');
    expect(await nextText(reader)).toBe('got 12345\n');
    await talk.write('commit\n');
    expect(await nextText(reader)).toBe('(end)');
    expect(await talk.finished).toEqual({ code: 3, stderr: 'commit\n' });
  });

  it('shows the script the end of its stdin', async () => {
    const talk = await remote.converse({ name: 'cat', text: program`cat; echo end` });
    await talk.write(Buffer.from([0, 255, 10]));
    talk.end();
    const chunks: Uint8Array[] = [];
    for await (const chunk of talk.stdout) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([0, 255, 10, ...Buffer.from('end\n')]));
    expect((await talk.finished).code).toBe(0);
  });

  it('takes megabytes at the pace at which they are read', async () => {
    const talk = await remote.converse({ name: 'flood', text: program`head -c 20000000 /dev/zero` });
    let size = 0;
    for await (const chunk of talk.stdout) {
      size += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(size).toBe(20_000_000);
  });

  it('frees its channel when the reader stops early', async () => {
    for (let round = 0; round < 12; round++) {
      const talk = await remote.converse({ name: 'yes', text: program`head -c 1000000 /dev/zero` });
      for await (const chunk of talk.stdout) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      await talk.finished;
    }
    expect((await remote.run({ name: 'still alive', text: program`echo yes` })).stdout).toBe('yes\n');
  });

  it('says that the connection died, to the reader, the writer and whoever waits', async () => {
    const ownPool = poolFor(workshop);
    const own = await ownPool.connect(agent());
    const pid = workshop.path('pid-talk');
    const talk = await own.converse({
      name: 'wait',
      text: sh`echo $$ > ${pid}; echo; trap '' PIPE; cat; echo gone >> ${pid}`,
    });
    const reader = talk.stdout[Symbol.asyncIterator]();
    await nextText(reader);
    const finished = expect(talk.finished).rejects.toMatchObject({ code: 'unreachable', host: 'agent1' });
    own.close();
    await finished;
    expect(await nextText(reader)).toBe('(end)');
    await expect(talk.write('late')).rejects.toMatchObject({ code: 'unreachable' });
    await until('the script saw the end of its stdin', () => workshop.read('pid-talk').includes('gone'));
    await expect(own.run({ name: 'late', text: program`:` })).rejects.toMatchObject({ code: 'unreachable' });
    ownPool.close();
  });

  it('gives a new connection after the old one was lost', async () => {
    const ownPool = poolFor(workshop);
    const first = await ownPool.connect(agent());
    const { stdout } = await first.run({ name: 'sshd', text: program`echo $PPID` });
    expect(stdout).not.toBe('');
    first.close();
    const second = await ownPool.connect(agent());
    expect((await second.run({ name: 'again', text: program`echo here` })).stdout).toBe('here\n');
    expect(ownPool.counts().connections).toBe(2);
    ownPool.close();
  });

  it('ends a run when the connection is cut in the middle, here and on the host', async () => {
    const ownPool = poolFor(workshop);
    const own = await ownPool.connect(agent());
    const pid = workshop.path('pid-cut');
    const run = own.run({ name: 'long', text: sh`echo $$ > ${pid}; sleep 1000` });
    const failed = expect(run).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^connection to 127\.0\.0\.1:\d+ lost: /) as string,
    });
    await until('the script runs', () => workshop.exists('pid-cut'));
    own.close();
    await failed;
    await until('the script was ended on the host', () => !isAlive(pid));
    ownPool.close();
  });

  it('does the same when sshd on the host dies', async () => {
    const ownPool = poolFor(workshop);
    const own = await ownPool.connect(agent());
    const [pid, sshdPid] = [workshop.path('pid-killed'), workshop.path('pid-sshd')];
    // the session's sshd is the parent of the login shell, which exec'ed its way down to `timeout`
    const find = sh`read -r _ _ _ parent _ < /proc/$PPID/stat; read -r _ _ _ server _ < /proc/$parent/stat; echo $server > ${sshdPid}; echo $$ > ${pid}; sleep 1000`;
    const run = own.run({ name: 'long', text: find });
    const failed = expect(run).rejects.toMatchObject({ code: 'unreachable', host: 'agent1' });
    await until('the script runs', () => workshop.exists('pid-killed'));
    process.kill(Number(workshop.read('pid-sshd')), 'SIGKILL');
    await failed;
    await until('the script was ended on the host', () => !isAlive(pid));
    ownPool.close();
  });

  it('tunnels to a port of the host, and says why when it cannot', async () => {
    const server = net.createServer((socket) => socket.end('hello from afar'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const tunnel = await remote.tunnel('127.0.0.1', port);
    const chunks: Buffer[] = [];
    for await (const chunk of tunnel) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('hello from afar');
    await new Promise((resolve) => server.close(resolve));
    await expect(remote.tunnel('127.0.0.1', port)).rejects.toMatchObject({
      code: 'failed',
      host: 'agent1',
      message: `no connection from the host to 127.0.0.1:${port}: Connection refused`,
    });
  });

  it('holds many tunnels beside its scripts', async () => {
    const server = net.createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const tunnels = await Promise.all(Array.from({ length: 50 }, () => remote.tunnel('127.0.0.1', port)));
    expect((await remote.run({ name: 'beside', text: program`echo yes` })).stdout).toBe('yes\n');
    for (const tunnel of tunnels) tunnel.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('hosts with a lower MaxSessions', () => {
  it.each([1, 3])('waits for a free session instead of failing (MaxSessions %i)', async (max) => {
    const workshop = createWorkshop();
    const sshd = await startSshd(workshop, { config: [`MaxSessions ${max}`] });
    const pool = poolFor(workshop);
    const knownHosts = workshop.write('known_hosts', knownLine(sshd));
    try {
      const remote = await pool.connect(
        hostAt('agent1', sshd.port, { key: workshop.path('user_key'), knownHosts }),
      );
      const runs = Array.from({ length: 10 }, (_, index) =>
        remote.run({ name: 'echo', text: sh`sleep 0.02; echo ${index}` }),
      );
      expect((await Promise.all(runs)).map(({ stdout }) => Number(stdout))).toEqual(
        runs.map((_, index) => index),
      );
      const talks: Conversation[] = [];
      for (let round = 0; round < max; round++)
        talks.push(await remote.converse({ name: 'cat', text: program`cat` }));
      for (const talk of talks) talk.end();
    } finally {
      pool.close();
      await sshd.stop();
      workshop.remove();
    }
  });
});
