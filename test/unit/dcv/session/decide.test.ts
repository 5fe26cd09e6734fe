import { describe, expect, it } from 'vitest';
import type { AgentFacts } from '../../../../src/dcv/agent-facts.ts';
import type { CreateSessionOptions } from '../../../../src/dcv/commands.ts';
import { decideSession, type SessionDecision } from '../../../../src/dcv/session/decide.ts';
import { parseConnections, parseSessions } from '../../../../src/dcv/session/parse.ts';
import { DcvopsError } from '../../../../src/errors.ts';

const WANTED: CreateSessionOptions = {
  id: 'desktop-session',
  type: 'virtual',
  owner: 'ec2-user',
  user: 'ec2-user',
};
const COMMAND = { agent: 'agent1', id: undefined, options: [] };
const NOTHING_ALLOWED = { replace: false, endSessions: false };

function facts(more: Partial<AgentFacts> = {}): AgentFacts {
  return {
    version: 'Amazon DCV 2023.0 (r14852)',
    service: 'active',
    sessions: [],
    silence: undefined,
    connections: undefined,
    accounts: [
      { name: 'ec2-user', exists: true, password: 'set' },
      { name: 'root', exists: true, password: 'none' },
    ],
    login: 'system',
    ...more,
  };
}

function withSessions(sessions: readonly object[], connections?: readonly object[]): AgentFacts {
  return facts({
    sessions: parseSessions(JSON.stringify(sessions)),
    connections: connections === undefined ? undefined : parseConnections(JSON.stringify(connections)),
  });
}

function decide(
  given: AgentFacts,
  wanted: Partial<CreateSessionOptions> = {},
  allowed: Partial<typeof NOTHING_ALLOWED> = {},
): SessionDecision {
  return decideSession(given, { ...WANTED, ...wanted }, { ...NOTHING_ALLOWED, ...allowed }, COMMAND);
}

function refusal(act: () => unknown): { message: string; hint: string | undefined } {
  try {
    act();
  } catch (error) {
    if (error instanceof DcvopsError && error.code === 'failed')
      return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('was not refused');
}

const MINE = { id: 'desktop-session', owner: 'ec2-user', type: 'virtual', 'num-of-connections': 0 };
const ROOTS = { ...MINE, owner: 'root' };
const CONSOLE = { id: 'console', owner: 'ec2-user', type: 'console', 'num-of-connections': 0 };
const JANE = { id: 1, username: 'jane', 'client-address': '10.150.248.9:4711 (forwarded for 10.213.0.9)' };
const JOE = { id: 2, username: 'joe', 'client-address': '10.0.0.7:35756' };

describe('decideSession: creates what is missing', () => {
  it('creates on an agent without sessions', () => {
    expect(decide(facts())).toEqual({
      kind: 'create',
      act: { session: WANTED, startService: false, close: [], endSessions: false },
      warnings: [],
    });
  });

  it('creates beside others’ virtual sessions', () => {
    expect(decide(withSessions([{ ...ROOTS, id: 'other' }]))).toMatchObject({
      kind: 'create',
      act: { close: [] },
    });
  });

  it('starts a stopped dcvserver first; whether it may is asked elsewhere', () => {
    const stopped = facts({ service: 'stopped', sessions: undefined, silence: 'not running' });
    expect(decide(stopped)).toMatchObject({ act: { startService: true } });
  });

  it.each(['starting', 'active'] as const)(
    'waits for a dcvserver that is %s and does not answer yet',
    (service) => {
      expect(decide(facts({ service, sessions: undefined }))).toMatchObject({ act: { startService: false } });
    },
  );

  it('does not mind a missing unit as long as dcv answers', () => {
    expect(decide(facts({ service: 'absent' }))).toMatchObject({ kind: 'create' });
  });
});

describe('decideSession: leaves alone what is there already', () => {
  it.each([
    ['the same', MINE],
    ['one in use', { ...MINE, 'num-of-connections': 2 }],
    ['one of a dcv that tells no type', { id: 'desktop-session', owner: 'ec2-user' }],
  ])('%s', (_what, session) => {
    expect(decide(withSessions([session]))).toMatchObject({ kind: 'unchanged', warnings: [] });
  });

  it('also when it may replace: a script that runs twice must not end a desktop', () => {
    const allowed = { replace: true, endSessions: true };
    expect(decide(withSessions([MINE]), {}, allowed)).toMatchObject({ kind: 'unchanged' });
  });

  it('tells when it runs as somebody else', () => {
    const { warnings } = decide(withSessions([{ ...MINE, user: 'root' }]));
    expect(warnings).toEqual([{ message: '"desktop-session" runs as root, not as ec2-user.' }]);
  });
});

describe('decideSession: refuses to end what is in the way', () => {
  it.each([
    [
      'another owner',
      [ROOTS],
      [],
      {},
      '"desktop-session" belongs to root, wanted ec2-user; nobody connected. Nothing changed.',
      'dcvops session create agent1 --replace   (ends that desktop)',
    ],
    [
      'another owner, in use',
      [ROOTS],
      [JANE],
      {},
      '"desktop-session" belongs to root, wanted ec2-user; 1 person connected (jane from 10.213.0.9). Nothing changed.',
      'dcvops session create agent1 --replace --end-sessions   (ends that desktop)',
    ],
    [
      'another owner, used by two',
      [ROOTS],
      [JANE, JOE],
      {},
      '"desktop-session" belongs to root, wanted ec2-user; 2 people connected (jane from 10.213.0.9, joe from 10.0.0.7). Nothing changed.',
      'dcvops session create agent1 --replace --end-sessions   (ends that desktop)',
    ],
    [
      'another type',
      [{ ...CONSOLE, id: 'desktop-session' }],
      [],
      {},
      '"desktop-session" is a console session of ec2-user, wanted a virtual one; nobody connected. Nothing changed.',
      'dcvops session create agent1 --replace   (ends that desktop)',
    ],
    [
      'a console beside which no virtual session can be',
      [CONSOLE],
      undefined,
      {},
      'the console session "console" of ec2-user is in the way (DCV has one console or virtual sessions, never both); nobody connected. Nothing changed.',
      'dcvops session create agent1 --replace   (ends that desktop)',
    ],
    [
      'virtual sessions beside which there can be no console',
      [MINE, { ...ROOTS, id: 'b', 'num-of-connections': 3 }],
      undefined,
      { type: 'console' },
      '"desktop-session" is a virtual session of ec2-user, wanted a console one; the virtual session "b" of root is in the way (DCV has one console or virtual sessions, never both); 3 people connected. Nothing changed.',
      'dcvops session create agent1 --replace --end-sessions   (ends those desktops)',
    ],
    [
      'another console',
      [CONSOLE],
      undefined,
      { type: 'console' },
      '"console" of ec2-user is the console session, and DCV has one; nobody connected. Nothing changed.',
      'dcvops session create agent1 --replace   (ends that desktop)',
    ],
    [
      'a session whose use is not known',
      [{ id: 'desktop-session', owner: 'root' }],
      undefined,
      {},
      '"desktop-session" belongs to root, wanted ec2-user; DCV does not tell whether somebody is connected. Nothing changed.',
      'dcvops session create agent1 --replace --end-sessions   (ends that desktop)',
    ],
  ] as const)('%s', (_what, sessions, connections, wanted, message, hint) => {
    expect(refusal(() => decide(withSessions(sessions, connections), wanted))).toEqual({ message, hint });
  });

  it('keeps the options that were typed in the command to type next', () => {
    const command = {
      agent: 'agent1',
      id: 'desk',
      options: ['--owner=ec2-user', '--name=my desk', '--replace'],
    };
    const act = (): unknown =>
      decideSession(withSessions([ROOTS], [JANE]), WANTED, { replace: true, endSessions: false }, command);
    expect(refusal(act).hint).toContain(
      "dcvops session create agent1/desk --owner=ec2-user '--name=my desk' --replace --end-sessions",
    );
  });

  it('shows a session’s name as text, whatever is in it', () => {
    const { message } = refusal(() => decide(withSessions([{ ...ROOTS, owner: '\u001b[2Jroot' }], [])));
    expect(message).not.toContain('\u001b');
  });
});

describe('decideSession: replaces with permission', () => {
  it('closes what nobody uses', () => {
    expect(decide(withSessions([ROOTS], []), {}, { replace: true })).toMatchObject({
      kind: 'create',
      act: { close: ['desktop-session'], endSessions: false },
    });
  });

  it('closes what somebody uses only with --end-sessions', () => {
    const used = withSessions([ROOTS], [JANE]);
    expect(refusal(() => decide(used, {}, { replace: true })).hint).toContain('--end-sessions');
    expect(refusal(() => decide(used, {}, { endSessions: true })).hint).toContain('--replace');
    expect(decide(used, {}, { replace: true, endSessions: true })).toMatchObject({
      act: { close: ['desktop-session'], endSessions: true },
    });
  });

  it('closes all virtual sessions for a console, and only then', () => {
    const two = withSessions([MINE, { ...ROOTS, id: 'b' }]);
    expect(decide(two, { type: 'console', id: 'c' }, { replace: true })).toMatchObject({
      act: { close: ['desktop-session', 'b'] },
    });
  });
});

describe('decideSession: what cannot be', () => {
  it.each([
    ['no DCV', { version: undefined, sessions: undefined }, /DCV is not installed/, /nice-dcv-server/],
    [
      'no unit, no answer',
      { service: 'absent', sessions: undefined, silence: 'Could not get the system bus' },
      /no dcvserver\.service.*Could not get the system bus/,
      /^dcvops service status /,
    ],
    [
      'no such user',
      { accounts: [{ name: 'ec2-user', exists: false, password: 'unknown' }] },
      /there is no user "ec2-user"/,
      /^dcvops exec --sudo agent1 -- useradd --create-home ec2-user /,
    ],
  ] as const)('%s', (_what, more, message, hint) => {
    const { message: said, hint: next } = refusal(() => decide(facts(more)));
    expect(said).toMatch(message);
    expect(next).toMatch(hint);
  });

  it('names a directory’s user as a shell takes it', () => {
    const jane = 'CORP\\jane';
    const given = facts({ accounts: [{ name: jane, exists: false, password: 'unknown' }] });
    expect(refusal(() => decide(given, { user: jane })).hint).toContain("--create-home 'CORP\\jane' ");
    const locked = facts({ accounts: [{ name: jane, exists: true, password: 'none' }] });
    expect(decide(locked, { user: jane, owner: jane }).warnings[0]?.hint).toBe(
      "dcvops ssh agent1 -- sudo passwd 'CORP\\jane'",
    );
  });

  it('needs no user for a console', () => {
    const given = facts({ accounts: [{ name: 'ghost', exists: false, password: 'unknown' }] });
    expect(decide(given, { type: 'console', user: 'ghost' })).toMatchObject({ kind: 'create' });
  });
});

describe('decideSession: warns of a login that will fail', () => {
  const locked = [{ name: 'ec2-user', exists: true, password: 'none' }] as const;

  it.each([
    ['a locked password', { accounts: locked }, 1],
    ['a password', {}, 0],
    ['a directory’s account', { accounts: [{ name: 'ec2-user', exists: true, password: 'unknown' }] }, 0],
    ['a server that asks for no login', { accounts: locked, login: 'none' }, 0],
    ['a server that takes tokens', { accounts: locked, login: 'token' }, 0],
  ] as const)('%s', (_what, more, count) => {
    const warnings = decide(facts(more)).warnings;
    expect(warnings).toHaveLength(count);
    if (count === 1) {
      expect(warnings[0]).toEqual({
        message: 'ec2-user has no password; the DCV login will fail.',
        hint: 'dcvops ssh agent1 -- sudo passwd ec2-user',
      });
    }
  });

  it('also of a session that is there already', () => {
    expect(decide({ ...withSessions([MINE]), accounts: locked }).warnings).toHaveLength(1);
  });
});
