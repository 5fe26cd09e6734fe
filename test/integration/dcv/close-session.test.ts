import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloseCondition, closeScript } from '../../../src/dcv/close-session.ts';
import { kickScript } from '../../../src/dcv/kick-script.ts';
import { parseRecords } from '../../../src/shell/records.ts';
import { type Script, commandLine } from '../../../src/shell/script.ts';
import { words } from '../../../src/shell/shell.ts';

// The host decides at the last moment whether somebody is there: with a `dcv` that says what a table has it say.

const run = promisify(execFile);
let folder: string;

/** Answers of `dcv`, by file: `describe`, `connections` (JSON), `text` (without JSON); no file is a refusal. */
const DCV = `#!/bin/sh
cd "\${0%/*}" || exit 1
case "$*" in
*close-connection*) if [ -e stuck ]; then echo 'It cannot be' >&2; exit 1; fi; echo '[]' >connections ;;
*close-session*) rm describe; echo '[]' >sessions; echo closed >>acts ;;
*list-sessions*) cat sessions ;;
*describe-session*) cat describe 2>/dev/null ;;
*list-connections*--json*) cat connections 2>/dev/null ;;
*list-connections*) cat text 2>/dev/null ;;
*) exit 1 ;;
esac
`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-dcv-'));
  await writeFile(path.join(folder, 'dcv'), DCV, { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  await Promise.all(
    ['acts', 'connections', 'text', 'stuck'].map((file) => rm(path.join(folder, file), { force: true })),
  );
  await say('sessions', '[{"id":"desk"}]');
  await say('describe', '{"id":"desk", "last-disconnection-time" : "2026-11-25T09:00:00.25Z"}');
});

function say(file: string, text: string): Promise<void> {
  return writeFile(path.join(folder, file), text);
}

/** The names of what a script told, without those about the sessions that are left. */
async function told(script: Script): Promise<string[]> {
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const { stdout } = await run('sh', ['-c', commandLine(script)], { env });
  return parseRecords(stdout)
    .map(({ name }) => name)
    .filter((name) => !['version', 'sessions'].includes(name));
}

const closes = async (condition: CloseCondition): Promise<string | undefined> =>
  (await told(closeScript('desk', condition))).at(-1);
const acts = (): Promise<string> => readFile(path.join(folder, 'acts'), 'utf8').catch(() => '');

describe('closeScript', () => {
  it.each([
    ['connections', '[]\n'],
    ['connections', '[\n]\r\n'],
    ['connections', '{ "connections": [] }'],
    ['text', 'There are no connections available.\r\n'],
  ])('closes what nobody is connected to: %s %j', async (file, text) => {
    await say(file, text);
    expect(await closes({ endSessions: false })).toBe('closed');
  });

  it.each([
    ['connections', '[{"id":1}]'],
    ['connections', ''],
    ['connections', '** WARNING **\n[]'],
    ['text', 'Connection: 1 (username:jane)'],
    ['text', 'Keine Verbindungen.'],
    ['nothing', 'at all'],
  ])('takes anything else for somebody: %s %j', async (file, text) => {
    await say(file, text);
    expect(await closes({ endSessions: false })).toBe('in-use');
    expect(await acts()).toBe('');
    expect(await closes({ endSessions: true })).toBe('closed');
  });

  it.each<[string, Date | 'never', string]>([
    ['as it was', new Date('2026-11-25T09:00:00.250Z'), 'closed'],
    ['earlier than now', new Date('2026-11-25T08:59:59Z'), 'used-meanwhile'],
    ['never', 'never', 'used-meanwhile'],
  ])(
    'closes what is idle only when its last disconnection was %s',
    async (_what, lastDisconnectedAt, result) => {
      await say('connections', '[]');
      expect(await closes({ endSessions: false, lastDisconnectedAt })).toBe(result);
      expect(await acts()).toBe(result === 'closed' ? 'closed\n' : '');
    },
  );

  it('closes a session that nobody ever opened', async () => {
    await say('connections', '[]');
    await say('describe', '{"id":"desk","last-disconnection-time":""}');
    expect(await closes({ endSessions: false, lastDisconnectedAt: 'never' })).toBe('closed');
  });

  it('does nothing about a session that is not there', async () => {
    await rm(path.join(folder, 'describe'));
    expect(await told(closeScript('desk', { endSessions: true }))).toEqual([]);
    expect(await acts()).toBe('');
  });
});

describe('kickScript', () => {
  const script = kickScript('desk', [
    { connection: '1', command: words(['dcv', 'close-connection', 'desk', '1']) },
  ]);

  it('waits until the connection is gone, and tells who is left', async () => {
    await say('connections', '[{"id":1,"username":"jane"}]');
    expect(await told(script)).toEqual(['connections']);
    expect(await readFile(path.join(folder, 'connections'), 'utf8')).toBe('[]\n');
  });

  it('tells what dcv refused', async () => {
    await say('connections', '[{"id":1,"username":"jane"}]');
    await say('stuck', '');
    expect(await told(script)).toEqual(['refused', 'connections']);
  });
});
