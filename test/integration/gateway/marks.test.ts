import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AgentOrder,
  type MarksScope,
  type ProxyMarks,
  encodeOrders,
  marksScript,
  parseMarks,
} from '../../../src/gateway/state-script.ts';
import { parseRecords } from '../../../src/shell/records.ts';

const A = { host: '10.0.0.1' };
const B = { host: '10.0.0.2' };
const SIX = { host: 'fd00::3' };

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'dcvops-marks-'));
  mkdirSync(path.join(root, 'nginx'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function run(orders: readonly AgentOrder[], scope: MarksScope): ReturnType<typeof spawnSync> {
  const places = { gateway: `${root}/nginx/dcv-gateway`, lock: `${root}/lock`, records: `${root}/records` };
  const { text, args = [] } = marksScript({ who: 'anna@laptop', lockWaitSeconds: 0, scope, places });
  return spawnSync('sh', ['-c', text.toString(), 'dcvops', ...args], {
    input: encodeOrders(orders),
    encoding: 'utf8',
  });
}

function marks(orders: readonly AgentOrder[], scope: MarksScope = 'all'): ProxyMarks {
  const { stdout, stderr } = run(orders, scope);
  expect(stderr).toBe('');
  const found = parseMarks(parseRecords(String(stdout)));
  if (found === undefined) throw new Error(`the script failed: ${String(stdout)}`);
  return found;
}

const file = (name: string): string => path.join(root, 'nginx/dcv-gateway/state', name);
const content = (name: string): string => readFileSync(file(name), 'utf8');
const folders = (): Record<string, string[]> =>
  Object.fromEntries(
    ['maintenance', 'draining', 'down', 'out'].map((name) => [
      name,
      existsSync(file(name)) ? readdirSync(file(name)).sort() : [],
    ]),
  );

// A mark that stays behind keeps people off an agent that is well; one that is lost sends them to one that is worked on.
describe('the marks of agents', () => {
  it('are files that nginx finds, and one that the portal reads', () => {
    const { before, after } = marks([
      { agent: A, state: 'maintenance', health: 'keep' },
      { agent: B, state: 'in-service', health: 'down' },
      { agent: SIX, state: 'draining', health: 'down' },
    ]);
    expect([...before]).toEqual([]);
    expect([...after]).toEqual([
      ['dcv_10_0_0_1', 'maintenance'],
      ['dcv_fd00__3', 'draining'],
      ['dcv_10_0_0_2', 'down'],
    ]);
    expect(folders()).toEqual({
      maintenance: ['dcv_10_0_0_1'],
      draining: ['dcv_fd00__3'],
      down: ['dcv_10_0_0_2'],
      out: ['dcv_10_0_0_1', 'dcv_10_0_0_2', 'dcv_fd00__3'],
    });
    expect(JSON.parse(content('agents.json'))).toEqual({
      '10.0.0.1': 'maintenance',
      'fd00::3': 'draining',
      '10.0.0.2': 'down',
    });
    expect(statSync(file('maintenance/dcv_10_0_0_1')).mode & 0o777).toBe(0o644);
    expect(statSync(file('out')).mode & 0o777).toBe(0o755);
    expect(statSync(file('agents.json')).mode & 0o777).toBe(0o644);
  });

  it('set again change nothing, and are no line in the audit log', () => {
    const orders: AgentOrder[] = [{ agent: A, state: 'maintenance', health: 'keep' }];
    marks(orders);
    const { mtimeMs, ino } = statSync(file('agents.json'));
    const audit = readFileSync(`${root}/records/audit.log`, 'utf8');
    expect(audit).toMatch(/^\S+Z anna@laptop marked: dcv_10_0_0_1 maintenance\n$/);
    expect([...marks(orders).before]).toEqual([['dcv_10_0_0_1', 'maintenance']]);
    expect(statSync(file('agents.json'))).toMatchObject({ mtimeMs, ino });
    expect(readFileSync(`${root}/records/audit.log`, 'utf8')).toBe(audit);
  });

  it('of the inventory leave who is down, but not agents that are gone or out of service', () => {
    marks([A, B, SIX].map((agent) => ({ agent, state: 'in-service', health: 'down' })));
    const { after } = marks([
      { agent: A, state: 'in-service', health: 'keep' },
      { agent: B, state: 'maintenance', health: 'keep' },
    ]);
    expect([...after]).toEqual([
      ['dcv_10_0_0_2', 'maintenance'],
      ['dcv_10_0_0_1', 'down'],
    ]);
    expect(folders()).toEqual({
      maintenance: ['dcv_10_0_0_2'],
      draining: [],
      down: ['dcv_10_0_0_1'],
      out: ['dcv_10_0_0_1', 'dcv_10_0_0_2'],
    });
  });

  it('of health leave what the inventory says, as it is on the host by now, and agents that it knows nothing of', () => {
    marks([
      { agent: A, state: 'maintenance', health: 'keep' },
      { agent: SIX, state: 'draining', health: 'keep' },
    ]);
    const { after } = marks(
      [
        { agent: A, state: 'keep', health: 'down' },
        { agent: B, state: 'keep', health: 'down' },
      ],
      'ordered',
    );
    expect([...after]).toEqual([
      ['dcv_10_0_0_1', 'maintenance'],
      ['dcv_fd00__3', 'draining'],
      ['dcv_10_0_0_2', 'down'],
    ]);
    expect(folders()['down']).toEqual(['dcv_10_0_0_2']);
  });

  it('all taken away leave nothing behind', () => {
    marks([{ agent: A, state: 'maintenance', health: 'keep' }]);
    expect([...marks([{ agent: A, state: 'in-service', health: 'up' }]).after]).toEqual([]);
    expect(folders()).toEqual({ maintenance: [], draining: [], down: [], out: [] });
    expect(content('agents.json')).toBe('{}\n');
  });

  it('made by hand count, and say nothing that is no address', () => {
    for (const [name, text] of [
      ['maintenance/dcv_10_0_0_1', ''],
      ['down/dcv_10_0_0_2', '","x":"'],
    ] as const) {
      mkdirSync(path.dirname(file(name)), { recursive: true });
      writeFileSync(file(name), text);
    }
    marks([], 'ordered');
    expect(folders()['out']).toEqual(['dcv_10_0_0_1', 'dcv_10_0_0_2']);
    expect(content('agents.json')).toBe('{}\n');
  });

  it('are only told by a look, with the pool and the last reload', () => {
    mkdirSync(file(''), { recursive: true });
    mkdirSync(`${root}/records`);
    writeFileSync(file('pool.conf'), '# pool\nserver 10.0.0.1:8443;\n');
    writeFileSync(
      `${root}/records/audit.log`,
      '2026-01-01T10:00:00Z anna@laptop deployed 3f9a1c0d5e7b\n2026-01-01T11:00:00Z anna@laptop marked: none\n',
    );
    const { after, pool, lastReload, now } = marks(
      [{ agent: A, state: 'maintenance', health: 'keep' }],
      'read',
    );
    expect([...after]).toEqual([]);
    expect(pool).toBe('# pool\nserver 10.0.0.1:8443;\n');
    expect(lastReload).toEqual(new Date('2026-01-01T10:00:00Z'));
    expect(now.getTime()).toBeGreaterThan(lastReload?.getTime() ?? Infinity);
    expect(existsSync(`${root}/lock`)).toBe(false);
  });

  it.each<[string, boolean]>([
    ['deployed 3f9a1c0d5e7b', true],
    ['undid 3f9a1c0d5e7b: interrupted', true],
    ['reloaded for 3f9a1c0d5e7b', true],
    ['reloaded for the logins', true],
    ['removed user anna', false],
    ['marked: none', false],
  ])('are told with when nginx was reloaded: %s', (what, expected) => {
    mkdirSync(`${root}/records`);
    writeFileSync(`${root}/records/audit.log`, `2026-01-01T10:00:00Z anna@laptop ${what}\n`);
    expect(marks([], 'read').lastReload !== undefined).toBe(expected);
  });

  it('are left as they are while a deploy is at work, whose owner is named', () => {
    writeFileSync(`${root}/lock`, 'ben@desk, since noon\n');
    const places = { gateway: `${root}/nginx/dcv-gateway`, lock: `${root}/lock`, records: `${root}/records` };
    const { text, args = [] } = marksScript({ who: 'anna@laptop', lockWaitSeconds: 0, scope: 'all', places });
    const { status, stdout } = spawnSync(
      'flock',
      [`${root}/lock`, 'sh', '-c', text.toString(), 'dcvops', ...args],
      {
        input: encodeOrders([{ agent: A, state: 'maintenance', health: 'keep' }]),
        encoding: 'utf8',
      },
    );
    expect(status).toBe(1);
    expect(parseRecords(stdout)).toEqual([{ name: 'locked', value: 'ben@desk, since noon' }]);
    expect(folders()['maintenance']).toEqual([]);
  });

  it('need nginx', () => {
    rmSync(path.join(root, 'nginx'), { recursive: true });
    const { status, stdout } = run([{ agent: A, state: 'maintenance', health: 'keep' }], 'all');
    expect(status).toBe(1);
    expect(parseRecords(String(stdout))).toEqual([{ name: 'failed', value: 'nginx is not installed here' }]);
  });
});
