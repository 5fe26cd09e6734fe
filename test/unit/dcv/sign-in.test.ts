import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type SignInFacts,
  addTokenScript,
  parseSignInFacts,
  removeTokens,
  signInProblem,
} from '../../../src/dcv/sign-in.ts';
import { parseRecords } from '../../../src/shell/records.ts';

const READY: SignInFacts = {
  loginFree: false,
  verifier: 'http://127.0.0.1:8444',
  port: undefined,
  program: true,
  service: 'active',
  folder: true,
  account: true,
};

function problem(facts: Partial<SignInFacts>, user?: string): ReturnType<typeof signInProblem> {
  return signInProblem({ ...READY, ...facts }, { agent: 'agent1', id: 'desk', user });
}

describe('signInProblem: a link that would not work is not given out', () => {
  it.each<[string, Partial<SignInFacts>, string | undefined]>([
    ['all is there', {}, undefined],
    ['all is there, for somebody', {}, 'jane'],
    [
      'another port, as its own configuration says',
      { verifier: 'http://[::1]:9000/', port: 9000 },
      undefined,
    ],
    ['by name', { verifier: 'https://localhost:8444' }, undefined],
  ])('%s: no problem', (_what, facts, user) => {
    expect(problem(facts, user)).toBeUndefined();
  });

  it.each<[Partial<SignInFacts>, RegExp, RegExp]>([
    [{ loginFree: true }, /asks nobody for a login/, /^dcvops session url agent1\/desk$/],
    [
      { program: false },
      /is not installed/,
      /^install nice-dcv-simple-external-authenticator on agent1\ndcvops service start agent1 --unit dcvsimpleextauth\n/,
    ],
    [{ service: 'absent' }, /is not installed/, /^install nice-dcv-simple-external-authenticator/],
    [
      { verifier: undefined },
      /sets no auth-token-verifier \(with one, passwords are no login any more\)/,
      /^dcvops dcv config set agent1 security\/auth-token-verifier=http:\/\/127\.0\.0\.1:8444$/,
    ],
    [
      { verifier: 'https://broker:8445/agent/validate?key=secret' },
      /another program .*: https:\/\/broker:8445$/,
      /auth-token-verifier=/,
    ],
    [{ verifier: 'http://127.0.0.1:9000' }, /another program/, /auth-token-verifier=/],
    [{ verifier: 'http://127.evil.example:8444' }, /another program/, /auth-token-verifier=/],
    [{ service: 'stopped' }, /is stopped/, /^dcvops service start agent1 --unit dcvsimpleextauth$/m],
    [{ service: 'starting' }, /is starting/, /^dcvops service start/],
    [{ folder: false }, /\/var\/run\/dcvsimpleextauth\/.* is not there/, /dcvops service status agent1/],
  ])('%j', (facts, message, hint) => {
    const found = problem(facts);
    expect(found?.message).toMatch(message);
    expect(found?.hint).toMatch(hint);
  });

  it('somebody whom the host does not know is not signed in', () => {
    expect(problem({ account: false }, 'jane')?.message).toBe('there is no user "jane"');
    expect(problem({ account: false })).toBeUndefined();
  });
});

describe('parseSignInFacts', () => {
  it('reads what a host tells, and takes what it does not tell for missing', () => {
    const records = [
      {
        name: 'conf',
        value: '[security]\nauthentication="system"\nauth-token-verifier="http://127.0.0.1:8444"',
      },
      { name: 'port', value: '' },
      { name: 'program', value: '' },
      { name: 'authenticator', value: 'LoadState=loaded\nActiveState=active' },
      { name: 'folder', value: '' },
      { name: 'account', value: '' },
    ];
    expect(parseSignInFacts(records)).toEqual(READY);
    expect(parseSignInFacts([])).toEqual({
      loginFree: false,
      verifier: undefined,
      port: undefined,
      program: false,
      service: 'absent',
      folder: false,
      account: false,
    });
  });
});

describe('addTokenScript, run by sh', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dcvops-sign-in-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** @param body what dcvsimpleextauth is */
  async function run(body: string): Promise<ReturnType<typeof parseRecords>> {
    const file = path.join(folder, 'dcvsimpleextauth');
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', addTokenScript("it's", 'jane').text.toString()],
      {
        env: { PATH: `${folder}:/usr/bin:/bin`, SEEN: folder },
      },
    );
    return parseRecords(stdout);
  }

  it('gives the program a new token on its stdin, and nothing of it in its arguments', async () => {
    const record = 'printf "%s\\n" "$@" >"$SEEN/argv"; cat >"$SEEN/stdin"';
    const [first] = await run(record);
    expect(first).toMatchObject({ name: 'token', value: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(await readFile(path.join(folder, 'stdin'), 'utf8')).toBe(`${first?.value ?? ''}\n`);
    expect((await readFile(path.join(folder, 'argv'), 'utf8')).split('\n')).toEqual([
      'add-user',
      '--user=jane',
      "--session=it's",
      '--auth-dir=/var/run/dcvsimpleextauth/',
      '--append',
      '',
    ]);
    const [second] = await run(record);
    expect(second?.value).not.toBe(first?.value);
  });

  it('tells why there is none, but never the token', async () => {
    expect(await run('echo "no such session" >&2; exit 1')).toEqual([
      { name: 'refused', value: 'no such session' },
    ]);
    expect(await run('printf "bad token: "; cat; exit 1')).toEqual([
      { name: 'refused', value: 'dcvsimpleextauth did not take the token' },
    ]);
  });
});

describe('removeTokens', () => {
  it('is a command that can be typed as it stands', () => {
    expect(removeTokens('agent1', 'a b')).toBe(
      "dcvops exec --sudo agent1 -- dcvsimpleextauth remove-auth '--session=a b'",
    );
  });
});
