import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { InstallState } from '../../../src/doctor/desktop/state.ts';
import { DcvopsError } from '../../../src/errors.ts';
import { expectEndedWell } from '../../../src/operations/desktop/carry-out.ts';
import { installDesktops } from '../../../src/operations/desktop-install.ts';
import type { OperationEvent } from '../../../src/report/events.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { GOOD, parse } from '../inventory/texts.ts';

/** An agent that tells what a fixture tells, without a desktop. What it is asked to run is noted. */
function agentLike(distribution: string, ran: string[]): Remote {
  const path = new URL(`../../fixtures/doctor/${distribution}/agent.txt`, import.meta.url);
  const facts = readFileSync(path, 'utf8').replaceAll('/usr/share/xsessions/', '/usr/share/nothing/');
  const unused = (): never => {
    throw new Error('nothing is to be followed, tunnelled or talked with');
  };
  return {
    name: 'agent1',
    run: ({ name }, { onOutput } = {}) => {
      ran.push(name);
      const stdout = name === 'read the facts' ? facts : 'unit\n|LoadState=not-found\n.\n';
      onOutput?.('stdout', stdout);
      return Promise.resolve({ code: 0, stdout, stderr: '' });
    },
    converse: unused,
    follow: unused,
    tunnel: unused,
    close: () => undefined,
  };
}

interface Run {
  readonly events: readonly OperationEvent[];
  readonly ran: readonly string[];
  readonly asked: readonly string[];
}

async function install(distribution: string, ran: string[] = []): Promise<Run> {
  const inventory = await parse(GOOD);
  const run = { events: [] as OperationEvent[], ran, asked: [] as string[] };
  const remote = agentLike(distribution, run.ran);
  const connect = (): Promise<Remote> => Promise.resolve(remote);
  await installDesktops(
    {
      ...{ inventory, connect, concurrency: 1, env: {}, roots: [], who: 'anna@laptop' },
      pool: { connect, route: () => Promise.resolve([]), connectTimeoutMs: 10_000 },
      signal: new AbortController().signal,
      emit: (event) => run.events.push(event),
      confirm: ({ text }) => {
        run.asked.push(text);
        return Promise.resolve(false);
      },
    },
    inventory.agents.slice(0, 1),
    { flavor: undefined, endSessions: false, dryRun: false },
  );
  return run;
}

const READS = ['look for an installation of a desktop', 'read the facts'];

describe('installDesktops', () => {
  it('prints the plan for a distribution that nobody tried, asks nothing and runs nothing', async () => {
    const { events, ran, asked } = await install('rocky-9');
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
    await expect(install('debian-12', ran)).rejects.toThrow('Answered no. Nothing changed.');
    expect(ran).toEqual(READS);
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
      expectEndedWell('agent1', { run, installed: [], interrupted: false, logEnd });
      return 'well';
    } catch (error) {
      if (!(error instanceof DcvopsError)) throw error;
      return error.message;
    }
  }
});
