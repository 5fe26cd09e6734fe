import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOGIN } from '../../../../src/doctor/collect/login.ts';
import { parseLogin } from '../../../../src/doctor/parse/login.ts';
import { type Probes, readProbes } from '../../../../src/doctor/parse/probes.ts';
import { LOGIN_DIRECTORY, USERS_FILE } from '../../../../src/gateway/login-state.ts';
import { parseRecords, SAY } from '../../../../src/shell/records.ts';

function told(values: Readonly<Record<string, string>>): Probes {
  return readProbes(Object.entries(values).map(([name, value]) => ({ name, value: `${value}:0` })));
}

/** A worker as /proc and ps have it: its user 33, its group 33, and another one. */
const WORKER = '33\t33\t33\t33\n33\t33\t33\t33\n33 44 \nwww-data';

describe('the users of the gateway’s login, as a host tells of them', () => {
  it('are not known from facts of before there was one', () => {
    expect(parseLogin(told({}))).toBeUndefined();
  });

  it.each([
    ['0 33 640', true],
    ['0 44 640', true],
    ['0 0 640', false],
    ['0 0 644', true],
    ['0 33 604', false],
    ['33 0 400', true],
    ['33 33 040', false],
  ])('owned as %s may be read by a worker: %s', (owned, readable) => {
    const files = `${owned}|${owned.split(' ')[2] ?? ''} a:b|${USERS_FILE}`;
    expect(parseLogin(told({ 'gateway-login-files': files, 'nginx-worker': WORKER }))).toMatchObject({
      readable,
      workerGroup: 'www-data',
    });
  });

  it('are judged without a worker that runs', () => {
    const files = `0 33 640|640 root:www-data|${USERS_FILE}`;
    expect(parseLogin(told({ 'gateway-login-files': files, 'gateway-users': 'anna:$6$\n' }))).toEqual({
      users: [{ name: 'anna', hash: '$6$' }],
      files: [{ path: USERS_FILE, mode: '640 root:www-data' }],
    });
  });

  // The facts may be printed and sent around.
  it('come without hashes and without the secret', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dcvops-login-'));
    try {
      mkdirSync(join(folder, 'login'));
      writeFileSync(join(folder, 'users'), '# x\nanna:$6$saltsalt$hunter2\nbob:rqXexS6ZhobKA\n');
      writeFileSync(join(folder, 'login/accept.map'), 'hunter2');
      chmodSync(join(folder, 'login/accept.map'), 0o640);
      const state = USERS_FILE.replace(/\/users$/, '');
      const script = [SAY, 'tell() { say "$1" "$2:0"; }', LOGIN].join('\n').replaceAll(state, folder);
      const output = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).replaceAll(folder, state);
      expect(output).not.toMatch(/hunter2|saltsalt|rqXexS6ZhobKA/);
      const login = parseLogin(readProbes(parseRecords(output)));
      expect(login?.users).toEqual([
        { name: 'anna', hash: '$6$' },
        { name: 'bob', hash: '' },
      ]);
      expect(login?.files.map(({ path }) => path)).toEqual([USERS_FILE, `${LOGIN_DIRECTORY}/accept.map`]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
