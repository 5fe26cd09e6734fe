import { describe, expect, it } from 'vitest';
import { fingerprintOf, persistedFiles } from '../../../../src/dcv/persist/files.ts';
import { DcvopsError } from '../../../../src/errors.ts';
import type { DeclaredSession } from '../../../../src/inventory/types.ts';
import { type RestoreOptions, restoreSessions } from '../../../../src/operations/session/restore.ts';
import type { SessionResult } from '../../../../src/operations/session/targets.ts';
import { type Answer, type ScriptedAgents, scriptedAgents } from '../scripted-agents.ts';

type Told = Exclude<Answer, DcvopsError>;

const DESK: DeclaredSession = { id: 'desk', type: 'virtual', user: 'jane', owner: 'jane' };
const RENDER: DeclaredSession = { ...DESK, id: 'render', name: 'Rendering' };
const BOTH = [DESK, RENDER];

const thereIs = (...sessions: readonly (readonly [id: string, more?: object])[]): string =>
  JSON.stringify(sessions.map(([id, more]) => ({ id, owner: 'jane', type: 'virtual', ...more })));

/** What an agent tells of itself before anything is created. */
function facts(
  sessions: string | undefined,
  { conf = 'authentication="none"', more = [] as Told } = {},
): Told {
  return [
    ['version', ''],
    ...(sessions === undefined
      ? ([
          ['silence', 'Could not list sessions. The dcvserver service is not running'],
          ['unit', 'LoadState=loaded\nActiveState=inactive'],
        ] as const)
      : ([['sessions', sessions]] as const)),
    ['dcv-version', 'Amazon DCV 2023.0 (r14852)'],
    ['conf', `[security]\n${conf}`],
    ['account', 'jane'],
    ['password', 'L'],
    ...more,
  ];
}

const created = (id: string): Told => [
  ['session', id],
  ['created', ''],
];
const alive = (id: string): Told => [
  ['session', id],
  ['alive', thereIs([id])],
];

async function restore(
  answers: Readonly<Record<string, readonly Answer[]>>,
  {
    declared = BOTH,
    yes,
    ...options
  }: Partial<RestoreOptions> & { declared?: readonly DeclaredSession[]; yes?: boolean } = {},
): Promise<ScriptedAgents & { results: SessionResult[]; said: string[] }> {
  const scripted = scriptedAgents(answers, {
    more: { sessions: declared },
    ...(yes === undefined ? {} : { yes }),
  });
  const results = await restoreSessions(scripted.context, scripted.agents, {
    ...{ dryRun: false, startService: false },
    ...options,
  });
  const said = scripted.events.flatMap((event) =>
    event.type === 'outcome' ? [`${event.host} ${event.outcome}: ${event.message}`] : [],
  );
  return { ...scripted, results, said };
}

describe('restoreSessions', () => {
  it('creates what is missing, in one script, and leaves alone what is there', async () => {
    const { results, said, ran, notes } = await restore({
      agent1: [facts(thereIs(['desk'])), [['answering', ''], ...created('render'), ...alive('render')]],
      agent2: [facts(thereIs(['desk'], ['render']))],
    });
    expect(said.sort()).toEqual([
      'agent1/desk unchanged: desk is there',
      'agent1/render done: render created',
      'agent2/desk unchanged: desk is there',
      'agent2/render unchanged: render is there',
    ]);
    expect(results.map(({ agent, id, outcome }) => [agent, id, outcome])).toEqual([
      ['agent1', 'desk', 'unchanged'],
      ['agent1', 'render', 'done'],
      ['agent2', 'desk', 'unchanged'],
      ['agent2', 'render', 'unchanged'],
    ]);
    const script = ran('agent1')[1]?.text.toString();
    expect(script).toContain('--name=Rendering');
    expect(script).not.toContain('say session desk');
    expect(ran('agent2')).toHaveLength(1);
    expect(notes()).toEqual([]);
  });

  it('never ends what is in the way: that is told, and the others are created', async () => {
    const { said } = await restore({
      agent1: [
        facts(thereIs(['desk', { owner: 'joe', 'num-of-connections': 0 }])),
        [['answering', ''], ...created('render'), ...alive('render')],
      ],
    });
    expect(said).toEqual([
      'agent1/desk failed: "desk" belongs to joe, wanted jane; nobody connected. Nothing changed.',
      'agent1/render done: render created',
    ]);
  });

  it('tells of each session by itself what became of it', async () => {
    const { results } = await restore({
      agent1: [
        facts('[]'),
        [
          ['answering', ''],
          ...created('desk'),
          ['session', 'render'],
          ['create-failed', 'Could not create session. The moon is full'],
          ['session', 'desk'],
          ['gone', '[]'],
          ['log', '/var/log/dcv/dcv-xsession.jane.desk.log'],
          ['lines', 'gnome-session: not found'],
        ],
      ],
    });
    expect(results).toMatchObject([
      {
        id: 'desk',
        outcome: 'failed',
        message: expect.stringContaining('no desktop is installed there: gnome-session is missing') as string,
        hint: expect.stringContaining('dcvops desktop install agent1') as string,
      },
      { id: 'render', outcome: 'failed', message: '"render" was not created: The moon is full' },
    ]);
  });

  it('takes a session that came meanwhile for what it is', async () => {
    const { said, notes } = await restore({
      agent1: [
        facts('[]'),
        [
          ['answering', ''],
          ['session', 'desk'],
          ['there', thereIs(['desk', { user: 'root' }])],
          ['session', 'render'],
          ['there', thereIs(['render', { owner: 'joe' }])],
        ],
      ],
    });
    expect(said).toEqual([
      'agent1/desk unchanged: desk is there',
      expect.stringMatching(/^agent1\/render failed: "render" belongs to joe, wanted jane/),
    ]);
    expect(notes()).toEqual(['agent1: "desk" runs as root, not as jane. → ']);
  });

  it('creates nothing in a dry run, and says what it would', async () => {
    const { said, ran } = await restore({ agent1: [facts(thereIs(['desk']))] }, { dryRun: true });
    expect(said).toEqual([
      'agent1/desk unchanged: desk is there',
      'agent1/render done: render is missing; it would be created',
    ]);
    expect(ran('agent1')).toHaveLength(1);
  });

  it('asks nothing of an agent for which nothing is declared, and says how that is done', async () => {
    const { results, ran, notes } = await restore({ agent1: [], agent2: [] }, { declared: [] });
    expect(results).toEqual([]);
    expect(ran('agent1')).toEqual([]);
    expect(notes()).toEqual([
      ': no sessions are declared for agent1, agent2 → in hosts.yaml: sessions: { declared: [{ agents: [agent1], id: desk }] }',
    ]);
  });

  it('tells once what concerns a whole agent, and goes on with the others', async () => {
    const dead = new DcvopsError('unreachable', 'no answer in 10 s', { hint: 'dcvops ssh agent1 -v' });
    const { results, said } = await restore({
      agent1: [dead],
      agent2: [facts(thereIs(['desk'], ['render']))],
    });
    expect(said).toHaveLength(3);
    expect(said).toContain('agent1 unreachable: no answer in 10 s');
    expect(results.map(({ id, outcome, hint }) => [id, outcome, hint])).toEqual([
      ['desk', 'unreachable', 'dcvops ssh agent1 -v'],
      ['render', 'unreachable', 'dcvops ssh agent1 -v'],
      ['desk', 'unchanged', undefined],
      ['render', 'unchanged', undefined],
    ]);
  });
});

describe('restoreSessions warns', () => {
  it('of a login that will fail, once for each user', async () => {
    const { notes } = await restore({
      agent1: [
        facts(thereIs(['desk']), { conf: 'authentication="system"' }),
        [['answering', ''], ...created('render'), ...alive('render')],
      ],
    });
    expect(notes()).toEqual([
      'agent1: jane has no password; the DCV login will fail. → dcvops ssh agent1 -- sudo passwd jane',
    ]);
  });

  it('of a session that runs as another user than is declared, also in a dry run', async () => {
    const there = thereIs(['desk', { user: 'root\u001b[2J' }]);
    const { said, notes } = await restore({ agent1: [facts(there)] }, { declared: [DESK], dryRun: true });
    expect(said).toEqual(['agent1 unchanged: desk is there']);
    expect(notes()).toEqual([
      expect.stringMatching(/^agent1: "desk" runs as root[^\u001b]*, not as jane\. → $/),
    ]);
  });

  it.each<[string, Told, string | undefined]>([
    ['as the inventory has them', persisted(BOTH, 'enabled', 'active'), undefined],
    ['that are others', persisted([DESK], 'enabled', 'active'), 'are not those of the inventory any more'],
    ['of a unit that is disabled', persisted(BOTH, 'disabled', 'active'), 'is disabled'],
    ['of a unit that failed', persisted(BOTH, 'enabled', 'failed'), 'failed when it last ran'],
  ])('of persisted sessions %s', async (_what, more, message) => {
    const { notes } = await restore({ agent1: [facts(thereIs(['desk'], ['render']), { more })] });
    expect(notes()).toEqual(
      message === undefined
        ? []
        : [expect.stringMatching(new RegExp(`^agent1: .*${message}.* → dcvops session persist agent1$`))],
    );
  });
});

function persisted(sessions: readonly DeclaredSession[], file: string, active: string): Told {
  return [
    ['persisted', fingerprintOf(persistedFiles(sessions))],
    ['persist-unit', `UnitFileState=${file}\nActiveState=${active}`],
  ];
}

describe('restoreSessions with a stopped dcvserver', () => {
  const ALL: Told = [
    ['started', ''],
    ['answering', ''],
    ...created('desk'),
    ...created('render'),
    ...alive('desk'),
    ...alive('render'),
  ];

  it('starts it after a yes', async () => {
    const { results, questions, ran } = await restore({ agent1: [facts(undefined), ALL] }, { yes: true });
    expect(questions).toMatchObject([{ text: 'dcvserver is stopped on agent1. Start it?' }]);
    expect(ran('agent1')[1]?.text.toString()).toContain('\nstart_dcvserver\n');
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });

  it('does not ask with --start-service', async () => {
    const { results, questions } = await restore({ agent1: [facts(undefined), ALL] }, { startService: true });
    expect(questions).toEqual([]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });

  it('changes nothing where nobody says yes', async () => {
    const { said, results, ran } = await restore({ agent1: [facts(undefined)] });
    expect(said).toEqual(['agent1 failed: dcvserver is stopped. Nothing changed.']);
    expect(results[0]?.hint).toBe('dcvops session restore agent1 --start-service');
    expect(ran('agent1')).toHaveLength(1);
  });
});
