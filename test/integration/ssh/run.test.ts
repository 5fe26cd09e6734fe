import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/ssh/pool.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { program, sh } from '../../../src/shell/shell.ts';
import {
  type Sshd,
  type Workshop,
  createWorkshop,
  hostAt,
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

  beforeAll(async () => {
    workshop = createWorkshop();
    sshd = await startSshd(workshop);
    const knownHosts = workshop.write('known_hosts', knownLine(sshd));
    pool = poolFor(workshop);
    remote = await pool.connect(hostAt('agent1', sshd.port, { key: workshop.path('user_key'), knownHosts }));
  });

  afterAll(async () => {
    pool.close();
    await sshd.stop();
    workshop.remove();
  });

  it('gives exit code, stdout and stderr apart', async () => {
    const script = {
      name: 'talk',
      text: program`echo "out $1"; echo "err $2" >&2; exit 7`,
      args: ["it's", '$(x) "y"'],
    };
    expect(await remote.run(script)).toEqual({ code: 7, stdout: "out it's\n", stderr: 'err $(x) "y"\n' });
  });

  it('hands over stdin whole, whatever its bytes, and ends it', async () => {
    const stdin = Buffer.alloc(
      5_000_000,
      Uint8Array.from({ length: 256 }, (_, index) => index),
    );
    const result = await remote.run({ name: 'count', text: program`wc -c; echo end` }, { stdin });
    expect(result.stdout.split(/\s+/).filter(Boolean)).toEqual(['5000000', 'end']);
  });

  it('ends a script on the host when its time has passed', async () => {
    const file = workshop.path('pid-timeout');
    const run = remote.run(
      { name: 'sleep long', text: sh`echo $$ > ${file}; sleep 1000` },
      { timeoutMs: 300 },
    );
    await expect(run).rejects.toMatchObject({ code: 'unreachable', host: 'agent1' });
    await until('the script is gone', () => !isAlive(file));
  });
});

function isAlive(pidFile: string): boolean {
  if (!existsSync(pidFile)) return true;
  return existsSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}/stat`);
}
