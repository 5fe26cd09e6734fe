import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/ssh/pool.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
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

describe('following what a script prints', () => {
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

  it('gives every byte as it is, and the exit code', async () => {
    const following = await remote.follow({ name: 'bytes', text: program`printf 'a\0\377\n'; exit 3` });
    const chunks: Uint8Array[] = [];
    for await (const chunk of following.stdout) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([97, 0, 255, 10]));
    expect(await following.finished).toEqual({ code: 3, stderr: '' });
  });

  it('has the host end a script that nobody follows any more, and what it started', async () => {
    const pid = workshop.path('ended.pid');
    const following = await remote.follow({
      name: 'tail',
      text: sh`sleep 1000 & echo $! > ${pid}; echo started; wait`,
    });
    await following.stdout[Symbol.asyncIterator]().next();
    following.end();
    expect((await following.finished).code).toBe(143);
    await until('the child has ended', () => !isAlive(pid));
  });

  it('has the host end it when the connection is gone', async () => {
    const own = poolFor(workshop);
    const pid = workshop.path('lost.pid');
    const following = await (
      await own.connect(agent())
    ).follow({
      name: 'tail',
      text: sh`sleep 1000 & echo $! > ${pid}; echo started; wait`,
    });
    await following.stdout[Symbol.asyncIterator]().next();
    own.close();
    await expect(following.finished).rejects.toMatchObject({ code: 'unreachable' });
    await until('the child has ended', () => !isAlive(pid));
  });

  it('holds the script up while nobody reads, so that no memory fills', async () => {
    const progress = workshop.path('progress');
    const following = await remote.follow({
      name: 'flood',
      text: sh`i=0; while :; do head -c 1000000 /dev/zero || exit; i=$((i + 1)); echo "$i" > ${progress}; done`,
    });
    const reader = following.stdout[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
    await until('the script has begun', () => workshop.exists('progress'));
    let before = '';
    await until('the script stands still', () => {
      const now = workshop.read('progress');
      const still = now === before && now !== '';
      before = now;
      return still;
    });
    const megabytes = Number(before);
    expect(megabytes).toBeLessThan(16);
    for (let bytes = 0; bytes < 8_000_000;) {
      const { value, done } = await reader.next();
      if (done === true) break;
      bytes += value.length;
    }
    await until('it goes on when it is read', () => Number(workshop.read('progress')) > megabytes);
    following.end();
    expect((await reader.next()).done).toBe(true);
    await following.finished;
  });

  it('lets the host send no more than the window that is wanted, and all of it in the end', async () => {
    const progress = workshop.path('window');
    const following = await remote.follow(
      {
        name: 'flood',
        text: sh`i=0; while [ $i -lt 64 ]; do head -c 65536 /dev/zero; i=$((i + 1)); echo "$i" > ${progress}; done`,
      },
      { windowBytes: 64 * 1024 },
    );
    await until('the script has begun', () => workshop.exists('window'));
    let before = '';
    await until('the script stands still', () => {
      const now = workshop.read('window');
      const still = now === before && now !== '';
      before = now;
      return still;
    });
    // beside the window there are the pipes and buffers of sshd and the kernel
    expect(Number(before) * 65_536).toBeLessThan(1024 * 1024);
    let bytes = 0;
    for await (const chunk of following.stdout) bytes += chunk.length;
    expect(bytes).toBe(64 * 65_536);
    expect(await following.finished).toMatchObject({ code: 0 });
  });
});
