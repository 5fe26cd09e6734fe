import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding, Fix } from '../../../../src/doctor/check.ts';
import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';
import { applyFixes, planFixes } from '../../../../src/operations/doctor/fix.ts';
import { type MendContext, mendInRounds } from '../../../../src/operations/doctor/mend.ts';
import type { OperationEvent } from '../../../../src/report/events.ts';
import { program } from '../../../../src/shell/shell.ts';
import type { Remote } from '../../../../src/ssh/remote.ts';
import { healthySet, hostOf } from '../../doctor/healthy.ts';
import { agent, gatewaySettings, inventoryWith, proxy } from '../../gateway/inventories.ts';

const restart: Fix = {
  kind: 'script',
  host: 'agent1',
  title: 'restart dcvserver',
  undo: undefined,
  endsSessions: true,
  script: { name: 'restart', text: program`systemctl restart dcvserver`, root: true },
};
const finding = (fix: Fix, subject = 'agent1'): Finding => ({
  check: 'agent/x',
  subject,
  severity: 'error',
  seen: 'x',
  remedy: 'y',
  fix,
});

function connected(number: number | undefined): FactSet {
  const set = healthySet();
  const [session] = hostOf(set, 'agent1').agent?.sessions ?? [];
  if (session !== undefined) session.connections = number;
  return set;
}

describe('planning', () => {
  it.each([
    { connections: 0, endSessions: false, doable: 1 },
    { connections: 1, endSessions: false, doable: 0 },
    { connections: undefined, endSessions: false, doable: 0 },
    { connections: 1, endSessions: true, doable: 1 },
  ])('a fix that ends sessions: %o', ({ connections, endSessions, doable }) => {
    const plan = planFixes(connected(connections), [finding(restart)], { endSessions });
    expect([plan.doable.length, plan.withheld.length]).toEqual([doable, 1 - doable]);
  });

  it('an agent whose sessions cannot be asked for may have people on it', () => {
    const set = healthySet();
    const { agent: facts } = hostOf(set, 'agent1');
    if (facts !== undefined) facts.sessions = undefined;
    expect(planFixes(set, [finding(restart)], { endSessions: false }).withheld).toHaveLength(1);
  });

  it('plans the same fix of two findings once', () => {
    expect(
      planFixes(connected(0), [finding(restart), finding(restart)], { endSessions: false }).doable,
    ).toHaveLength(1);
  });
});

describe('mending', () => {
  let folder: string;
  let key: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'dcvops-mend-'));
    key = path.join(folder, 'tom.pem');
    writeFileSync(key, '');
    chmodSync(key, 0o644);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const modeOf = (): string => (statSync(key).mode & 0o777).toString(8);

  /** Facts that say what the file's mode is, and whether dcvserver runs. */
  function facts(): FactSet {
    const set = healthySet();
    const [first] = set.operator.keys;
    if (first !== undefined) Object.assign(first, { path: key, mode: modeOf() });
    return set;
  }

  function context(answer: boolean, events: OperationEvent[]): MendContext {
    return {
      inventory: inventoryWith(proxy(), [agent('agent1', '10.150.248.180')], gatewaySettings()),
      connect: () => Promise.reject(new Error('no host is asked here')),
      emit: (event) => events.push(event),
      confirm: () => Promise.resolve(answer),
      concurrency: 4,
      who: 'anna@laptop',
      lookAgain: () => Promise.resolve(facts()),
    };
  }

  it('shows the plan, does it, looks again, and tells what changed', async () => {
    const events: OperationEvent[] = [];
    const mended = await mendInRounds(context(true, events), facts(), { endSessions: false });
    expect(modeOf()).toBe('600');
    expect(mended.diagnosis.findings).toEqual([]);
    expect(mended.results).toMatchObject([{ outcome: 'done', finding: { check: 'operator/key-mode' } }]);
    expect(events.map((event) => (event.type === 'note' ? event.message : ''))).toEqual([
      expect.stringMatching(/^.*mode 644: would .*600.*undo: /),
      expect.stringMatching(/^mended: /),
    ]);
  });

  it('changes nothing after a no', async () => {
    const mended = mendInRounds(context(false, []), facts(), { endSessions: false });
    await expect(mended).rejects.toMatchObject({ code: 'failed', message: 'nothing was changed.' });
    expect(modeOf()).toBe('644');
  });

  it('says that there is nothing to mend when only a person can', async () => {
    const set = healthySet();
    hostOf(set, 'gateway').proxy = undefined;
    set.operator.keys = [{ path: key, hosts: ['agent1'], state: 'missing', encrypted: false }];
    const events: OperationEvent[] = [];
    const mended = await mendInRounds(context(true, events), set, { endSessions: false });
    expect(mended.results).toEqual([]);
    expect(events).toMatchObject([
      { message: 'there is nothing that --fix could mend; nothing was changed' },
    ]);
  });

  it('a fix that fails is told with what the host said, and stops no other', async () => {
    const broken: Remote = {
      name: 'agent1',
      run: () => Promise.resolve({ code: 5, stdout: '', stderr: 'Unit dcvserver.service not found.\n' }),
    } as unknown as Remote;
    const results = await applyFixes({ ...context(true, []), connect: () => Promise.resolve(broken) }, [
      { finding: finding(restart), fix: restart },
      {
        finding: finding(restart, 'operator'),
        fix: { kind: 'local-mode', file: key, mode: 0o600, title: 'close it', undo: undefined },
      },
    ]);
    expect(results).toMatchObject([
      { outcome: 'failed', message: 'Unit dcvserver.service not found.' },
      { outcome: 'done' },
    ]);
    expect(modeOf()).toBe('600');
  });

  const LISTED =
    'version\n|\n.\nsessions\n|[{"id":"jane","owner":"jane","type":"virtual"}]\n.\naccount\n|jane\n.\npassword\n|P\n.\n';
  it.each<[string, string, object]>([
    ['came back meanwhile', LISTED, { outcome: 'done', message: '' }],
    [
      'cannot be created, as DCV is gone',
      '',
      { outcome: 'failed', message: 'DCV is not installed. Nothing changed.' },
    ],
  ])('of declared sessions: one that %s', async (_what, stdout, result) => {
    const agent1 = agent('agent1', '10.150.248.180', {
      sessions: [{ id: 'jane', type: 'virtual', user: 'jane', owner: 'jane' }],
    });
    const remote = {
      name: 'agent1',
      run: () => Promise.resolve({ code: 0, stdout, stderr: '' }),
    } as unknown as Remote;
    const fix: Fix = { kind: 'restore-sessions', host: 'agent1', title: 'create jane', undo: undefined };
    const results = await applyFixes(
      {
        ...context(true, []),
        inventory: inventoryWith(proxy(), [agent1], gatewaySettings()),
        connect: () => Promise.resolve(remote),
      },
      [{ finding: finding(fix), fix }],
    );
    expect(results).toMatchObject([result]);
  });
});
