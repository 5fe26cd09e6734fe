import { describe, expect, it } from 'vitest';
import { persistedFiles } from '../../../../src/dcv/persist/files.ts';
import type { PlacedFile } from '../../../../src/dcv/session/place-file.ts';
import type { DcvopsError } from '../../../../src/errors.ts';
import type { DeclaredSession } from '../../../../src/inventory/types.ts';
import {
  type PersistResult,
  persistSessions,
  unpersistSessions,
} from '../../../../src/operations/session/persist.ts';
import { type Answer, type ScriptedAgents, scriptedAgents } from '../scripted-agents.ts';

type Told = Exclude<Answer, DcvopsError>;

const DESK: DeclaredSession = { id: 'desk', type: 'virtual', user: 'jane', owner: 'jane' };
const RENDER: DeclaredSession = { ...DESK, id: 'render' };
const BOTH = [DESK, RENDER];
const COME = 'desk, render come back whenever dcvserver starts';
const JOURNAL =
  'dcvops exec --sudo agent1 -- journalctl --unit=dcvops-sessions.service --lines=30 --no-pager';

const NOTHING: Told = [
  ['installed', ''],
  ['persist-unit', 'UnitFileState=\nActiveState=inactive'],
];
const ALL: Told = has(persistedFiles(BOTH));

function has(files: readonly PlacedFile[], unit = 'UnitFileState=enabled\nActiveState=active'): Told {
  return [
    ['installed', ''],
    ...files.flatMap(({ path, mode, content }): Told => [
      ['file', path],
      ['mode', `${mode} root:root`],
      ['content', content.toString().trimEnd()],
    ]),
    ['persist-unit', unit],
  ];
}

interface Run extends ScriptedAgents {
  readonly results: PersistResult[];
  readonly said: string[];
  /** The files whose diffs were shown. */
  readonly shown: string[];
}

async function run(
  operation: typeof persistSessions,
  answers: Readonly<Record<string, readonly Answer[]>>,
  { dryRun = false, declared = BOTH } = {},
): Promise<Run> {
  const scripted = scriptedAgents(answers, { more: { sessions: declared } });
  const results = await operation(scripted.context, scripted.agents, { dryRun });
  const said = scripted.events.flatMap((event) =>
    event.type === 'outcome' ? [`${event.host} ${event.outcome}: ${event.message}`] : [],
  );
  const shown = scripted.events.flatMap((event) => (event.type === 'diff' ? [event.path] : []));
  return { ...scripted, results, said, shown };
}

describe('persistSessions', () => {
  it('writes what differs, enables the unit and runs it; an agent that has all of it is left alone', async () => {
    const edited = has(persistedFiles([DESK]));
    const { results, said, ran } = await run(persistSessions, {
      agent1: [
        NOTHING,
        [
          ['installed', ''],
          ['ran', ''],
        ],
      ],
      agent2: [ALL],
      agent3: [
        edited,
        [
          ['installed', ''],
          ['ran', ''],
        ],
      ],
    });
    expect(said.sort()).toEqual([
      `agent1 done: ${COME}`,
      `agent2 unchanged: ${COME}`,
      `agent3 done: ${COME}`,
    ]);
    expect(results.map(({ agent, sessions }) => [agent, sessions])).toEqual([
      ['agent1', ['desk', 'render']],
      ['agent2', ['desk', 'render']],
      ['agent3', ['desk', 'render']],
    ]);
    expect(ran('agent2')).toHaveLength(1);
    expect(
      ran('agent1')[1]
        ?.text.toString()
        .match(/^place /gm),
    ).toHaveLength(3);
    expect(
      ran('agent3')[1]
        ?.text.toString()
        .match(/^place .*$/gm),
    ).toEqual([expect.stringContaining('/etc/dcvops/sessions') as string]);
  });

  it('does not mind a dcvserver that does not run, and says so', async () => {
    const { said } = await run(persistSessions, {
      agent1: [
        NOTHING,
        [
          ['installed', ''],
          ['not-run', ''],
        ],
      ],
    });
    expect(said).toEqual([`agent1 done: ${COME}; it does not run now`]);
  });

  it('shows what it would write in a dry run, and writes nothing', async () => {
    const { results, said, shown, ran } = await run(persistSessions, { agent1: [NOTHING] }, { dryRun: true });
    expect(said).toEqual([`agent1 done: dry run: ${COME}. Nothing changed.`]);
    expect(shown).toEqual([
      '/usr/local/lib/dcvops/restore-sessions',
      '/etc/dcvops/sessions',
      '/etc/systemd/system/dcvops-sessions.service',
    ]);
    expect(results).toMatchObject([{ sessions: [] }]);
    expect(ran('agent1')).toHaveLength(1);
  });

  it('does nothing on an agent without declared sessions, and says how they are declared', async () => {
    const { results, ran } = await run(persistSessions, { agent1: [] }, { declared: [] });
    expect(results).toMatchObject([
      {
        outcome: 'failed',
        message: 'no sessions are declared for it. Nothing changed.',
        hint: 'in hosts.yaml: sessions: { declared: [{ agents: [agent1], id: desk }] }',
      },
    ]);
    expect(ran('agent1')).toEqual([]);
  });

  it('does nothing without DCV', async () => {
    const { said, ran } = await run(persistSessions, { agent1: [NOTHING.slice(1)] });
    expect(said).toEqual(['agent1 failed: DCV is not installed. Nothing changed.']);
    expect(ran('agent1')).toHaveLength(1);
  });

  it.each<[string, Told, string]>([
    [
      'the sessions could not be created',
      [
        ['installed', ''],
        [
          'run-failed',
          'desk is there already\nrender was not created: \u001b[2JNo licence\nMain process exited',
        ],
      ],
      'the sessions come back whenever dcvserver starts, but not all could be created now: render was not created: ',
    ],
    [
      'the unit says nothing',
      [
        ['installed', ''],
        ['run-failed', ''],
      ],
      'the sessions come back whenever dcvserver starts, but not all could be created now: the unit failed',
    ],
    [
      'a file cannot be written',
      [['not-placed', '/etc/dcvops/sessions']],
      '/etc/dcvops/sessions could not be written',
    ],
    [
      'systemd does not take the unit',
      [['not-enabled', 'Failed to enable unit: Read-only file system']],
      'systemd did not take dcvops-sessions.service: Failed to enable unit: Read-only file system',
    ],
    ['the script ends early', [], 'systemd did not take dcvops-sessions.service: the script ended early'],
  ])('tells why where %s', async (_what, told, message) => {
    const { results } = await run(persistSessions, { agent1: [NOTHING, told] });
    expect(results).toMatchObject([{ outcome: 'failed', sessions: [], hint: JOURNAL }]);
    expect(results[0]?.message).toContain(message);
    expect(results[0]?.message).not.toContain('\u001b');
  });
});

describe('unpersistSessions', () => {
  it('takes away what is there; sessions are not touched', async () => {
    const { said, ran } = await run(
      unpersistSessions,
      { agent1: [[['removed', '']]], agent2: [[['absent', '']]] },
      { declared: [] },
    );
    expect(said.sort()).toEqual([
      'agent1 done: no sessions come back by themselves any more; those that run go on',
      'agent2 unchanged: no sessions come back by themselves',
    ]);
    expect(ran('agent1')[0]?.text.toString()).not.toContain('close-session');
  });

  it('shows what it would take away in a dry run, and takes nothing', async () => {
    const { said, shown, ran } = await run(
      unpersistSessions,
      { agent1: [ALL], agent2: [NOTHING] },
      { dryRun: true },
    );
    expect(said.sort()).toEqual([
      'agent1 done: dry run: no sessions come back by themselves. Nothing changed.',
      'agent2 unchanged: no sessions come back by themselves',
    ]);
    expect(shown).toHaveLength(3);
    expect(ran('agent1').map(({ name }) => name)).toEqual(['read the persisted sessions']);
  });

  it.each<[string, Told, string, string]>([
    [
      'what stays',
      [['not-removed', '/etc/dcvops/sessions']],
      '/etc/dcvops/sessions could not be taken away',
      'dcvops exec --sudo agent1 -- ls -la /etc/dcvops/sessions',
    ],
    [
      'that nothing was taken from a unit that goes on',
      [['not-stopped', 'Job for dcvops-sessions.service \u001b[2Jcanceled.']],
      'dcvops-sessions.service does not stop: Job for dcvops-sessions.service ',
      'dcvops exec --sudo agent1 -- systemctl status dcvops-sessions.service --no-pager',
    ],
  ])('tells %s', async (_what, told, message, hint) => {
    const { results } = await run(unpersistSessions, { agent1: [told] });
    expect(results).toMatchObject([{ outcome: 'failed', hint }]);
    expect(results[0]?.message).toContain(message);
    expect(results[0]?.message).not.toContain('\u001b');
  });
});
