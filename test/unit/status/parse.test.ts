import { describe, expect, it } from 'vitest';
import type { ScriptRecord } from '../../../src/shell/records.ts';
import { parseAgent, parseProxy } from '../../../src/status/parse.ts';

function records(told: readonly (readonly [string, string])[]): ScriptRecord[] {
  return told.map(([name, value]) => ({ name, value }));
}

const HEADING = 'Filesystem     1024-blocks    Used Available Capacity Mounted on';
const df = (line: string): readonly [string, string] => ['disk', `${HEADING}\n${line}\n:0`];

const SYSTEM = [
  ['load', '1.50 4:0'],
  ['memory', 'MemTotal:        8000000 kB\nMemAvailable:    6000000 kB:0'],
  df('/dev/sda1         51475068 9000000  42475068      18% /'),
] as const;

describe('a proxy’s words', () => {
  it('are read', () => {
    const told = records([
      ['unit', 'LoadState=loaded\nActiveState=active'],
      ['nginx', ''],
      ['live', '5de63378e849'],
      ['connections', '12 3'],
      ['down', 'dcv_10_150_248_180\n'],
      ...SYSTEM,
      df('/dev/sda1         51475068 9000000  42475068      18% /'),
    ]);
    expect(parseProxy(told)).toEqual({
      nginx: 'active',
      file: { releaseId: '5de63378e849' },
      connections: 12,
      clients: 3,
      down: ['dcv_10_150_248_180'],
      load: 0.375,
      memoryUsedPercent: 25,
      disks: [
        {
          ...{ mount: '/', device: '/dev/sda1', folders: ['/', '/var/log'], usedPercent: 18 },
          ...{ sizeKiB: 51_475_068, availableKiB: 42_475_068 },
        },
      ],
      silentFolders: [],
    });
  });

  it.each([
    ['active', 'LoadState=loaded\nActiveState=active', []],
    ['active', 'LoadState=loaded\nActiveState=reloading', []],
    ['starting', 'LoadState=loaded\nActiveState=activating', []],
    ['failed', 'LoadState=loaded\nActiveState=failed', ['nginx']],
    ['stopped', 'LoadState=loaded\nActiveState=inactive', ['nginx']],
    ['active', '', ['nginx', 'runs']],
    ['stopped', 'LoadState=not-found\nActiveState=inactive', ['nginx']],
    ['absent', 'LoadState=not-found\nActiveState=inactive', []],
  ])('nginx is %s: %j, %j', (state, unit, names) => {
    const told = records([['unit', unit], ...names.map((name): [string, string] => [name, ''])]);
    expect(parseProxy(told).nginx).toBe(state);
  });

  it('a file that dcvops did not write is one without a release', () => {
    expect(parseProxy(records([['live', '']])).file).toEqual({ releaseId: undefined });
    expect(parseProxy([]).file).toBeUndefined();
  });
});

describe('an agent’s words', () => {
  it('are read', () => {
    const told = records([
      ['version', ''],
      ['sessions', '[{"id":"desk","num-of-connections":2}]'],
      ['unit', 'LoadState=loaded\nActiveState=active'],
      ...SYSTEM,
    ]);
    expect(parseAgent(told)).toMatchObject({
      installed: true,
      service: 'active',
      sessions: [{ id: 'desk', connections: 2 }],
      load: 0.375,
    });
  });

  it('a home whose server is gone is named, and the others are read', () => {
    const other = df('tmpfs 100 1 99 1% /tmp');
    const told = records([df('/dev/a 100 10 90 10% /'), ['disk', ':1'], other, ['disk', ':124']]);
    expect(parseAgent(told)).toMatchObject({
      silentFolders: ['/home'],
      disks: [
        { mount: '/', folders: ['/'] },
        { mount: '/tmp', folders: ['/tmp'] },
      ],
    });
  });

  it('a mount point may hold spaces, a device a share’s name', () => {
    const told = records([df('nas:/vol one 1000 500 500 50% /mnt/my data')]);
    expect(parseAgent(told).disks).toMatchObject([{ device: 'nas:/vol one', mount: '/mnt/my data' }]);
  });
});

// A host that is not well may print anything; the others' lines must not depend on it.
describe('garbage', () => {
  it.each([
    ['nothing', []],
    ['a load without processors', [['load', '0.1 :0']]],
    ['no load', [['load', ' 4:0']]],
    ['no processors at all', [['load', '0.1 0:0']]],
    ['memory of an old kernel', [['memory', 'MemTotal: 8000000 kB:0']]],
    ['memory that is none', [['memory', 'MemTotal: 0 kB\nMemAvailable: 0 kB:0']]],
    ['a disk without a size', [df('none 0 0 0 - /sys')]],
    ['a disk in words', [['disk', 'df: /home: No such file or directory:1']]],
    ['a record that was cut off', [['disk', `${HEADING}\n/dev/a 1`]]],
    ['counts that are none', [['connections', 'many']]],
  ] as const)('%s is not known', (_, told) => {
    const unknown = { load: undefined, memoryUsedPercent: undefined, disks: [], silentFolders: [] };
    expect(parseProxy(records(told))).toMatchObject({ ...unknown, connections: undefined });
    expect(parseAgent(records(told))).toMatchObject(unknown);
  });

  it('a list of sessions that is none is an error that says what was printed', () => {
    const told = records([
      ['version', ''],
      ['sessions', 'Segmentation fault'],
    ]);
    expect(() => parseAgent(told)).toThrow('dcv did not print a list of sessions but "Segmentation fault"');
  });
});
