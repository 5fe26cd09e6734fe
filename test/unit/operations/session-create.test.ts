import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import type { AgentHost, Inventory } from '../../../src/inventory/types.ts';
import {
  createSessions,
  type CreatedSession,
  type SessionCreateOptions,
  type WantedSession,
} from '../../../src/operations/session-create.ts';
import type { Confirmation } from '../../../src/report/ask.ts';
import type { OperationEvent } from '../../../src/report/events.ts';
import type { Script } from '../../../src/shell/script.ts';
import type { Remote } from '../../../src/ssh/remote.ts';

/** What an agent tells in answer to a script, as records; an error is thrown instead. */
type Answer = readonly (readonly [name: string, value: string])[] | DcvopsError;

interface Scripted {
  readonly answers: Answer[];
  readonly ran: Script[];
}

const READY: Answer = [
  ['version', 'Amazon DCV 2023.0 (r14852)'],
  ['sessions', '[]'],
  ['unit', 'LoadState=loaded\nActiveState=active'],
  ['conf', '[security]\nauthentication="none"'],
  ['account', 'ec2-user'],
  ['password', 'P'],
];
const STOPPED: Answer = READY.map(([name, value]) =>
  name === 'sessions'
    ? (['silence', 'Could not list sessions. The dcvserver service is not running'] as const)
    : ([name, value.replace('=active', '=inactive')] as const),
);
const ALIVE: Answer = [
  ['answering', ''],
  ['created', ''],
  ['alive', '[{"id":"desktop-session","owner":"ec2-user","type":"virtual"}]'],
];

const INVENTORY = {
  gateway: { url: undefined, listen: { address: undefined, port: 8443 } },
  proxies: [{ host: '10.213.66.188' }],
} as unknown as Inventory;

/** Runs the operation against agents that answer one script after another as told, by agent name. */
async function create(
  agents: Readonly<Record<string, Answer[]>>,
  options: Partial<SessionCreateOptions> & {
    answer?: boolean | 'nobody-there';
    ids?: readonly string[];
  } = {},
): Promise<{
  results: CreatedSession[];
  events: OperationEvent[];
  questions: Confirmation[];
  ran: (agent: string) => readonly Script[];
}> {
  const events: OperationEvent[] = [];
  const questions: Confirmation[] = [];
  const scripted = new Map<string, Scripted>(
    Object.entries(agents).map(([name, answers]) => [name, { answers: [...answers], ran: [] }]),
  );
  const { answer = 'nobody-there', ids = ['desktop-session'], ...permissions } = options;
  const wanted = Object.keys(agents).flatMap((name) => ids.map((id) => wantedOn(name, id)));
  const results = await createSessions(
    {
      inventory: INVENTORY,
      concurrency: 8,
      emit: (event) => events.push(event),
      connect: (host) => Promise.resolve(remoteOf(host.name, scripted.get(host.name))),
      confirm: (question) => {
        questions.push(question);
        if (answer === 'nobody-there') return Promise.reject(question.refusal ?? new Error('no refusal'));
        return Promise.resolve(answer);
      },
    },
    wanted,
    { replace: false, endSessions: false, startService: false, ...permissions },
  );
  return { results, events, questions, ran: (name) => scripted.get(name)?.ran ?? [] };
}

function wantedOn(name: string, id: string): WantedSession {
  return {
    agent: { name, host: '10.150.248.180' } as AgentHost,
    session: { id, type: 'virtual', user: 'ec2-user', owner: 'ec2-user' },
    command: { agent: name, id: undefined, options: [] },
  };
}

function remoteOf(name: string, scripted: Scripted | undefined): Remote {
  const unused = (): never => {
    throw new Error('not used here');
  };
  return {
    name,
    converse: unused,
    follow: unused,
    tunnel: unused,
    close: unused,
    run: (script, options) => {
      scripted?.ran.push(script);
      const answer = scripted?.answers.shift();
      if (answer === undefined) return Promise.reject(new Error(`${name}: nobody expected "${script.name}"`));
      if (answer instanceof DcvopsError) return Promise.reject(answer);
      const stdout = answer.map(([key, value]) => `${key}\n|${value.replaceAll('\n', '\n|')}\n.\n`).join('');
      options?.onOutput?.('stdout', stdout);
      return Promise.resolve({ code: 0, stdout, stderr: '' });
    },
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
    const there: Answer = READY.map(([name, value]) =>
      name === 'sessions'
        ? ([
            name,
            '[{"id":"desktop-session","owner":"ec2-user","type":"virtual","num-of-connections":2}]',
          ] as const)
        : ([name, value] as const),
    );
    const { results, ran } = await create({ agent1: [there] });
    expect(results[0]).toMatchObject({
      outcome: 'unchanged',
      message: 'desktop-session is there already, 2 connected',
    });
    expect(results[0]?.url).toContain('#desktop-session');
    expect(ran('agent1')).toHaveLength(1);
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

  it.each([false, 'nobody-there'] as const)('changes nothing when the answer is %s', async (answer) => {
    const { results, ran } = await create({ agent1: [STOPPED] }, { answer });
    expect(results[0]).toMatchObject({
      outcome: 'failed',
      message: 'dcvserver is stopped. Nothing changed.',
      hint: 'dcvops session create agent1 --start-service',
    });
    expect(ran('agent1')).toHaveLength(1);
  });

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
