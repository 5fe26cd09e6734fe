import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import type { AgentHost } from '../../../../src/inventory/types.ts';
import {
  createSessions,
  type CreatedSession,
  type SessionCreateOptions,
  type WantedSession,
} from '../../../../src/operations/session/create.ts';
import { type Answer, type ScriptedAgents, scriptedAgents } from '../scripted-agents.ts';

type Told = Exclude<Answer, DcvopsError>;

const READY: Told = [
  ['version', 'Amazon DCV 2023.0 (r14852)'],
  ['sessions', '[]'],
  ['unit', 'LoadState=loaded\nActiveState=active'],
  ['conf', '[security]\nauthentication="none"'],
  ['account', 'ec2-user'],
  ['password', 'P'],
];
const STOPPED: Told = READY.map(([name, value]) =>
  name === 'sessions'
    ? (['silence', 'Could not list sessions. The dcvserver service is not running'] as const)
    : ([name, value.replace('=active', '=inactive')] as const),
);
const ALIVE: Told = [
  ['answering', ''],
  ['created', ''],
  ['alive', '[{"id":"desktop-session","owner":"ec2-user","type":"virtual"}]'],
];

const THERE: Told = READY.map(([name, value]) => [
  name,
  name === 'sessions'
    ? '[{"id":"desktop-session","owner":"ec2-user","type":"virtual","num-of-connections":2}]'
    : value,
]);

/** Runs the operation against agents that answer one script after another as told, by agent name. */
async function create(
  answers: Readonly<Record<string, readonly Answer[]>>,
  options: Partial<SessionCreateOptions> & {
    answer?: boolean;
    ids?: readonly string[];
    /** The options that were typed. */
    typed?: readonly string[];
  } = {},
): Promise<ScriptedAgents & { results: CreatedSession[] }> {
  const { answer, ids = ['desktop-session'], typed = [], ...permissions } = options;
  const scripted = scriptedAgents(answers, answer === undefined ? {} : { yes: answer });
  const wanted = scripted.agents.flatMap((agent) => ids.map((id) => wantedOn(agent, id, typed)));
  const results = await createSessions(scripted.context, wanted, {
    ...{ replace: false, endSessions: false, startService: false },
    ...permissions,
  });
  return { ...scripted, results };
}

function wantedOn(agent: AgentHost, id: string, options: readonly string[]): WantedSession {
  return {
    agent,
    session: { id, type: 'virtual', user: 'ec2-user', owner: 'ec2-user' },
    command: { agent: agent.name, id: undefined, options },
  };
}

describe('createSessions', () => {
  it('reads, creates, watches, and tells the address', async () => {
    const { results, events, ran } = await create({ agent1: [READY, ALIVE] });
    expect(results).toEqual([
      {
        agent: 'agent1',
        address: '10.150.248.180',
        id: 'desktop-session',
        outcome: 'done',
        message: 'desktop-session',
        hint: undefined,
        url: 'https://10.213.66.188:8443/10.150.248.180/#desktop-session',
      },
    ]);
    expect(ran('agent1').map(({ name, root }) => [name, root])).toEqual([
      ['read the agent', true],
      ['create the session', true],
    ]);
    const done = events.flatMap((event) =>
      event.type === 'step' && event.state === 'done' ? [event.step] : [],
    );
    expect(done).toEqual(['facts', 'service', 'create', 'live']);
    expect(events.at(-1)).toMatchObject({ type: 'outcome', host: 'agent1', outcome: 'done' });
  });

  it('runs nothing more when the session is there', async () => {
    const { results, ran, notes } = await create({ agent1: [THERE] });
    expect(results[0]).toMatchObject({
      outcome: 'unchanged',
      message: 'desktop-session is there already, 2 connected',
    });
    expect(results[0]?.url).toContain('#desktop-session');
    expect(ran('agent1')).toHaveLength(1);
    expect(notes()).toEqual([]);
  });

  it('says which options a session that is there does not get', async () => {
    const typed = ['--owner=ec2-user', '--wait', '--gl=off', '--name=Desk'];
    const { notes, results } = await create({ agent1: [THERE] }, { typed });
    expect(results[0]?.outcome).toBe('unchanged');
    expect(notes()).toEqual([
      'agent1: "desktop-session" was there already and is left as it is; not applied: --gl, --name. → ' +
        'dcvops session close agent1/desktop-session   (ends that desktop)\n' +
        'dcvops session create agent1 --owner=ec2-user --wait --gl=off --name=Desk',
    ]);
  });

  it('waits for the display of a session that is there, too', async () => {
    const waited: Answer = [
      ['answering', ''],
      ['display', ':3'],
      ['alive', '[{"id":"desktop-session"}]'],
    ];
    const { results, events, ran } = await create({ agent1: [THERE, waited] }, { wait: true });
    expect(results[0]).toMatchObject({ outcome: 'unchanged' });
    expect(ran('agent1')[1]?.text.toString()).toContain(
      '\nwait=virtual trial_end=0\nwatch desktop-session ec2-user',
    );
    expect(events).toContainEqual({
      ...{ type: 'step', host: 'agent1', step: 'live', state: 'done', detail: 'display :3' },
    });
  });

  it.each<[string, Answer, string]>([
    [
      'that cannot be reached',
      [
        ['answering', ''],
        ['no-display', '3'],
      ],
      '"desktop-session" is there, but its display cannot be reached after 60 s',
    ],
    [
      'that is gone',
      [
        ['answering', ''],
        ['gone', '[]'],
      ],
      '"desktop-session" ended meanwhile',
    ],
  ])('does not wait forever for a display %s', async (_what, waited, message) => {
    const { results, events } = await create({ agent1: [THERE, waited] }, { wait: true });
    expect(results[0]).toMatchObject({ outcome: 'failed', message, url: undefined });
    expect(events).toContainEqual({ type: 'step', host: 'agent1', step: 'live', state: 'failed' });
  });

  it('never lets one agent’s failure touch another', async () => {
    const unreachable = new DcvopsError('unreachable', 'no answer in 10 s', { hint: 'dcvops ssh agent2 -v' });
    const { results } = await create({
      agent1: [READY, ALIVE],
      agent2: [unreachable],
      agent3: [
        READY,
        [
          ['answering', ''],
          ['create-failed', 'Could not create session. The moon is full'],
        ],
      ],
    });
    expect(results.map(({ agent, outcome }) => [agent, outcome])).toEqual([
      ['agent1', 'done'],
      ['agent2', 'unreachable'],
      ['agent3', 'failed'],
    ]);
    expect(results[1]).toMatchObject({ url: undefined, hint: 'dcvops ssh agent2 -v' });
  });

  it('makes several sessions on one agent one after another, each with a line of its own', async () => {
    const second: Answer = [...ALIVE.slice(0, 2), ['alive', '[{"id":"b","owner":"ec2-user"}]']];
    const { results, events } = await create(
      { agent1: [READY, ALIVE, READY, second] },
      { ids: ['desktop-session', 'b'] },
    );
    expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['desktop-session', 'done'],
      ['b', 'done'],
    ]);
    const outcomes = events.flatMap((event) => (event.type === 'outcome' ? [event.host] : []));
    expect(outcomes).toEqual(['agent1/desktop-session', 'agent1/b']);
  });
});

describe('createSessions with a stopped dcvserver: starting it is offered, never assumed', () => {
  const startedAlive: Answer = [['started', ''], ...ALIVE];

  it('asks, and starts it after a yes', async () => {
    const { results, questions, ran } = await create({ agent1: [STOPPED, startedAlive] }, { answer: true });
    expect(questions).toMatchObject([
      { text: 'dcvserver is stopped on agent1. Start it?', flag: '--start-service' },
    ]);
    expect(ran('agent1')[1]?.text.toString()).toContain('\nstart_dcvserver\n');
    expect(results[0]?.outcome).toBe('done');
  });

  it.each([{ answer: false }, {}])(
    'changes nothing when the answer is no, or nobody is there to ask: %j',
    async (answer) => {
      const { results, ran } = await create({ agent1: [STOPPED] }, answer);
      expect(results[0]).toMatchObject({
        outcome: 'failed',
        message: 'dcvserver is stopped. Nothing changed.',
        hint: 'dcvops session create agent1 --start-service',
      });
      expect(ran('agent1')).toHaveLength(1);
    },
  );

  it('does not ask with --start-service', async () => {
    const { questions, results } = await create({ agent1: [STOPPED, startedAlive] }, { startService: true });
    expect(questions).toEqual([]);
    expect(results[0]?.outcome).toBe('done');
  });
});

describe('createSessions: what went wrong, and what to type next', () => {
  const log = '/var/log/dcv/agent.ec2-user.desktop-session.log';

  it.each<[string, Answer, RegExp, RegExp]>([
    [
      'a service that does not start',
      [['start-failed', 'Job for dcvserver.service failed.\nport in use']],
      /dcvserver does not start: Job for dcvserver\.service failed\./,
      /journalctl --unit=dcvserver/,
    ],
    [
      'a service that never answers',
      [['silent', 'Could not list sessions. The dcvserver service is not running']],
      /dcvserver runs but does not answer: dcvserver is not running\. No session was created\./,
      /server\.log/,
    ],
    [
      'somebody who connected meanwhile',
      [
        ['answering', ''],
        ['closed', 'a'],
        ['in-use', 'b'],
      ],
      /somebody connected to "b" just now\. It was not closed; "a" had been closed\./,
      /--replace --end-sessions/,
    ],
    [
      'a session that cannot be closed',
      [
        ['answering', ''],
        ['close-failed', 'There was a problem stopping the session'],
      ],
      /could not be closed: There was a problem stopping the session/,
      /dcvops session list/,
    ],
    [
      'no licence, after a session was closed for nothing',
      [
        ['answering', ''],
        ['closed', 'old'],
        [
          'create-failed',
          'Could not create console session: Could not acquire dcv licenses: No license for product (-1)',
        ],
      ],
      /"desktop-session" was not created: DCV found no licence; "old" had been closed/,
      /dcv-license\.REGION/,
    ],
    [
      'a session that dies at once, with its reason',
      [
        ['answering', ''],
        ['created', ''],
        ['gone', '[]'],
        ['log', log],
        ['lines', '2026-11-23 09:50:08,595888 [    51:51    ] ERROR agent - gnome-session: not found'],
      ],
      /was created and ended within 3 s: no desktop is installed there: gnome-session is missing \(agent - gnome-session: not found\)/,
      /^dcvops desktop install agent1\n.*--sudo agent1 -- tail -n 30 \/var\/log\/dcv\/agent\.ec2-user\.desktop-session\.log/,
    ],
    [
      'a session that dies at once for a reason that is not known',
      [
        ['answering', ''],
        ['created', ''],
        ['gone', '[]'],
        ['log', log],
        ['lines', '2026-11-23 09:50:08,595888 [    51:51    ] ERROR agent - Odd'],
      ],
      /"desktop-session" was created and ended within 3 s: agent - Odd/,
      /tail -n 30 \/var\/log\/dcv\/agent\.ec2-user\.desktop-session\.log/,
    ],
    [
      'a licence that cannot be read in S3, as the server’s log has it',
      [
        ['answering', ''],
        ['create-failed', 'Could not acquire dcv licenses: No license for product (-1)'],
        ['log', '/var/log/dcv/server.log'],
        ['lines', "Unable to retrieve license object from AWS S3 bucket 'dcv-license.eu-west-1'"],
      ],
      /was not created: DCV found no licence: the instance cannot read it in S3 \(dcv-license\.eu-west-1\)/,
      /s3:GetObject/,
    ],
    [
      'an option that an older DCV does not know, with its version',
      [
        ['answering', ''],
        ['create-failed', 'Unknown option --gl=off'],
      ],
      /does not know the option --gl \(Amazon DCV 2023\.0 \(r14852\)\)/,
      /create-session --help/,
    ],
    [
      'a file that cannot be put on the agent',
      [
        ['answering', ''],
        ['not-placed', '/etc/dcvops/session-files/desk.perm'],
      ],
      /\/etc\/dcvops\/session-files\/desk\.perm could not be written on the agent/,
      /df -h \/etc/,
    ],
    [
      'a display that never comes, when it was to be waited for',
      [
        ['answering', ''],
        ['created', ''],
        ['no-display', ''],
      ],
      /"desktop-session" was created, but its display cannot be reached after 60 s/,
      /dcvops session describe agent1\/desktop-session/,
    ],
    [
      'a session that dies and says nothing',
      [
        ['answering', ''],
        ['created', ''],
        ['gone', '[]'],
      ],
      /"desktop-session" was created and ended within 3 s$/,
      /server\.log/,
    ],
    [
      'a session that dies while its display is waited for',
      [
        ['answering', ''],
        ['created', ''],
        ['awaited', ''],
        ['gone', '[]'],
      ],
      /"desktop-session" was created and ended before its display could be reached$/,
      /server\.log/,
    ],
    [
      'a session that ends between the last two looks',
      [
        ['answering', ''],
        ['created', ''],
        ['alive', '[]'],
      ],
      /was created and ended within 3 s/,
      /server\.log/,
    ],
    ['a script that is cut off', [['answering', '']], /ended early \(exit 0\)/, /dcvops session list/],
  ])('%s', async (_what, told, message, hint) => {
    const { results } = await create({ agent1: [READY, told] });
    expect(results[0]?.outcome).toBe('failed');
    expect(results[0]?.message).toMatch(message);
    expect(results[0]?.hint).toMatch(hint);
    expect(results[0]?.url).toBeUndefined();
  });
});
