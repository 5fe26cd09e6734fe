import { describe, expect, it } from 'vitest';
import { type EndedSession, sessionsAgain, sessionsCommand } from '../../../../src/dcv/session/again.ts';

/* What a user would lose: a desktop of theirs, made again as somebody else's. */

const DEFAULTS = { id: 'desk', type: 'virtual', user: 'ec2-user', owner: 'ec2-user' } as const;
const session = (id: string, changes: Partial<EndedSession> = {}): EndedSession => ({
  ...{ id, type: 'virtual', owner: 'ec2-user', user: undefined },
  ...changes,
});

describe('sessions that have ended', () => {
  it.each<[string, EndedSession, string]>([
    ['the usual one', session('desk'), 'agent1'],
    ['another one of the usual user', session('b c'), "'agent1/b c'"],
    ['one of jane’s', session('render', { owner: 'jane' }), 'agent1/render --user=jane'],
    [
      'one of jane’s that runs as bob',
      session('render', { owner: 'jane', user: 'bob' }),
      'agent1/render --user=bob --owner=jane',
    ],
    [
      'the usual owner’s, which runs as bob',
      session('desk', { user: 'bob' }),
      'agent1 --user=bob --owner=ec2-user',
    ],
    [
      'jane’s, which runs as the usual user',
      session('desk', { owner: 'jane', user: 'ec2-user' }),
      'agent1 --owner=jane',
    ],
    [
      'jane’s console, which runs as nobody',
      session('console', { type: 'console', owner: 'jane', user: 'jane' }),
      'agent1/console --type=console --owner=jane',
    ],
    [
      'one of which an old DCV tells nothing',
      session('render', { type: undefined, owner: '' }),
      'agent1/render',
    ],
  ])('are made as they were: %s', (_what, ended, command) => {
    expect(sessionsAgain({ name: 'agent1' }, [ended], DEFAULTS)).toEqual([
      `dcvops session create ${command}`,
    ]);
  });

  it('are made as they are declared, once for all of them, whatever DCV told', () => {
    const agent = { name: 'agent1', sessions: [{ id: 'desk' }, { id: 'render' }] };
    const ended = [session('desk', { owner: 'jane' }), session('render'), session('mine', { owner: 'bob' })];
    expect(sessionsAgain(agent, ended, DEFAULTS)).toEqual([
      'dcvops session restore agent1',
      'dcvops session create agent1/mine --user=bob',
    ]);
    expect(sessionsAgain(agent, [], DEFAULTS)).toEqual([]);
  });

  it('are named up to eight', () => {
    const many = Array.from({ length: 20 }, (_, index) => session(`s${index}`));
    expect(sessionsAgain({ name: 'agent1' }, many, DEFAULTS)).toHaveLength(8);
  });
});

describe('an agent’s sessions, whichever they are,', () => {
  it('are the declared ones, else the usual one', () => {
    expect(sessionsCommand({ name: 'agent1' })).toBe('dcvops session create agent1');
    expect(sessionsCommand({ name: 'agent1', sessions: [] })).toBe('dcvops session create agent1');
    expect(sessionsCommand({ name: 'agent1', sessions: [{ id: 'a' }] })).toBe(
      'dcvops session restore agent1',
    );
  });
});
