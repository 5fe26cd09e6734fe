import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FlavorName } from '../../../../src/doctor/desktop/flavors.ts';
import type { InstallState } from '../../../../src/doctor/desktop/state.ts';
import { DcvopsError } from '../../../../src/errors.ts';
import { expectEndedWell } from '../../../../src/operations/desktop/carry-out.ts';
import { installDesktops } from '../../../../src/operations/desktop/install.ts';
import type { OperationEvent } from '../../../../src/report/events.ts';
import type { Remote } from '../../../../src/ssh/remote.ts';
import { GOOD, changed, parse } from '../../inventory/texts.ts';

/** What agents tell and what becomes of it: a distribution, the unit of an installation at each look, what happens on a start. */
interface Scene {
  readonly distribution: string;
  readonly units?: readonly string[];
  /** Does the agent have the desktop of its fixture? */
  readonly desktop?: boolean;
  readonly onStart?: () => void;
}

const NO_UNIT = 'unit\n|LoadState=not-found\n.\n';
const unit = (sub: string, flavor = 'openbox'): string =>
  `unit\n|LoadState=loaded\n|ActiveState=active\n|SubState=${sub}\n` +
  `|Description=dcvops desktop install: ${flavor}, by bob@desk\n.\n`;
const HAS_OPENBOX = 'packages\n|installed openbox\n|installed xterm\n.\n';

/** An agent that tells what a fixture tells. What it is asked to run is noted. */
function agentLike(name: string, scene: Scene, ran: string[]): Remote {
  const path = new URL(`../../../fixtures/doctor/${scene.distribution}/agent.txt`, import.meta.url);
  const told = readFileSync(path, 'utf8');
  const facts =
    scene.desktop === true ? told : told.replaceAll('/usr/share/xsessions/', '/usr/share/nothing/');
  const units = [...(scene.units ?? [])];
  const answer = (script: string): string => {
    if (script === 'read the facts') return facts;
    if (script !== 'start the installation') return units.shift() ?? NO_UNIT;
    scene.onStart?.();
    return 'started\n|\n.\n';
  };
  const unused = (): never => {
    throw new Error('nothing is to be tunnelled or talked with');
  };
  return {
    name,
    run: ({ name: script }, { onOutput } = {}) => {
      ran.push(script);
      const stdout = answer(script);
      onOutput?.('stdout', stdout);
      return Promise.resolve({ code: 0, stdout, stderr: '' });
    },
    converse: unused,
    follow: () =>
      Promise.resolve({
        stdout: (async function* () {
          yield* await Promise.resolve([Buffer.from('Setting up openbox\n')]);
        })(),
        end: () => undefined,
        finished: Promise.resolve({ code: 0, stderr: '' }),
      }),
    tunnel: unused,
    close: () => undefined,
  };
}

interface Run {
  readonly events: OperationEvent[];
  readonly ran: string[];
  readonly asked: string[];
}

interface Asked {
  readonly scene: Scene;
  readonly answer?: boolean;
  readonly agents?: number;
  readonly flavor?: FlavorName;
  readonly signal?: AbortSignal;
  readonly inventory?: string;
}

async function install({ scene, ...asked }: Asked, ran: string[] = []): Promise<Run> {
  const inventory = await parse(asked.inventory ?? GOOD);
  const run: Run = { events: [], ran, asked: [] };
  const connect = ({ name }: { name: string }): Promise<Remote> =>
    Promise.resolve(agentLike(name, scene, run.ran));
  await installDesktops(
    {
      ...{ inventory, connect, concurrency: 1, env: {}, roots: [], who: 'anna@laptop' },
      pool: { connect, route: () => Promise.resolve([]), connectTimeoutMs: 10_000 },
      signal: asked.signal ?? new AbortController().signal,
      emit: (event) => run.events.push(event),
      confirm: ({ text }) => {
        run.asked.push(text);
        return Promise.resolve(asked.answer ?? false);
      },
    },
    inventory.agents.slice(0, asked.agents ?? 1),
    { flavor: asked.flavor, endSessions: false, dryRun: false },
  );
  return run;
}

function outcomesOf({ events }: Run): object[] {
  return events.flatMap((event) => {
    if (event.type !== 'outcome') return [];
    const { host, outcome, message, hint } = event;
    return [{ host, outcome, message, hint }];
  });
}

const READS = ['look for an installation of a desktop', 'read the facts'];

describe('installDesktops', () => {
  it('prints the plan for a distribution that nobody tried, asks nothing and runs nothing', async () => {
    const { events, ran, asked } = await install({ scene: { distribution: 'rocky-9' } });
    expect(ran).toEqual(READS);
    expect(asked).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      type: 'outcome',
      outcome: 'failed',
      message: 'the plan was printed and not run: nobody has tried it on Rocky Linux 9.5 (Blue Onyx)',
    });
  });

  it('shows the plan and runs nothing when the answer is no', async () => {
    const ran: string[] = [];
    await expect(install({ scene: { distribution: 'debian-12' } }, ran)).rejects.toThrow(
      'Answered no. Nothing changed.',
    );
    expect(ran).toEqual(READS);
  });

  it('begins nothing more once it is interrupted; what runs goes on, and is said to', async () => {
    const interrupt = new AbortController();
    const onStart = (): void => {
      interrupt.abort();
    };
    const run = await install({
      ...{ scene: { distribution: 'debian-12', onStart }, agents: 2, answer: true, flavor: 'openbox' },
      signal: interrupt.signal,
    });
    expect(run.ran.filter((script) => script === 'start the installation')).toHaveLength(1);
    expect(outcomesOf(run)).toEqual([
      {
        host: 'agent1',
        outcome: 'interrupted',
        message: 'interrupted; the installation goes on without us',
        hint: 'dcvops desktop install agent1   (follows it)',
      },
      {
        host: 'agent2',
        outcome: 'not-started',
        message: 'not started, since the command was interrupted. Nothing changed.',
        hint: 'dcvops desktop install agent2 --flavor openbox',
      },
    ]);
  });
});

describe('installDesktops where an installation runs already', () => {
  const scene: Scene = {
    ...{ distribution: 'debian-12', desktop: true },
    units: [unit('running'), unit('exited'), `${unit('exited')}${HAS_OPENBOX}`],
  };
  const ended = '"dcvops desktop install: openbox, by bob@desk" ended well';

  it('follows it, and has what was asked when that is what ran, or no desktop was named', async () => {
    for (const flavor of ['openbox', undefined] as const) {
      const run = await install({ scene, ...(flavor === undefined ? {} : { flavor }) });
      expect(run.ran).not.toContain('start the installation');
      expect(outcomesOf(run)).toEqual([
        { host: 'agent1', outcome: 'done', message: ended, hint: 'dcvops session create agent1' },
      ]);
    }
  });

  it('follows it, and says what is left when another desktop was asked for', async () => {
    const run = await install({ scene, flavor: 'xfce' });
    expect(outcomesOf(run)).toEqual([
      {
        host: 'agent1',
        outcome: 'failed',
        message: `${ended}; for xfce there is left: install xfce4, xfce4-terminal, dbus-x11 (apt-get)`,
        hint: 'dcvops desktop install agent1 --flavor xfce',
      },
    ]);
  });

  it('names the sessions that are declared as the next thing to make', async () => {
    const inventory = changed('tags: [ubuntu, gpu] }', 'tags: [gpu], sessions: [{ id: desk }] }');
    const run = await install({ scene, inventory });
    expect(outcomesOf(run)).toEqual([
      expect.objectContaining({ outcome: 'done', hint: 'dcvops session restore agent1' }),
    ]);
  });
});

describe('expectEndedWell: how an installation ended is what systemd says', () => {
  const ENDED: InstallState['run'] = {
    ...{ state: 'ended-well', description: '', since: '', result: 'success', status: 0 },
  };

  it.each<[string, InstallState['run'], string]>([
    ['well', ENDED, 'well'],
    [
      'badly',
      { ...ENDED, state: 'failed', result: 'exit-code', status: 100 },
      'the installation failed (exit-code 100); its last lines:\nE: \\x1b[31mno such package',
    ],
    ['with the host', undefined, 'the installation is gone: the host was restarted, or somebody stopped it'],
    ['not at all', { ...ENDED, state: 'running' }, 'the installation still runs'],
  ])('%s', (_, run, said) => {
    expect(ending(run)).toBe(said);
  });

  function ending(run: InstallState['run']): string {
    try {
      const logEnd = ['E: \x1b[31mno such package'];
      expectEndedWell('agent1', 'dcvops desktop install agent1 --flavor xfce', {
        run,
        installed: [],
        interrupted: false,
        logEnd,
      });
      return 'well';
    } catch (error) {
      if (!(error instanceof DcvopsError)) throw error;
      expect(error.hint).toMatch(/^dcvops desktop install agent1 --flavor xfce {3}\(goes on/);
      return error.message;
    }
  }
});
