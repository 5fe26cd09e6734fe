import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { awaitDisplayScript } from '../../../src/dcv/session/create.ts';
import { type ScriptRecord, parseRecords } from '../../../src/shell/records.ts';
import { commandLine } from '../../../src/shell/script.ts';
import { installPrograms, runWith } from '../host-programs.ts';

let folder: string;

/** Without a file `describe` there is no session; with `once` that is told once. */
const DCV = `#!/bin/sh
cd "\${0%/*}" || exit 1
case "$*" in
*list-sessions*) echo '[{"id":"desk"}]' ;;
*describe-session*--json*) cat describe 2>/dev/null && if [ -e once ]; then rm describe; fi ;;
*) exit 1 ;;
esac
`;

beforeAll(async () => {
  folder = await installPrograms({ dcv: DCV });
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  await Promise.all(['describe', 'once'].map((name) => rm(path.join(folder, name), { force: true })));
  await rm(path.join(folder, 'log'), { recursive: true, force: true });
  await mkdir(path.join(folder, 'log'));
});

async function told(type: 'virtual' | 'console'): Promise<ScriptRecord[]> {
  const script = awaitDisplayScript({ id: 'desk', type, user: 'jane', owner: 'jane' });
  // the logs are in this test's folder
  return parseRecords(
    await runWith(folder, commandLine(script).replaceAll('/var/log/dcv/', `${folder}/log/`)),
  );
}

async function logsTold(...there: readonly string[]): Promise<string[]> {
  await Promise.all(there.map((file) => writeFile(path.join(folder, 'log', file), 'a line\n')));
  return (await told('virtual')).flatMap(({ name, value }) => (name === 'log' ? [path.basename(value)] : []));
}

describe('awaitDisplayScript', () => {
  it('is content with a console session of which DCV tells no display', async () => {
    await writeFile(path.join(folder, 'describe'), '{"id":"desk"}');
    expect(await told('console')).toEqual([
      { name: 'answering', value: '' },
      { name: 'awaited', value: '' },
      { name: 'display', value: '' },
      { name: 'alive', value: '[{"id":"desk"}]' },
    ]);
  });

  it('tells of one that ends while it waits that it is gone, not that it lives', async () => {
    await writeFile(path.join(folder, 'describe'), '{"id":"desk"}');
    await writeFile(path.join(folder, 'once'), '');
    expect((await told('virtual')).map(({ name }) => name)).toEqual(['answering', 'awaited', 'gone']);
  });

  it('tells that a session is gone, by its own logs and the server’s; those of "my.desk" are another’s', async () => {
    const own = ['Xdcv.jane.desk.log', 'agent.jane.desk.log'];
    const others = ['agent.jane.my.desk.log', 'agent.bob.jane.desk.log', 'agent.joe.desk.log'];
    expect(await logsTold(...own, ...others, 'server.log')).toEqual([...own, 'server.log']);
  });

  it('takes what ends like its logs where they are named after another user', async () => {
    expect(await logsTold('agent.corp-jane.desk.log', 'agent.jane.desktop.log')).toEqual([
      'agent.corp-jane.desk.log',
    ]);
  });
});
