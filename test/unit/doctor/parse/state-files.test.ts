import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STATE_FILE_NAMES } from '../../../../src/doctor/collect/state-files.ts';
import { parseFilesAmiss } from '../../../../src/doctor/parse/files-beside.ts';
import { readProbes } from '../../../../src/doctor/parse/probes.ts';
import { parseStateFiles } from '../../../../src/doctor/parse/state-files.ts';
import { POOL_FILE, markPool, poolServers } from '../../../../src/gateway/config/default-agents.ts';
import { fileLine } from '../../../../src/gateway/release.ts';
import { STATE_FILES } from '../../../../src/gateway/state.ts';
import { SAY, parseRecords } from '../../../../src/shell/records.ts';
import { agent } from '../../gateway/inventories.ts';

const KEYS = ['dcv_10_0_0_1', 'dcv_10_0_0_2'] as const;
const SERVERS =
  poolServers({
    kind: 'pool',
    members: ['10.0.0.1', '10.0.0.2'].map((host, index) => ({ agent: agent(`a${index}`, host), weight: 1 })),
  }) ?? '';
const WITH_POOL = `${fileLine(POOL_FILE, SERVERS)}\n`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dcvops-state-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What is read of a host whose gateway has this header, and these files in its state folder. */
function read(config: string, files: Readonly<Record<string, string>>): ReturnType<typeof parseStateFiles> {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, 'state', name, '..'), { recursive: true });
    writeFileSync(join(folder, 'state', name), content);
  }
  writeFileSync(join(folder, 'live'), config);
  const script = [SAY, 'live=$1; tell() { say "$1" "$2:0"; }', STATE_FILE_NAMES].join('\n');
  const inFolder = script.replaceAll(STATE_FILES, join(folder, 'state'));
  const output = execFileSync('sh', ['-euc', inFolder, 'sh', join(folder, 'live')], { encoding: 'utf8' });
  expect(output).not.toContain('hunter2');
  return parseStateFiles(readProbes(parseRecords(output)), config);
}

// The facts may be printed and sent around: of the users and the secret no more than that they are there.
describe('state files of the gateway', () => {
  it('are told by name alone', () => {
    expect(
      read('# release: 3f9a1c0d5e7b\n', { users: 'hunter2', 'login/accept.map': 'hunter2', 'out/dcv_x': '' }),
    ).toEqual({ state: ['login/accept.map', 'out/dcv_x', 'users'] });
  });

  it('are none where there is no folder, and not known from facts of before they were told', () => {
    expect(read('# release: 3f9a1c0d5e7b\n', {})).toEqual({ state: [] });
    expect(parseStateFiles(readProbes([]), WITH_POOL)).toEqual({});
  });
});

// A pool that follows its marks is as it should be: a deploy that "mends" it would cost a reload.
describe('the pool’s servers', () => {
  const down = [KEYS[1]];

  it.each([
    ['as deployed', SERVERS, { isThere: true, asReleased: true, keys: KEYS, down: [] }],
    ['one marked', markPool(SERVERS, new Set(down)), { isThere: true, asReleased: true, keys: KEYS, down }],
    [
      'changed by hand',
      SERVERS.replace('weight=1', 'weight=9'),
      { isThere: true, asReleased: false, keys: KEYS, down: [] },
    ],
  ])('%s', (_, content, expected) => {
    expect(read(WITH_POOL, { 'pool.conf': content }).pool).toEqual(expected);
  });

  it('that are gone', () => {
    expect(read(WITH_POOL, { users: '' }).pool).toMatchObject({ isThere: false, asReleased: false });
  });

  it('are no page that was changed', () => {
    expect(parseFilesAmiss(`${'0'.repeat(64)}  ${POOL_FILE}\n`, WITH_POOL)).toEqual([]);
  });
});
