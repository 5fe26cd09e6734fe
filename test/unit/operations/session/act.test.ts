import { describe, expect, it } from 'vitest';
import type { AgentHost } from '../../../../src/inventory/types.ts';
import { permitSessions } from '../../../../src/operations/session/act.ts';
import type { SessionContext } from '../../../../src/operations/session/context.ts';
import type { SessionResult } from '../../../../src/operations/session/targets.ts';
import type { Script } from '../../../../src/shell/script.ts';
import type { RunOptions } from '../../../../src/ssh/remote.ts';

type Told = readonly (readonly [name: string, value: string])[];

const LISTED: Told = [
  ['version', ''],
  ['sessions', '[{"id":"desk"},{"id":"../desk"}]'],
];
const FILE = Buffer.from('[permissions]\n');

/** Gives a session the permissions of a file, on an agent that answers like this. */
async function permit(
  told: Told,
  id = 'desk',
): Promise<SessionResult & { script: Script | undefined; stdin: RunOptions['stdin'] }> {
  let ran: { script: Script; stdin: RunOptions['stdin'] } | undefined;
  const run = (script: Script, { stdin }: RunOptions): Promise<unknown> => {
    ran = { script, stdin };
    const stdout = told.map(([name, value]) => `${name}\n|${value}\n.\n`).join('');
    return Promise.resolve({ code: 0, stdout, stderr: '' });
  };
  const context = {
    connect: () => Promise.resolve({ run }),
    emit: () => undefined,
    concurrency: 1,
  } as unknown as SessionContext;
  const [result] = await permitSessions(context, [{ agent: { name: 'agent1' } as AgentHost, id }], FILE);
  if (result === undefined) throw new Error('nothing came of it');
  return { ...result, script: ran?.script, stdin: ran?.stdin };
}

describe('what is done to a session', () => {
  it('is told with the place of the file that it took', async () => {
    expect(await permit([['did', ''], ...LISTED])).toMatchObject({
      outcome: 'done',
      message: 'desk has the permissions of the file, as /etc/dcvops/session-files/desk.perm',
      stdin: FILE,
    });
  });

  it('puts a file nowhere but beside the others, whatever the id', async () => {
    const { script } = await permit([['did', ''], ...LISTED], '../desk');
    expect(script?.args?.[0]).toBe('/etc/dcvops/session-files/..%2Fdesk.perm');
  });

  it.each<[string, Told, string, string]>([
    [
      'dcv refused',
      [['refused', 'Could not set permissions. No'], ...LISTED],
      'dcv refused to set the permissions: No',
      'dcvops exec --sudo agent1 -- tail -n 30 /var/log/dcv/server.log',
    ],
    [
      'there is no room in /run',
      [['failed', 'cannot create a directory in /run']],
      'cannot create a directory in /run on the agent. Nothing changed.',
      'dcvops exec agent1 -- df -h /run',
    ],
    [
      'there is no room for the file',
      [['not-placed', '/etc/dcvops/session-files/desk.perm']],
      '/etc/dcvops/session-files/desk.perm could not be written on the agent. Nothing changed.',
      'dcvops exec agent1 -- df -h /etc',
    ],
    [
      'DCV is not installed',
      [],
      'DCV is not installed.',
      'install nice-dcv-server, nice-xdcv and nice-dcv-web-viewer there',
    ],
  ])('fails, with the reason and what to do, where %s', async (_, told, message, hint) => {
    expect(await permit(told)).toMatchObject({ outcome: 'failed', message, hint });
  });
});
