import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAgentFacts, readAgentFacts } from '../../../src/dcv/agent-facts.ts';
import { readSessionDetails, renameScript } from '../../../src/dcv/session/act.ts';
import { closeConnection, readUsage } from '../../../src/dcv/session/close-connection.ts';
import { createScript } from '../../../src/dcv/session/create.ts';
import { readForKick, kickScript } from '../../../src/dcv/session/kick.ts';
import { parseConnections, parseSession, parseSessions } from '../../../src/dcv/session/parse.ts';
import { parseRecords } from '../../../src/shell/records.ts';
import { type Script, commandLine } from '../../../src/shell/script.ts';

// The stand-in's `dcv`, without a host: what is read of every version, and under the locale that scripts run in.

const run = promisify(execFile);
const user = userInfo().username;
let folder: string;
let server: ChildProcess;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-standin-'));
  await writeFile(path.join(folder, 'dcv'), dcv(), { mode: 0o755 });
  server = spawn('/usr/bin/python3', [path.join(import.meta.dirname, 'standin-server.py'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (server.stdout !== null) await once(server.stdout, 'data');
});
afterAll(async () => {
  server.stdin?.end();
  await once(server, 'close');
  await rm(folder, { recursive: true });
});

/** The stand-in's own `dcv`, with its files in the folder. */
function dcv(): string {
  return `#!/usr/bin/python3 -IS
import sys
sys.pycache_prefix = ${JSON.stringify(path.join(folder, 'pycache'))}
sys.path.insert(0, ${JSON.stringify(path.resolve('test/lab/dcv-standin'))})
from dcv_standin import paths
paths.CONTROL, paths.FAULTS = ${JSON.stringify(path.join(folder, 'control.sock'))}, ${JSON.stringify(path.join(folder, 'faults.json'))}
from dcv_standin.cli import main
sys.exit(main(sys.argv[1:]))
`;
}

const switches = (faults: object): Promise<void> =>
  writeFile(path.join(folder, 'faults.json'), JSON.stringify(faults));

const environment = (more: object = {}): NodeJS.ProcessEnv => ({
  PATH: `${folder}:${process.env['PATH'] ?? ''}`,
  ...more,
});

/** What a script tells, by name: the last of each. */
async function told(script: Script): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await run('sh', ['-c', commandLine(script)], { env: environment() });
  return new Map(parseRecords(stdout).map(({ name, value }) => [name, value]));
}

/** `dcv` as somebody types it under this locale. */
async function typed(
  locale: object,
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = run(path.join(folder, 'dcv'), args, { env: environment(locale) });
  return child.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
}

function creating(id: string, more: object = {}): Script {
  const session = { id, type: 'virtual', owner: user, user, ...more } as const;
  const script = createScript({ session, startService: false, close: [], endSessions: false });
  const [patience = '', , display = ''] = script.args ?? [];
  return { ...script, args: [patience, '0', display] };
}

describe.each([
  ['2021', '2021.3 (r11591)', false],
  ['2022', '2022.2 (r14521)', false],
  ['2023', '2023.0 (r14852)', false],
  ['2024', '2024.0 (r19030)', false],
  ['2025', '2025.0 (r20103)', true],
])('DCV %s', (like, version, monitor) => {
  it('is understood, with JSON and without', async () => {
    await switches({ like });
    const name = `Büro (${like})`;
    const created = await told(creating('desk', { name, disableLoginMonitor: monitor }));
    const desk = { id: 'desk', owner: user, name };
    expect(parseSessions(created.get('alive') ?? '')).toMatchObject([{ ...desk, connections: 1 }]);

    await switches({ like, 'text-only': true });
    const viewer = { id: '1', username: user, address: '10.0.0.9:4711', forwardedFor: '10.1.2.3' };
    const wanted = { id: 'desk', user, owner: user };
    const { stdout } = await run('sh', ['-c', commandLine(readAgentFacts(wanted))], { env: environment() });
    expect(parseAgentFacts(parseRecords(stdout), wanted)).toMatchObject({
      version: `Amazon DCV ${version}`,
      sessions: [{ ...desk, type: 'virtual' }],
      connections: [viewer],
    });
    const described = (await told(readSessionDetails(['desk']))).get('description') ?? '';
    expect(parseSession(described)).toMatchObject({ ...desk, display: ':7', heads: [{ width: 1280 }] });

    await switches({ like });
    const renamed = await told(renameScript('desk', `Café ${like}`));
    expect(renamed.get('refused')).toBeUndefined();
    expect(parseSessions(renamed.get('sessions') ?? '')).toMatchObject([{ name: `Café ${like}` }]);
    const usage = readUsage((await told(readForKick('desk'))).get('help') ?? '') ?? [];
    const command = closeConnection(usage, { session: 'desk', connection: '1' });
    expect(command.toString()).toBe('dcv close-connection desk 1');
    const left = await told(kickScript('desk', [{ connection: '1', command }]));
    expect(parseConnections(left.get('connections') ?? 'not told')).toEqual([]);
    await typed({}, 'close-session', 'desk');
  });
});

describe('the stand-in', () => {
  beforeAll(async () => {
    await switches({});
    await typed({ LC_ALL: 'C.UTF-8' }, 'create-session', '--name=Büro', 'desk');
  });

  it('says which option an older version does not know', async () => {
    await switches({ like: '2024' });
    const { code, stderr } = await typed({}, 'create-session', '--disable-login-monitor', 'other');
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Unknown option --disable-login-monitor\n/) as string,
    });
    expect(stderr.replace(/^.*\n/, '')).not.toContain('login-monitor');
  });

  it('knows no version that nobody has described', async () => {
    await switches({ like: '2019' });
    expect((await typed({}, 'list-sessions')).stderr).toContain('no such version: 2019');
  });

  it.each([
    ['LC_ALL=C', { LC_ALL: 'C' }, false],
    ['LC_ALL=C, whatever else is set', { LC_ALL: 'C', LC_CTYPE: 'C.UTF-8', LANG: 'C.UTF-8' }, false],
    ['no locale at all', {}, false],
    ['a locale that the host does not have', { LC_ALL: 'xx_XX.UTF-8' }, false],
    ['LANG=C.UTF-8', { LANG: 'C.UTF-8' }, true],
    ['LC_ALL=C.UTF-8', { LC_ALL: 'C.UTF-8', LANG: 'C' }, true],
  ])('is as strict as GLib under %s', async (_what, locale, utf8) => {
    await switches({});
    const [help, list, refused] = await Promise.all([
      typed(locale, 'close-connection', '--help'),
      typed(locale, 'list-sessions', '--json'),
      typed(locale, 'set-name', '--session=desk', '--name=Büro'),
    ]);
    expect(help.stdout).toContain(`dcv close-connection [OPTION${utf8 ? '…' : '?'}] session_id`);
    expect(parseSessions(list.stdout)).toMatchObject([{ name: utf8 ? 'Büro' : 'B?ro' }]);
    expect(refused.code).toBe(utf8 ? 0 : 1);
    if (!utf8) expect(refused.stderr).toMatch(/^Invalid byte sequence in conversion input\n\nUsage:/);
  });
});
