import { describe, expect, it } from 'vitest';
import { type ConfFacts, decideConfChange, parseConfFacts } from '../../../../src/dcv/conf/decide-change.ts';
import { digestOf } from '../../../../src/dcv/conf/file.ts';
import { readAssignment } from '../../../../src/dcv/conf/settings.ts';
import type { AgentHost } from '../../../../src/inventory/types.ts';
import {
  doneOutcome,
  restartQuestion,
  unchangedOutcome,
} from '../../../../src/operations/dcv-config/outcomes.ts';
import { agent } from '../../gateway/inventories.ts';

/* What a user would lose: a desktop in use, or the knowledge that a change does not count yet. */

const TEXT = '[security]\nauthentication="none"\n';
/** As DCV tells them; the first one is the inventory's usual one. */
const SESSIONS: ConfFacts['there'] = [
  { id: 'desk', type: 'virtual', owner: 'ec2-user', user: undefined },
  { id: 'render', type: 'virtual', owner: 'jane', user: undefined },
];
const DECLARED = [{ id: 'render', type: 'virtual', user: 'jane', owner: 'jane' }] as const;
const DEFAULTS = { id: 'desk', type: 'virtual', user: 'ec2-user', owner: 'ec2-user' } as const;
const facts = (changes: Partial<ConfFacts> = {}): ConfFacts => ({
  file: { text: TEXT, digest: digestOf(TEXT), mode: '644 root:root' },
  running: true,
  stale: false,
  startedWith: undefined,
  sessions: 2,
  viewers: 0,
  there: SESSIONS,
  ...changes,
});
const RESTART = { restart: true, endSessions: false };
const FORCED = { restart: true, endSessions: true };
const LATER = { restart: false, endSessions: false };
const COMMAND = 'dcvops dcv config set agent1 …';
const LOGIN = readAssignment('security/authentication=system');
const IDLE = readAssignment('connectivity/idle-timeout=5');
const AS_IS = readAssignment('security/authentication=none');

describe('a change of dcv.conf', () => {
  it.each([
    [
      'counts later, unless a restart is wanted',
      facts(),
      [LOGIN],
      LATER,
      { restart: 'later', reload: 'restart' },
    ],
    ['restarts where that is wanted', facts(), [LOGIN], RESTART, { restart: 'now' }],
    [
      'needs no restart where it is live',
      facts(),
      [IDLE],
      RESTART,
      { restart: 'not-needed', reload: 'live' },
    ],
    [
      'needs no restart where nothing runs',
      facts({ running: false }),
      [LOGIN],
      RESTART,
      { restart: 'not-needed' },
    ],
    [
      'restarts with people on it once that is allowed',
      facts({ viewers: 1 }),
      [LOGIN],
      { restart: true, endSessions: true },
      { restart: 'now' },
    ],
    ['is nothing where it is there', facts(), [AS_IS], RESTART, { kind: 'unchanged', restartDue: false }],
    [
      'is a restart that is due',
      facts({ stale: true }),
      [AS_IS],
      RESTART,
      { restart: 'now', changes: [], after: TEXT },
    ],
    [
      'says that a restart is due',
      facts({ stale: true }),
      [AS_IS],
      LATER,
      { kind: 'unchanged', restartDue: true },
    ],
  ] as const)('%s', (_what, seen, wanted, options, decision) => {
    expect(decideConfChange('agent1', seen, wanted, options, COMMAND)).toMatchObject(decision);
  });

  it('of what is live says nothing of a restart', () => {
    const file = { text: '[connectivity]\nidle-timeout=5\n', digest: '', mode: '' };
    expect(decideConfChange('agent1', facts({ file, stale: true }), [IDLE], RESTART, COMMAND)).toEqual({
      kind: 'unchanged',
      restartDue: false,
    });
  });

  describe('where it is known with what dcvserver was started, a restart is due for what needs one alone', () => {
    const now = '[security]\nauthentication="none"\n[log]\nlevel="debug"\n';
    const file = { text: now, digest: digestOf(now), mode: '' };
    const due = (startedWith: string, wanted: readonly (typeof LOGIN)[]): unknown => {
      const seen = facts({ file, stale: true, startedWith });
      const decision = decideConfChange('agent1', seen, wanted, LATER, COMMAND);
      return decision.kind === 'unchanged' ? decision.restartDue : decision;
    };

    it.each<[string, string, readonly (typeof LOGIN)[], boolean]>([
      ['not for what is live', TEXT, [], false],
      ['not for what was so all along', TEXT, [AS_IS], false],
      ['for what was set', '[log]\nlevel="debug"\n', [], true],
      ['for what was wanted and set', '[log]\nlevel="debug"\n', [AS_IS], true],
      ['not for what nobody wants now', `${now}[x]\ny=1\n`, [AS_IS], false],
      ['for what nobody documents and is gone', `${now}[x]\ny=1\n`, [], true],
      ['not for other quotes and comments', `# as it was\n${now.replaceAll('"', "'")}`, [], false],
      ['not for a default that is written out', `${now}[connectivity]\nweb-port=8443\n`, [], false],
    ])('%s', (_what, startedWith, wanted, isDue) => {
      expect(due(startedWith, wanted)).toBe(isDue);
    });

    it('also for one that was set before, beside one that is live', () => {
      const seen = facts({ file, stale: true, startedWith: '[log]\nlevel="debug"\n' });
      expect(decideConfChange('agent1', seen, [AS_IS, IDLE], RESTART, COMMAND)).toMatchObject({
        changes: [IDLE],
        reload: 'restart',
        restart: 'now',
      });
    });

    it('not for one that is taken back before dcvserver has read it', () => {
      const seen = facts({ file, stale: true, startedWith: '[security]\nauthentication="system"\n' });
      expect(decideConfChange('agent1', seen, [LOGIN], RESTART, COMMAND)).toMatchObject({
        changes: [LOGIN],
        reload: 'already',
        restart: 'not-needed',
      });
    });

    it('and no session is ended for another one', () => {
      const seen = facts({ file, stale: true, startedWith: TEXT });
      expect(decideConfChange('agent1', seen, [], RESTART, COMMAND)).toEqual({
        kind: 'unchanged',
        restartDue: false,
      });
    });
  });

  it.each<[number | undefined, string]>([
    [1, '1 person is connected, and a restart of dcvserver ends all sessions. Nothing changed.'],
    [3, '3 people are connected, and a restart of dcvserver ends all sessions. Nothing changed.'],
    [undefined, 'dcv does not say whether anybody is connected, and a restart'],
  ])('never cuts people off (%s) unasked', (viewers, message) => {
    expect(() => decideConfChange('agent1', facts({ viewers }), [LOGIN], RESTART, COMMAND)).toThrow(message);
  });
});

describe('what a host tells', () => {
  const record = (name: string, value = ''): { name: string; value: string } => ({ name, value });
  const conf = record('conf', Buffer.from('#\xe9\n', 'latin1').toString('base64'));

  it('is the file, byte by byte, and who is there', () => {
    const sessions = record(
      'sessions',
      JSON.stringify([
        { id: 'a', owner: 'x', 'num-of-connections': 2 },
        { id: 'b', owner: 'x', 'num-of-connections': 1 },
      ]),
    );
    expect(
      parseConfFacts('agent1', [
        conf,
        record('conf-mode', '640 root:dcv'),
        record('running'),
        record('stale'),
        record('started-with', Buffer.from('#\xe8\n', 'latin1').toString('base64')),
        record('version'),
        sessions,
      ]),
    ).toEqual({
      file: { text: '#\xe9\n', digest: digestOf('#\xe9\n'), mode: '640 root:dcv' },
      running: true,
      stale: true,
      startedWith: '#\xe8\n',
      sessions: 2,
      viewers: 3,
      there: [expect.objectContaining({ id: 'a', owner: 'x' }), expect.objectContaining({ id: 'b' })],
    });
  });

  it.each([
    ['no list', []],
    ['a list that is none', [record('sessions', 'what?')]],
    ['a list without numbers', [record('sessions', "Session: 'a' (owner:x type:virtual)")]],
  ])('with %s is nobody known', (_what, more) => {
    expect(parseConfFacts('agent1', [conf, ...more])).toMatchObject({ viewers: undefined });
  });

  it('may be that there is no file, or no DCV', () => {
    expect(parseConfFacts('agent1', []).file).toEqual({ text: '', digest: 'absent', mode: '' });
    expect(() => parseConfFacts('agent1', [record('no-dcv')])).toThrow('DCV is not installed');
  });
});

describe('the last word', () => {
  const done = (
    seen: ConfFacts,
    wanted: readonly (typeof LOGIN)[],
    options: typeof LATER,
    written: { kept: string | undefined; restarted: boolean },
    declared: Pick<AgentHost, 'sessions'> = {},
  ): { message: string; hint?: string } => {
    const change = decideConfChange('agent1', seen, wanted, options, COMMAND);
    if (change.kind !== 'change') throw new Error('nothing to do');
    const ready = { agent: agent('agent1', '10.0.0.1', declared), change, command: COMMAND };
    return doneOutcome(ready, written, DEFAULTS);
  };

  it.each([
    [
      done(facts(), [IDLE], LATER, { kept: '/k', restarted: false }),
      { message: 'connectivity/idle-timeout; it counts within seconds; the file before: /k' },
    ],
    [
      done(facts(), [LOGIN], LATER, { kept: '/k', restarted: false }),
      {
        message:
          'security/authentication; dcvserver reads the changed dcv.conf at its next start; the file before: /k',
        hint: `${COMMAND} --restart   (ends 2 sessions)`,
      },
    ],
    [
      done(facts({ sessions: 0 }), [LOGIN], LATER, { kept: undefined, restarted: false }),
      { hint: `${COMMAND} --restart` },
    ],
    [
      done(facts(), [LOGIN], RESTART, { kept: undefined, restarted: true }),
      {
        message: 'security/authentication; dcvserver was restarted',
        hint: 'dcvops session create agent1\ndcvops session create agent1/render --user=jane',
      },
    ],
    [
      done(facts(), [LOGIN], RESTART, { kept: undefined, restarted: true }, { sessions: DECLARED }),
      { hint: 'dcvops session restore agent1\ndcvops session create agent1' },
    ],
    [
      done(facts({ sessions: undefined, there: undefined }), [LOGIN], FORCED, {
        kept: undefined,
        restarted: true,
      }),
      { hint: 'dcvops session create agent1' },
    ],
    [
      done(facts(), [LOGIN], RESTART, { kept: undefined, restarted: false }),
      {
        message: expect.stringContaining(
          'somebody connected meanwhile, so dcvserver was not restarted',
        ) as string,
        hint: `${COMMAND} --restart --end-sessions   (ends 2 sessions)`,
      },
    ],
  ])('says when it counts, and what to type next: $message', (outcome, expected) => {
    expect(outcome).toMatchObject({ outcome: 'done', host: 'agent1', ...expected });
  });

  it('of an agent as it was names the restart that is due', () => {
    expect(unchangedOutcome('agent1', { kind: 'unchanged', restartDue: true }, COMMAND).hint).toBe(
      `${COMMAND} --restart   (ends its sessions)`,
    );
  });

  it('asks with what a restart ends', () => {
    const change = decideConfChange('agent1', facts(), [LOGIN], RESTART, COMMAND);
    if (change.kind !== 'change') throw new Error('nothing to do');
    const one = { agent: agent('agent1', '10.0.0.1'), change };
    expect(restartQuestion([one, one])).toBe('Restart dcvserver on agent1, agent1, which ends 4 sessions?');
  });
});
