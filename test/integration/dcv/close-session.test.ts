import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSessions } from '../../../src/dcv/agent-facts.ts';
import { dcvCommand } from '../../../src/dcv/run-dcv.ts';
import { type CloseCondition, closeScript } from '../../../src/dcv/session/close.ts';
import { kickScript } from '../../../src/dcv/session/kick.ts';
import { parseRecords } from '../../../src/shell/records.ts';
import type { Script } from '../../../src/shell/script.ts';
import { installPrograms, runWith } from '../host-programs.ts';

// The host decides at the last moment whether somebody is there: with a `dcv` that says what a table has it say.

let folder: string;

/** Answers of `dcv`, by file: `describe`, `connections` (JSON), `text` (without JSON); no file is a refusal. */
const DCV = `#!/bin/sh
cd "\${0%/*}" || exit 1
case "$*" in
*close-connection*) if [ -e stuck ]; then echo 'It cannot be' >&2; exit 1; fi; echo '[]' >connections ;;
*close-session*) rm describe; echo '[]' >sessions; echo closed >>acts ;;
*list-sessions*) if [ -e hung ]; then echo "$*" >>acts; exit 124; fi; cat sessions; echo 'WARN x[3]' >&2 ;;
*describe-session*) cat describe 2>/dev/null ;;
*list-connections*--json*) cat connections 2>/dev/null ;;
*list-connections*) cat text 2>/dev/null ;;
*) exit 1 ;;
esac
`;

beforeAll(async () => {
  folder = await installPrograms({ dcv: DCV });
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  await Promise.all(
    ['acts', 'connections', 'text', 'stuck', 'hung'].map((file) =>
      rm(path.join(folder, file), { force: true }),
    ),
  );
  await say('sessions', '[{"id":"desk"}]');
  await say('describe', '{"id":"desk", "last-disconnection-time" : "2026-11-25T09:00:00.25Z"}');
});

function say(file: string, text: string): Promise<void> {
  return writeFile(path.join(folder, file), text);
}

/** The names of what a script told, without those about the sessions that are left. */
async function told(script: Script): Promise<string[]> {
  return parseRecords(await runWith(folder, script))
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

  it.each([
    ['{"id":"desk","last-disconnection-time":""}', 'closed'],
    ['{"id":"desk","last-disconnection-time" : null}', 'closed'],
    ['{"id":"desk","name":"\\"last-disconnection-time\\":"}', 'closed'],
    ['{"id":"desk","last-disconnection-time":0}', 'used-meanwhile'],
    ['Session: desk', 'used-meanwhile'],
  ])('closes a session only while nobody ever opened it: %s', async (described, result) => {
    await say('connections', '[]');
    await say('describe', described);
    expect(await closes({ endSessions: false, lastDisconnectedAt: 'never' })).toBe(result);
  });

  it('does nothing about a session that is not there', async () => {
    await rm(path.join(folder, 'describe'));
    expect(await told(closeScript('desk', { endSessions: true }))).toEqual([]);
    expect(await acts()).toBe('');
  });
});

describe('the list of sessions', () => {
  it('is without what dcv says beside it', async () => {
    const stdout = await runWith(folder, readSessions());
    expect(parseRecords(stdout)).toContainEqual({ name: 'sessions', value: '[{"id":"desk"}]' });
  });

  it('is not asked for again where dcv hangs', async () => {
    await say('hung', '');
    const stdout = await runWith(folder, readSessions());
    expect(parseRecords(stdout)).toContainEqual({
      name: 'silence',
      value: 'dcv list-sessions did not answer in 20 s',
    });
    expect(await acts()).toBe('list-sessions --json\n');
  });
});

describe('kickScript', () => {
  const script = kickScript('desk', [
    { connection: '1', command: dcvCommand(['dcv', 'close-connection', 'desk', '1']) },
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
