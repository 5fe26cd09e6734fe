import { readFile, rm, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ServiceRequest, serviceScript } from '../../../src/doctor/service/act.ts';
import { readService } from '../../../src/doctor/service/script.ts';
import { installPrograms, runWith } from '../host-programs.ts';

// The host decides itself whether desktops would end: with programs that say what a table has them say.

let folder: string;

/** `systemctl` notes what it is told to do; the others answer with a file's text, and fail where there is none. */
const PROGRAMS = {
  systemctl: `#!/bin/sh
cd "\${0%/*}" || exit 1
case $1 in
show)
  case $* in *' display-manager.service') echo Id=lxdm.service; exit ;; esac
  cat unit; if [ -f unit-later ]; then mv unit-later unit; fi ;;
start | stop | restart | reload | enable)
  echo "$*" >>acts
  cat "after-$1" >unit 2>/dev/null
  cat "said-$1" >>error.log 2>/dev/null
  cat "workers-$1" >workers 2>/dev/null
  true ;;
esac
`,
  dcv: '#!/bin/sh\ncat "${0%/*}/sessions" 2>/dev/null\n',
  ss: '#!/bin/sh\ncat "${0%/*}/connections" 2>/dev/null\n',
  nginx: '#!/bin/sh\ncat "${0%/*}/valid" 2>/dev/null\n',
  ps: '#!/bin/sh\ncat "${0%/*}/workers" 2>/dev/null\n',
  journalctl: '#!/bin/sh\n',
  sleep: '#!/bin/sh\n',
};
const unit = (active: string, id = 'x.service'): string =>
  `Id=${id}\nLoadState=loaded\nActiveState=${active}\nSubState=x\nUnitFileState=disabled\nNRestarts=0\n`;

beforeAll(async () => {
  folder = await installPrograms(PROGRAMS);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  const files = ['acts', 'unit-later', 'sessions', 'connections', 'valid', 'error.log'];
  files.push('workers', 'workers-reload', 'said-reload');
  await Promise.all(files.map((file) => rm(path.join(folder, file), { force: true })));
  await say('unit', unit('active'));
  await say('after-stop', unit('inactive'));
  await say('after-restart', unit('active'));
  await say('after-reload', unit('active'));
});

function say(file: string, text: string): Promise<void> {
  return writeFile(path.join(folder, file), text);
}

function actOn(
  verb: ServiceRequest['verb'],
  name: string,
  options: Partial<ServiceRequest> = {},
): Promise<string> {
  const request = { unit: `${name}.service`, verb, endSessions: false, ...options };
  return runWith(folder, serviceScript(request, { pid: path.join(folder, 'pid'), logs: folder }));
}

/** What systemctl was told to do. */
async function acts(
  verb: ServiceRequest['verb'],
  name: string,
  options: Partial<ServiceRequest> = {},
): Promise<string> {
  await actOn(verb, name, options);
  return (await readFile(path.join(folder, 'acts'), 'utf8').catch(() => '')).trim();
}

describe('serviceScript', () => {
  it.each([
    ['dcvserver', 'sessions', '[]\r\n'],
    ['dcvserver', 'sessions', 'There are no sessions available.\n'],
    ['dcvsessionlauncher', 'sessions', '[ ]'],
    ['gdm', 'sessions', '[{"id":"console","type":"virtual"}]'],
    ['gdm3', 'sessions', "Session: 'a' (owner:jane type:virtual)"],
    ['gdm', 'sessions', `Session: a (owner:CORP\\jane type:virtual name:'a (b) type:console')\r\n`],
    ['lightdm', 'sessions', '[\n {"id": "a", "type": "virtual"},\n {"type": "virtual", "id": "b"}\n]'],
    ['nginx', 'connections', ''],
    ['cron', 'sessions', '[{"id":"desk"}]'],
  ])('stops %s where no desktop ends: %s %j', async (name, file, text) => {
    await say(file, text);
    expect(await acts('stop', name)).toBe(`stop ${name}.service`);
  });

  it.each([
    ['dcvserver', 'sessions', '[{"id":"desk"}]'],
    ['dcvserver', 'sessions', 'Keine Sitzungen.'],
    ['dcvserver', 'nothing', 'that dcv tells'],
    ['dcvsessionlauncher', 'sessions', '[{"id":"desk"}]'],
    ['gdm', 'sessions', '[{"id":"a", "type" : "console"}]'],
    ['gdm3', 'sessions', "Session: 'a' (owner:jane type:console)"],
    ['gdm', 'sessions', '[{"id":"console","owner":"jane","num-of-connections":1}]'],
    ['gdm', 'sessions', '[{"id":"a","type":"virtual"},{"id":"b"}]'],
    ['gdm', 'sessions', '[{"id":"a","name":"\\"type\\":\\"virtual\\""}]'],
    ['gdm', 'sessions', `Session: 'a' (owner:jane type:console name:'(owner:jane type:virtual)')`],
    ['gdm', 'sessions', "Session: 'a' (owner:jane type:virtual)\nSession: 'b' (owner:jane)"],
    ['nginx', 'connections', '0 0 10.0.0.1:40000 10.0.0.2:8443\n'],
    ['nginx', 'nothing', 'that ss tells'],
  ])('leaves %s alone where some may: %s %j; with endSessions it does not', async (name, file, text) => {
    await say(file, text);
    expect(await acts('stop', name)).toBe('');
    expect(await acts('stop', name, { endSessions: true })).toBe(`stop ${name}.service`);
  });

  it('knows a display manager by what it is, whatever it is called', async () => {
    await say('unit', unit('active', 'lxdm.service'));
    await say('sessions', '[{"id":"console","type":"console"}]');
    expect(await acts('stop', 'lxdm')).toBe('');
    await say('sessions', '[{"id":"desk","type":"virtual"}]');
    const records = await actOn('stop', 'lxdm');
    expect(records.match(/^sessions$/gm)).toHaveLength(2);
    expect(await acts('stop', 'lxdm')).toBe('stop lxdm.service');
  });

  it('asks nobody about a dcvserver that is down, and stops none twice', async () => {
    await say('unit', unit('failed'));
    await say('sessions', '[{"id":"desk"}]');
    expect(await acts('stop', 'dcvserver')).toBe('');
    expect(await acts('restart', 'dcvserver')).toBe('restart dcvserver.service');
  });

  it('has a running nginx read its files again, if it takes them', async () => {
    await say('connections', '0 0 10.0.0.1:40000 10.0.0.2:8443\n');
    expect(await acts('restart', 'nginx')).toBe('');
    await say('valid', '');
    expect(await acts('restart', 'nginx')).toBe('reload nginx.service');
  });

  it.each([
    ['has new workers', '7 70\n7 71\n', false],
    ['keeps those that it had', '7 70\n', true],
  ])('sees whether nginx follows: it %s', async (_, workers, stays) => {
    await say('valid', '');
    await say('pid', '7\n');
    await say('workers', '7 70\n');
    await say('workers-reload', workers);
    await say('error.log', '[emerg] 7#7: of long ago\n');
    await say('said-reload', '[emerg] 7#7: bind() to a failed\n[emerg] 7#7: still could not bind()\n');
    const records = await actOn('restart', 'nginx');
    expect(records).toContain('doing\n|reload\n');
    expect(records.includes('stays\n|[emerg] 7#7: bind() to a failed\n.')).toBe(stays);
    expect(records.includes('stays\n')).toBe(stays);
  });

  it('enables an alias by its unit’s own name', async () => {
    expect(await acts('enable', 'gdm')).toBe('enable x.service');
  });
});

describe('readService', () => {
  const restarted = (times: number, secondsAgo: number): string => {
    const entered = Math.round((uptime() - secondsAgo) * 1e6);
    return `${unit('active').replace('=0', `=${times}`)}ActiveEnterTimestampMonotonic=${entered}\n`;
  };

  it.each([
    ['until it ends', 'activating', 1, -30],
    ['not, when it lives for a while', 'active', 1, 60],
    ['not, when nothing started it again', 'active', 0, -30],
  ])('looks again at what was started again a moment ago: %s', async (_, active, times, secondsAgo) => {
    await say('unit', restarted(times, secondsAgo));
    await say('unit-later', unit('activating'));
    expect(await runWith(folder, readService('x.service'))).toContain(`|ActiveState=${active}\n`);
  });
});
