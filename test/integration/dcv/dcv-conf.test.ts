import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConfChange, type ConfFacts, parseConfFacts } from '../../../src/dcv/conf/decide-change.ts';
import { type ConfFile, digestOf, readForConfChange } from '../../../src/dcv/conf/file.ts';
import { readAssignment, readSettingName } from '../../../src/dcv/conf/settings.ts';
import { type ConfigResult, changeConfigs } from '../../../src/operations/dcv-config/change.ts';
import { type WrittenConf, writeConf } from '../../../src/operations/dcv-config/write.ts';
import type { DiffEvent, OperationEvent } from '../../../src/report/events.ts';
import { parseRecords } from '../../../src/shell/records.ts';
import type { Script } from '../../../src/shell/script.ts';
import { ShellText } from '../../../src/shell/shell.ts';
import type { Pool } from '../../../src/ssh/pool.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { agent, gatewaySettings, inventoryWith, proxy } from '../../unit/gateway/inventories.ts';
import {
  type Sshd,
  type Workshop,
  createWorkshop,
  hostAt,
  knownLine,
  poolFor,
  startSshd,
  until,
} from '../ssh/sshd.ts';

// The scripts as they run on a host, over a real SSH: a host's places in a folder, and its programs told by files what to say.

let workshop: Workshop;
let sshd: Sshd;
let pool: Pool;
let remote: Remote;
const AGENT = agent('agent1', '127.0.0.1');
const BEFORE = '[security]\nauthentication="none"\n';
const AFTER = '[security]\nauthentication="system"\n';

/** dcvserver has read dcv.conf when it was started; with "bad" in it, it does not start. */
const SYSTEMCTL = `#!/bin/sh
cd "\${0%/*}/../host" || exit 1
case "$*" in
'restart dcvserver.service')
  echo "restart $(grep -c . etc/dcv/dcv.conf)" >>acts
  if [ -f slow ]; then until [ -f go ]; do sleep 0.02; done; fi
  if [ -f broken ] || grep -qs bad etc/dcv/dcv.conf; then echo 'Job failed.' >&2; exit 1; fi ;;
'is-active dcvserver.service') cat active ;;
'show dcvserver.service --property=NRestarts') echo "NRestarts=$(cat crashes)" ;;
'show dcvserver.service --property=ActiveEnterTimestamp') echo "ActiveEnterTimestamp=$(cat started)" ;;
*) exit 1 ;;
esac
`;
const DCV = '#!/bin/sh\ncat "${0%/*}/../host/sessions"\n';
/** Time passes as somebody asks for it. */
const DATE = `#!/bin/sh
if [ -f "\${0%/*}/../host/hurry" ] && [ "$*" = +%s ]; then
  echo . >>"\${0%/*}/../host/hurry"; echo $(($(wc -l <"\${0%/*}/../host/hurry") * 30))
else PATH=/usr/bin:/bin exec date "$@"; fi
`;

const host = (...names: string[]): string => workshop.path(path.join('host', ...names));
const say = (name: string, text: string): Promise<void> => writeFile(host(name), text);
const conf = (): Promise<string> => readFile(host('etc', 'dcv', 'dcv.conf'), 'utf8');
const noted = (name: string): Promise<string> => readFile(host(name), 'utf8').catch(() => '');
const kept = (): Promise<string[]> => readdir(host('state', 'dcv-conf')).catch(() => []);
/** What was done, by the audit log. */
const audit = async (): Promise<string> =>
  (await noted('state/audit.log')).replaceAll(/^\S+Z anna@laptop /gm, '');

beforeAll(async () => {
  workshop = createWorkshop();
  await mkdir(workshop.path('programs'));
  for (const [name, text] of Object.entries({ systemctl: SYSTEMCTL, dcv: DCV, date: DATE })) {
    await writeFile(workshop.path(path.join('programs', name)), text, { mode: 0o755 });
  }
  sshd = await startSshd(workshop);
  workshop.write('known_hosts', knownLine(sshd));
  pool = poolFor(workshop);
  remote = await connect(pool);
});
afterAll(async () => {
  pool.close();
  await sshd.stop();
  workshop.remove();
});

beforeEach(async () => {
  await rm(host(), { recursive: true, force: true });
  await Promise.all(['etc/dcv', 'run', 'state'].map((name) => mkdir(host(name), { recursive: true })));
  await say('etc/dcv/dcv.conf', BEFORE);
  await say('active', 'active\n');
  await say('crashes', '0\n');
  await say('started', '2020-07-21 10:00:00 UTC\n');
  await say('sessions', '[]');
});

/** The host's places are the test's, and so are its programs; nobody needs to be root for that. */
function relocated({ name, text, args = [] }: Script): Script {
  const moved = text
    .toString()
    .replaceAll('/etc/dcv', host('etc', 'dcv'))
    .replaceAll('/var/lib/dcvops', host('state'))
    .replaceAll('/run/dcvops', host('run', 'dcvops'))
    .replaceAll('PATH=/usr/local', `PATH=${workshop.path('programs')}:/usr/local`);
  return { name, args, text: new ShellText(`PATH=${workshop.path('programs')}:$PATH\n${moved}`) };
}

async function connect(through: Pool): Promise<Remote> {
  const knownHosts = workshop.path('known_hosts');
  const real = await through.connect(
    hostAt('agent1', sshd.port, { key: workshop.path('user_key'), knownHosts }),
  );
  return {
    ...real,
    run: (script, options) => real.run(relocated(script), options),
    converse: (script) => real.converse(relocated(script)),
  };
}

const fileOf = (text: string): ConfFile => ({ text, digest: digestOf(text), mode: '644 root:root' });

interface Write {
  readonly before?: ConfFile;
  readonly after?: string;
  readonly restart?: ConfChange['restart'];
  readonly endSessions?: boolean;
  readonly over?: Remote;
}

function write({
  before = fileOf(BEFORE),
  after = AFTER,
  restart = 'now',
  endSessions = false,
  over = remote,
}: Write = {}): Promise<WrittenConf> {
  const change = { before, after, restart } as ConfChange;
  const one = { agent: AGENT, remote: over, change, command: 'dcvops dcv config set agent1 …' };
  return writeConf(one, { who: 'anna@laptop', lockWaitSeconds: 0, endSessions });
}

/** Nothing was changed, and nothing is left of the try. */
async function expectUntouched(): Promise<void> {
  expect(await conf()).toBe(BEFORE);
  expect(await noted('acts')).toBe('');
  await expectTidy();
}

async function expectTidy(): Promise<void> {
  const places = [readdir(host('etc', 'dcv')), readdir(host('run'))] as const;
  const [beside, work] = await Promise.all(places);
  expect(beside.filter((name) => name !== 'dcv.conf')).toEqual([]);
  expect(work.filter((name) => name !== 'dcvops.lock')).toEqual([]);
}

describe('writing dcv.conf on a host', () => {
  it('keeps the file before, and the mode; dcvserver is restarted with the new one', async () => {
    await chmod(host('etc', 'dcv', 'dcv.conf'), 0o640);
    const { kept: path, restarted } = await write();
    expect(restarted).toBe(true);
    expect(await conf()).toBe(AFTER);
    expect((await stat(host('etc', 'dcv', 'dcv.conf'))).mode & 0o777).toBe(0o640);
    expect(await readFile(path ?? '', 'utf8')).toBe(BEFORE);
    expect((await stat(host('state', 'dcv-conf'))).mode & 0o777).toBe(0o700);
    expect(await noted('acts')).toBe('restart 2\n');
    expect(await audit()).toBe(`changed dcv.conf, before: ${path ?? ''}\nrestarted dcvserver\n`);
    await expectTidy();
  });

  it('leaves dcvserver alone where no restart is wanted', async () => {
    expect(await write({ restart: 'later' })).toMatchObject({ restarted: false });
    expect(await noted('acts')).toBe('');
  });

  it('only restarts where the file is right', async () => {
    expect(await write({ after: BEFORE })).toEqual({ kept: undefined, restarted: true });
    expect(await audit()).toBe('restarted dcvserver\n');
    expect(await kept()).toEqual([]);
  });

  it('leaves a file that is not the one that was read', async () => {
    await expect(write({ before: fileOf('# another\n') })).rejects.toMatchObject({
      code: 'failed',
      message: 'dcv.conf was changed by somebody else meanwhile. Nothing changed.',
    });
    await expectUntouched();
  });

  it('waits for the lock no longer than it may, and says who holds it', async () => {
    const hold = `exec 9>>"$1"; flock 9; echo 'jane@desk, since noon' >"$1"; echo; read -r _`;
    const holder = spawn('sh', ['-c', hold, 'sh', host('run', 'dcvops.lock')]);
    await once(holder.stdout, 'data');
    await expect(write()).rejects.toMatchObject({
      code: 'failed',
      message: 'another command is at work here (jane@desk, since noon). Nothing changed.',
      hint: expect.stringMatching(/ --restart$/) as string,
    });
    holder.stdin.end();
    await once(holder, 'close');
    await expectUntouched();
  });

  it('changes nothing where the file before cannot be kept', async () => {
    await say('state/dcv-conf', 'in the way');
    await expect(write()).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/File exists\. Nothing changed\.$/) as string,
    });
    await expectUntouched();
  });

  it.each([
    ['[{"id":"a","num-of-connections":1}]', false, ''],
    ['[{"id":"a","num-of-connections":1}]', true, 'restart 2\n'],
    ['[{"id":"a","num-of-connections":0}]', false, 'restart 2\n'],
  ])('with %s and --end-sessions %s restarts: %j', async (sessions, endSessions, acts) => {
    await say('sessions', sessions);
    expect(await write({ endSessions })).toMatchObject({ restarted: acts !== '' });
    expect(await conf()).toBe(AFTER);
    expect(await noted('acts')).toBe(acts);
    await expectTidy();
  });

  it('makes a file where there is none, which all may read', async () => {
    await rm(host('etc', 'dcv', 'dcv.conf'));
    await rm(host('state'), { recursive: true });
    expect(await write({ before: { text: '', digest: 'absent', mode: '' } })).toEqual({
      kept: undefined,
      restarted: true,
    });
    expect(await conf()).toBe(AFTER);
    expect((await stat(host('etc', 'dcv', 'dcv.conf'))).mode & 0o777).toBe(0o644);
    expect(await audit()).toBe('changed dcv.conf\nrestarted dcvserver\n');
    await expectTidy();
  });

  it('takes that file away again where dcvserver does not start with it', async () => {
    await rm(host('etc', 'dcv', 'dcv.conf'));
    await expect(
      write({ before: { text: '', digest: 'absent', mode: '' }, after: 'bad\n' }),
    ).rejects.toMatchObject({ code: 'undone' });
    expect(await readdir(host('etc', 'dcv'))).toEqual([]);
  });

  it('keeps the last 20', async () => {
    await mkdir(host('state', 'dcv-conf'));
    const old = Array.from({ length: 25 }, (_, n) => `dcv.conf.202001${10 + n}T000000.000000000Z`);
    for (const name of old) await say(`state/dcv-conf/${name}`, name);
    const written = await write({ restart: 'later' });
    expect((await kept()).sort()).toEqual([...old.slice(-19), path.basename(written.kept ?? '')]);
  });
});

describe('a dcvserver that does not come up with the new dcv.conf', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['fails at once', {}, /^dcvserver does not start again: Job failed\.; undone: dcv\.conf is as it was$/],
    ['crashes and is started again', { crashes: '1\n' }, /^dcvserver does not stay up, or does not answer/],
    ['is gone a moment later', { active: 'failed\n' }, /^dcvserver does not stay up, or does not answer/],
    ['never comes up', { active: 'activating\n', hurry: '' }, /^dcvserver does not stay up, or does not/],
  ])('gets the one before back when it %s', async (_, says, message) => {
    for (const [name, text] of Object.entries(says)) await say(name, text);
    const after = `${AFTER}${Object.keys(says).length === 0 ? 'bad\n' : '# new\n'}`;
    await expect(write({ after })).rejects.toMatchObject({
      code: 'undone',
      message: expect.stringMatching(message) as string,
      hint: 'dcvops doctor agent1',
    });
    expect(await conf()).toBe(BEFORE);
    expect(await noted('acts')).toBe('restart 3\nrestart 2\n');
    expect(await audit()).toMatch(/^changed dcv\.conf, before: .*\nundid a change of dcv\.conf: dcvserver /);
    await expectTidy();
  });

  it('is told of when it does not start with that either', async () => {
    await say('broken', '');
    await expect(write()).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(
        /Job failed\.; dcvserver does not start: Job failed\.; it could not be undone$/,
      ) as string,
    });
    expect(await conf()).toBe(BEFORE);
  });
});

describe('a connection that is lost during the restart', () => {
  it.each([
    ['keeps what dcvserver starts with', AFTER, ['restart 2'], 'restarted dcvserver'],
    ['undoes what it does not start with', 'bad\n', ['restart 1', 'restart 2'], 'undid a change of dcv.conf'],
  ])('leaves a host that %s', async (_, after, acts, last) => {
    await say('slow', '');
    const own = poolFor(workshop);
    const lost = expect(write({ after, over: await connect(own) })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/ lost: .*; what the host had begun, it finishes or undoes$/) as string,
      hint: 'dcvops dcv config get agent1   (what came of it)',
    });
    await until('dcvserver is restarted', () => workshop.exists('host/acts'));
    const closed = /Closing connection|Connection closed by|Disconnected from/g;
    const before = sshd.log().match(closed)?.length ?? 0;
    own.close();
    await lost;
    await until('sshd sees it', () => (sshd.log().match(closed)?.length ?? 0) > before);
    await say('go', '');
    await until('the host has finished', () => workshop.read('host/state/audit.log').includes(last));
    expect(await noted('acts')).toBe(acts.map((act) => `${act}\n`).join(''));
    expect(await conf()).toBe(after === AFTER ? AFTER : BEFORE);
    expect(await audit()).not.toContain('shutting down');
  });
});

describe('what a host tells before a change', () => {
  const facts = async (): Promise<ConfFacts> =>
    parseConfFacts('agent1', parseRecords((await remote.run(readForConfChange())).stdout));
  const change = async (text: string, at: string): Promise<void> => {
    await say('etc/dcv/dcv.conf', text);
    await utimes(host('etc', 'dcv', 'dcv.conf'), new Date(at), new Date(at));
  };

  it('is the file with which dcvserver was started, where a change of ours has kept it', async () => {
    await change(BEFORE, '2020-07-21T09:00:00Z');
    expect(await facts()).toMatchObject({ running: true, stale: false, startedWith: undefined });
    await write({ restart: 'later' });
    await write({ before: fileOf(AFTER), after: `${AFTER}# more\n`, restart: 'later' });
    expect(await facts()).toMatchObject({ stale: true, startedWith: BEFORE });
  });

  it('is nothing of it where somebody else changed it first, or it was kept before the start', async () => {
    await change(BEFORE, '2020-07-21T11:00:00Z');
    await mkdir(host('state', 'dcv-conf'));
    const old = host('state', 'dcv-conf', 'dcv.conf.20200721T093000.5Z');
    await writeFile(old, '# long ago\n');
    await utimes(old, new Date('2020-07-21T09:00:00Z'), new Date('2020-07-21T09:00:00Z'));
    await write({ restart: 'later' });
    expect(await facts()).toMatchObject({ stale: true, startedWith: undefined });
  });
});

describe('changeConfigs', () => {
  it('takes a setting out, and puts one in, and shows both', async () => {
    const events: OperationEvent[] = [];
    const change = (...wanted: Parameters<typeof setting>[]): Promise<ConfigResult[]> =>
      changeConfigs(
        {
          ...{
            inventory: inventoryWith(proxy(), [AGENT], gatewaySettings()),
            concurrency: 1,
            who: 'anna@laptop',
          },
          connect: () => Promise.resolve(remote),
          emit: (event) => events.push(event),
          confirm: () => Promise.resolve(true),
          signal: new AbortController().signal,
        },
        [AGENT],
        {
          wantedOn: () => ({ wanted: wanted.map((one) => setting(...one)), notes: [] }),
          commandFor: () => '',
        },
        { dryRun: false, restart: true, endSessions: false, lockWaitSeconds: 0 },
      );
    await change(['security/authentication'], ['log/level=debug']);
    expect(events).toMatchObject([
      { type: 'diff', host: 'agent1' },
      { type: 'outcome', outcome: 'done' },
    ]);
    expect((events[0] as DiffEvent).diff).toContain(
      '\n [security]\n-authentication="none"\n+\n+[log]\n+level="debug"\n',
    );
    expect(await conf()).toBe('[security]\n\n[log]\nlevel="debug"\n');
    expect(await noted('acts')).toBe('restart 3\n');
    await change(['log/level']);
    expect(await conf()).toBe('[security]\n\n[log]\n');
    expect(await change(['log/level'])).toMatchObject([{ outcome: 'unchanged', diff: undefined }]);
  });

  function setting(
    text: string,
  ): ReturnType<typeof readAssignment> | (ReturnType<typeof readSettingName> & { value: undefined }) {
    return text.includes('=') ? readAssignment(text) : { ...readSettingName(text), value: undefined };
  }
});
