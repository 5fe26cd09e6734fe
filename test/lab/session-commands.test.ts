import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeScript } from '../../src/dcv/session/close.ts';
import { parseConnections, parseSession } from '../../src/dcv/session/parse.ts';
import { readPngSize } from '../../src/dcv/session/png.ts';
import type { AgentConnections } from '../../src/operations/session/connections.ts';
import { parseRecords } from '../../src/shell/records.ts';
import { commandLine } from '../../src/shell/script.ts';
import type { CommandResult } from './command.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { freshStandin, setFaults } from './support/standin.ts';
import { openViewer } from './support/viewer.ts';

let lab: TestLab;
let agent1: TestHost;
let agent2: TestHost;

const CREATE = 'dcv create-session --user ec2-user --owner ec2-user';

beforeAll(async () => {
  lab = await useLab();
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
  expect((await lab.dcvops(['deploy'])).code).toBe(0);
  await fresh();
});
afterAll(fresh);

async function fresh(): Promise<void> {
  await Promise.all([freshStandin(agent1), freshStandin(agent2)]);
}

const session = (...args: string[]): Promise<CommandResult> => lab.dcvops(['session', ...args]);
const page = (agent: TestHost, id: string): string => `https://10.213.66.188:8443/${agent.address}/#${id}`;
const described = async (id: string): Promise<ReturnType<typeof parseSession>> =>
  parseSession(await agent1.sh(`dcv describe-session --json ${id}`));
const rows = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));

describe('what is set on a session', () => {
  beforeAll(() => agent1.sh(`${CREATE} --name Old desk`));
  afterAll(() => agent1.sh('dcv close-session desk'));

  it('is its name, its screens, its permissions: DCV has them afterwards', async () => {
    const name = `$(id) "Jane's"`;
    expect(await session('rename', 'agent1/desk', name)).toMatchObject({ code: 0 });
    expect(await session('layout', 'agent1/desk', '1440x900,800x600+1440+0')).toMatchObject({ code: 0 });
    expect(await described('desk')).toMatchObject({
      name,
      heads: [
        { width: 1440, height: 900, x: 0, y: 0 },
        { width: 800, height: 600, x: 1440, y: 0 },
      ],
    });
    expect((await session('rename', 'agent1/desk', '--none')).code).toBe(0);
    expect(await described('desk')).toMatchObject({ name: '' });
  });

  it('takes a permissions file of the operator’s, which stays where DCV reads it', async () => {
    await lab.operator.sh(`printf '[permissions]\\n%%owner%% allow builtin\\n' >own.perm`);
    const { code, stderr } = await session('permissions', 'agent1/desk', '--file', 'own.perm');
    const file = '/etc/dcvops/session-files/desk.perm';
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `✔ agent1  desk has the permissions of the file, as ${file}\n`,
    });
    expect(await agent1.sh(`runuser -u dcv -- cat ${file}`)).toBe('[permissions]\n%owner% allow builtin');
    expect(await agent1.sh('ls -A /etc/dcvops/session-files; rm -r /etc/dcvops')).toBe('desk.perm');
  });

  it('is not set on a session that is not there; a near one is named', async () => {
    const { code, stderr } = await session('rename', 'agent1/dsek', 'x');
    expect(code).toBe(1);
    expect(stderr).toContain('there is no session "dsek", did you mean "desk"?');
    expect((await session('layout', 'agent2/desk', '800x600')).stderr).toContain(
      'there is no session "desk"; there are none',
    );
  });

  it('is told by describe, also by a DCV that has no JSON', async () => {
    const { code, stdout } = await session('describe', 'agent1/desk');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^agent1\/desk\n {2}type +virtual\n {2}owner +ec2-user\n/);
    expect(stdout).toMatch(/^ {2}connected +nobody connected$/m);
    expect(stdout).toContain(page(agent1, 'desk'));
    await setFaults(agent1, { 'text-only': true, 'unquoted-ids': true, 'documented-describe': true });
    const old = await session('describe', 'agent1/desk');
    await agent1.sh('rm /etc/dcv-standin/faults.json');
    expect(old.stdout).toMatch(
      /^agent1\/desk\n {2}type +virtual\n {2}owner +ec2-user\n[^]* {2}X display +:\d/,
    );
  });

  it('can be looked at: a PNG of the real display, only for its owner, never over another file', async () => {
    const file = path.join(lab.home, 'agent1-desk.png');
    expect((await session('screenshot', 'agent1/desk')).stderr).toBe(
      '✔ agent1  desk: 1280x800 in agent1-desk.png\n',
    );
    expect(readPngSize(await readFile(file))).toEqual({ width: 1280, height: 800 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await session('screenshot', 'agent1/desk')).stderr).toContain('agent1-desk.png is there already');
    expect((await session('screenshot', 'agent1/desk', '--force', '--max-width=320')).code).toBe(0);
    expect(readPngSize(await readFile(file))).toEqual({ width: 320, height: 200 });
    await rm(file);
    const piped = await lab.operator.sh(
      `${process.execPath} $PROGRAM session screenshot agent1/desk -o - | head -c 8 | od -An -c`,
      {
        env: { PROGRAM: path.resolve('dist/main.js') },
      },
    );
    expect(piped.stdout.replaceAll(' ', '')).toBe('211PNG\\r\\n032\\n\n');
  });
});

describe('people on sessions, through the gateway', () => {
  beforeEach(async () => {
    await fresh();
    await agent1.sh(`${CREATE} desk`);
  });

  it('are told with their own address, and are disconnected while the desktop goes on', async () => {
    await agent2.sh(`${CREATE} quiet`);
    const viewers = await Promise.all([1, 2].map(() => openViewer(lab, page(agent1, 'desk'))));
    const table = rows((await session('connections')).stdout);
    expect(table[0]).toEqual(['AGENT', 'SESSION', 'ID', 'USER', 'FROM', 'FOR', 'IDLE', 'CLIENT']);
    expect(table.slice(1).map((row) => row.slice(0, 5))).toEqual([
      ['agent1', 'desk', '1', 'ec2-user', '10.213.0.10'],
      ['agent1', 'desk', '2', 'ec2-user', '10.213.0.10'],
    ]);
    const wrong = await session('kick', 'agent1/desk', '7');
    expect(wrong.stderr).toMatch(
      /"desk" has no connection 7; connected are 1 \(ec2-user from 10\.213\.0\.10\)/,
    );

    expect((await session('kick', 'agent1/desk', '1')).stderr).toBe(
      '✔ agent1  desk: ec2-user from 10.213.0.10 disconnected\n',
    );
    const left = JSON.parse(
      (await lab.dcvops(['--json', 'session', 'connections', 'agent1/desk'])).stdout,
    ) as AgentConnections[];
    expect(left).toMatchObject([{ agent: 'agent1', connections: [{ session: 'desk', id: '2' }] }]);

    await setFaults(agent1, { 'close-connection-options': true });
    expect((await session('kick', 'agent1/desk', '--user', 'ec2-user')).code).toBe(0);
    await Promise.all(viewers.map(({ gone }) => gone));
    expect((await session('connections')).stdout).toBe('Nobody is connected.\n');
    expect(await described('desk')).toMatchObject({ connections: 0 });
  });

  it('stay when nobody understands how to disconnect them', async () => {
    const viewer = await openViewer(lab, page(agent1, 'desk'));
    await setFaults(agent1, { 'close-connection-help': 'Usage: dcv close-connection [OPTION…] WHOM\n' });
    const { code, stderr } = await session('kick', 'agent1/desk', '--all');
    expect(code).toBe(1);
    expect(stderr).toContain('are not understood. Nobody was disconnected. Its help says:');
    expect(stderr).toContain('Usage: dcv close-connection [OPTION…] WHOM');
    expect(await described('desk')).toMatchObject({ connections: 1 });
    await viewer.leave();
  });

  it('keep their session from being closed, unless that is said', async () => {
    const viewer = await openViewer(lab, page(agent1, 'desk'));
    const refused = await session('close', 'agent1/desk', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      '"desk": 1 person connected (ec2-user from 10.213.0.10). It was not closed.',
    );
    expect(refused.stderr).toContain('dcvops session close agent1/desk --end-sessions');
    expect((await session('idle', '--close', '--yes')).stdout).toBe('No idle sessions.\n');
    expect(await described('desk')).toMatchObject({ connections: 1 });

    const closed = await session('close', 'agent1/desk', '--end-sessions');
    expect(closed).toMatchObject({
      code: 0,
      stderr: '✔ agent1  desk closed; 1 person connected (ec2-user from 10.213.0.10) before\n',
    });
    await viewer.gone;
    expect(await agent1.sh('dcv list-sessions')).toBe('There are no sessions available.');
  });

  it('are never assumed to be away: not by a DCV without JSON, and not after a look that is old', async () => {
    const viewer = await openViewer(lab, page(agent1, 'desk'));
    await setFaults(agent1, { 'text-only': true });
    expect((await session('close', 'agent1/desk')).stderr).toContain('1 person connected (ec2-user from');
    await agent1.sh('rm /etc/dcv-standin/faults.json');
    await viewer.leave();
    expect(parseConnections(await agent1.sh('dcv list-connections -j desk'))).toEqual([]);
    const script = closeScript('desk', { endSessions: false, lastDisconnectedAt: 'never' });
    const { stdout } = await agent1.attempt(commandLine(script));
    expect(parseRecords(stdout).map(({ name }) => name)).toContain('used-meanwhile');
    expect(await described('desk')).toMatchObject({ id: 'desk' });
  });
});

describe('sessions that nobody uses', () => {
  it('are listed, and closed on both agents after a yes', async () => {
    await fresh();
    await Promise.all([agent1.sh(`${CREATE} a; ${CREATE} b`), agent2.sh(`${CREATE} c`)]);
    const listed = rows((await session('idle')).stdout);
    expect(listed.slice(1).map(([agent, id]) => [agent, id])).toEqual([
      ['agent1', 'a'],
      ['agent1', 'b'],
      ['agent2', 'c'],
    ]);
    expect(listed[1]?.at(-1)).toMatch(/^2\d{3}-\d\d-\d\d \d\d:\d\d UTC, never used$/);
    expect((await session('idle', '--older-than', '1h')).stdout).toBe('No idle sessions.\n');
    const unasked = await session('idle', 'agent1', '--older-than', '0s', '--close');
    expect(unasked.code).toBe(1);
    expect(unasked.stderr).toContain('the sessions were not closed. Nothing changed.');
    expect(unasked.stderr).toContain('dcvops session idle agent1 --older-than 0s --close --yes');
    const closed = await session('idle', '--close', '--yes');
    expect(closed).toMatchObject({ code: 0 });
    expect(closed.stderr.trimEnd().split('\n').sort()).toEqual([
      '✔ agent1/a  a closed',
      '✔ agent1/b  b closed',
      '✔ agent2  c closed',
    ]);
    expect((await lab.dcvops(['--json', 'session', 'list'])).stdout).not.toContain('"id"');
  });
});
