import { describe, expect, it } from 'vitest';
import { type SignInFacts, parseSignInFacts, signInProblem } from '../../../../src/dcv/sign-in/sign-in.ts';

const READY: SignInFacts = {
  loginFree: false,
  notRead: false,
  verifier: 'http://127.0.0.1:8444',
  port: undefined,
  program: true,
  service: 'active',
  folder: true,
  account: true,
  takesBack: { authDir: false },
  runner: true,
};

function problem(
  facts: Partial<SignInFacts>,
  user?: string,
  reusable = false,
): ReturnType<typeof signInProblem> {
  return signInProblem({ ...READY, ...facts }, { agent: 'agent1', id: 'desk', user, reusable });
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
      /^dcvops dcv config set agent1 security\/auth-token-verifier=http:\/\/127\.0\.0\.1:8444 {3}\(counts from dcvserver’s next start on\)$/,
    ],
    [{ notRead: true }, /takes no such token yet$/, /^dcvops service restart agent1/],
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

  it.each<[Partial<SignInFacts>, RegExp, RegExp]>([
    [{ takesBack: undefined }, /does not know remove-auth .*: no link was made$/, /^upgrade nice-dcv-simple/],
    [{ runner: false }, /no systemd-run .*: no link was made$/, /^a link without an end/],
  ])(
    'a link that nothing would take back is made only when it may be reusable: %j',
    (facts, message, hint) => {
      const found = problem(facts, 'jane');
      expect(found?.message).toMatch(message);
      expect(found?.hint).toMatch(hint);
      expect(found?.hint).toMatch(/\ndcvops session url agent1\/desk --sign-in --user jane --reusable$/);
      expect(problem(facts, undefined, true)).toBeUndefined();
    },
  );
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
      { name: 'help', value: 'usage: dcvsimpleextauth [-h] {add-user,remove-auth} ...' },
      { name: 'runner', value: '' },
    ];
    expect(parseSignInFacts(records)).toEqual(READY);
    const startedWith = (text: string): object => ({
      name: 'started-with',
      value: Buffer.from(text).toString('base64'),
    });
    expect(parseSignInFacts([...records, startedWith('[security]\n')] as typeof records).notRead).toBe(true);
    expect(
      parseSignInFacts([...records, startedWith(records[0]?.value ?? '')] as typeof records).notRead,
    ).toBe(false);
    expect(parseSignInFacts([])).toEqual({
      loginFree: false,
      notRead: false,
      verifier: undefined,
      port: undefined,
      program: false,
      service: 'absent',
      folder: false,
      account: false,
      takesBack: undefined,
      runner: false,
    });
  });

  it.each<[string, string, string | undefined, SignInFacts['takesBack']]>([
    ['its help', '{add-user,remove-auth}', undefined, { authDir: false }],
    ['the help of the command', '', 'usage: dcvsimpleextauth remove-auth --session ID', { authDir: false }],
    ['that help, with a folder', '{add-user,remove-auth}', '--session S [--auth-dir DIR]', { authDir: true }],
    ['neither', '{add-user,list}', undefined, undefined],
    ['neither, but a help for all', '{add-user}', 'usage: dcvsimpleextauth {add-user}', undefined],
  ])('knows remove-auth by %s', (_what, help, removeHelp, takesBack) => {
    const records = [
      { name: 'help', value: help },
      ...(removeHelp === undefined ? [] : [{ name: 'remove-help', value: removeHelp }]),
    ];
    expect(parseSignInFacts(records).takesBack).toEqual(takesBack);
  });
});
