import { describe, expect, it } from 'vitest';
import { readAssignment } from '../../../../src/dcv/conf/settings.ts';
import {
  type ConfigContext,
  type ConfigResult,
  changeConfigs,
} from '../../../../src/operations/dcv-config/change.ts';
import { hardenAgents } from '../../../../src/operations/dcv-config/harden.ts';
import type { Confirm } from '../../../../src/report/ask.ts';
import { type Answer, type ScriptedAgents, interrupting, scriptedAgents } from '../scripted-agents.ts';

/* What is begun and what is not, and who is asked before dcvserver is restarted. */

const NONE = '[security]\nauthentication="none"\n';
const facts = (sessions: readonly object[] = [], conf = NONE): Answer => [
  ['conf', Buffer.from(conf).toString('base64')],
  ['conf-mode', '644 root:root'],
  ['running', ''],
  ['sessions', JSON.stringify(sessions)],
];
const IDLE_DESKTOP = { id: 'a', owner: 'jane', type: 'virtual', 'num-of-connections': 0 };
const USED_DESKTOP = { ...IDLE_DESKTOP, 'num-of-connections': 1 };
const WRITTEN: Answer = [
  ['kept', '/k'],
  ['written', ''],
];
const RESTARTED: Answer = [['kept', '/k'], ['restarted', ''], ...WRITTEN];

interface Circumstances extends Partial<Pick<ConfigContext, 'signal' | 'concurrency' | 'confirm'>> {
  readonly restart?: boolean;
}

function change(
  { context, agents }: ScriptedAgents,
  { restart = false, ...circumstances }: Circumstances = {},
): Promise<ConfigResult[]> {
  return changeConfigs(
    { ...context, who: 'anna@laptop', signal: new AbortController().signal, ...circumstances },
    agents,
    {
      wantedOn: () => ({ wanted: [readAssignment('security/authentication=system')], notes: [] }),
      commandFor: ({ name }) => `dcvops dcv config set ${name} …`,
    },
    { dryRun: false, restart, endSessions: false, lockWaitSeconds: 1 },
  );
}

/** Is the script told to restart dcvserver? */
const restarts = (one: ScriptedAgents): string | undefined => one.ran('agent1')[1]?.args?.[2];

describe('the restart that nobody asked for', () => {
  const CHANGE = 'Change dcv.conf on agent1?';
  const RESTART =
    'Without a restart the change counts later. Restart dcvserver on agent1, which ends 1 session?';
  /** Says yes to the change, and this to the restart; undefined: nobody is there to ask. */
  const answering =
    (asked: string[], restart: boolean | undefined): Confirm =>
    (question) => {
      asked.push(question.text);
      if (question.flag === '--yes') return Promise.resolve(true);
      expect(question).toMatchObject({ flag: '--restart', neverByYes: true });
      return restart === undefined
        ? Promise.reject(question.refusal ?? new Error('no refusal'))
        : Promise.resolve(restart);
    };

  it.each([
    ['is done after a yes', true, RESTARTED, 'yes'],
    ['is left after a no', false, WRITTEN, 'no'],
    ['is left where nobody can be asked', undefined, WRITTEN, 'no'],
  ])('%s; the file is written', async (_, answer, told, restarted) => {
    const asked: string[] = [];
    const one = scriptedAgents({ agent1: [facts([IDLE_DESKTOP]), told] });
    const [result] = await change(one, { confirm: answering(asked, answer) });
    expect(asked).toEqual([CHANGE, RESTART]);
    expect(restarts(one)).toBe(restarted);
    expect(result).toMatchObject({
      outcome: 'done',
      message: expect.stringContaining(
        answer === true
          ? 'dcvserver was restarted'
          : 'dcvserver reads the changed dcv.conf at its next start',
      ) as string,
    });
    if (answer !== true) {
      expect(result?.hint).toBe('dcvops dcv config set agent1 … --restart   (ends 1 session)');
    }
  });

  it('is not asked about while somebody is connected', async () => {
    const asked: string[] = [];
    const one = scriptedAgents({ agent1: [facts([USED_DESKTOP]), WRITTEN] });
    const [result] = await change(one, { confirm: answering(asked, true) });
    expect(asked).toEqual([CHANGE]);
    expect(restarts(one)).toBe('no');
    expect(result?.hint).toBe('dcvops dcv config set agent1 … --restart --end-sessions   (ends 1 session)');
  });
});

describe('Ctrl-C', () => {
  it('leaves the agents whose turn has not come; what is begun is finished', async () => {
    const one = scriptedAgents(
      {
        agent1: [facts(), RESTARTED],
        agent2: [facts()],
        agent3: [facts([], '[security]\nauthentication="system"\n')],
      },
      { yes: true },
    );
    const abort = new AbortController();
    const context = { ...one.context, connect: interrupting(one.context.connect, abort) };
    expect(
      await change({ ...one, context }, { signal: abort.signal, concurrency: 1, restart: true }),
    ).toMatchObject([
      { agent: 'agent1', outcome: 'done' },
      {
        agent: 'agent2',
        outcome: 'not-started',
        message: 'not started, since the command was interrupted. Nothing changed.',
        hint: 'dcvops dcv config set agent2 …',
      },
      { agent: 'agent3', outcome: 'unchanged' },
    ]);
    expect(one.ran('agent2').map(({ name }) => name)).toEqual(['read dcv.conf and the sessions']);
  });

  it.each([
    ['agent1', 0],
    ['agent2', 1],
  ])('while %s is read asks nobody anything, and no agent more', async (last, reads) => {
    const abort = new AbortController();
    const one = scriptedAgents({ agent1: [facts()], agent2: [facts()] }, { yes: true });
    const { connect } = one.context;
    const interruptingHere: typeof connect = (host) => {
      if (host.name === last) abort.abort();
      return connect(host);
    };
    const context = { ...one.context, connect: interruptingHere };
    const changed = change({ ...one, context }, { signal: abort.signal, concurrency: 1 });
    await expect(changed).rejects.toMatchObject({ name: 'AbortError' });
    expect(one.ran('agent2')).toHaveLength(reads);
    expect(one.questions).toEqual([]);
  });
});

describe('harden', () => {
  const refused = async (idleMinutes: number | undefined): Promise<string | undefined> => {
    const one = scriptedAgents({ agent1: [facts([USED_DESKTOP])] });
    const [result] = await hardenAgents(
      { ...one.context, who: 'anna@laptop', signal: new AbortController().signal },
      one.agents,
      { dryRun: false, restart: true, endSessions: false, lockWaitSeconds: 1, idleMinutes },
    );
    return result?.hint;
  };

  it('names the same idle timeout in the command to type next', async () => {
    const end = '--restart --end-sessions   (ends those desktops)';
    expect(await refused(30)).toBe(`dcvops dcv harden agent1 --idle-timeout 30 ${end}`);
    expect(await refused(undefined)).toBe(`dcvops dcv harden agent1 ${end}`);
  });
});
