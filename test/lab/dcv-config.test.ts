import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../src/operations/dcv-config/read.ts';
import type { CommandResult } from './command.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { freshStandin } from './support/standin.ts';
import { openViewer, refusedViewer } from './support/viewer.ts';

const CONF = '/etc/dcv/dcv.conf';

let lab: TestLab;
let agent1: TestHost;
let agent2: TestHost;
let shipped = '';

beforeAll(async () => {
  lab = await useLab();
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
  expect((await lab.dcvops(['deploy'])).code).toBe(0);
  await fresh();
  shipped = await agent1.sh(`cat ${CONF}`);
  await agent1.sh(`cp -p ${CONF} ${CONF}.shipped`);
  await createSession();
});
afterAll(fresh);

async function fresh(): Promise<void> {
  await Promise.all([freshStandin(agent1), freshStandin(agent2)]);
}

const dcv = (...args: string[]): Promise<CommandResult> => lab.dcvops(['dcv', ...args]);
const conf = (): Promise<string> => agent1.sh(`cat ${CONF}`);
const createSession = (): Promise<CommandResult> => lab.dcvops(['session', 'create', 'agent1', '--yes']);
const page = 'https://10.213.66.188:8443/10.150.248.180/#desktop-session';

describe('a setting', () => {
  it('is told with what counts and where it comes from', async () => {
    const { stdout } = await dcv('config', 'get', 'agent1', 'security/authentication', 'log/level', '--json');
    const [told] = JSON.parse(stdout) as AgentConfig[];
    expect(told?.settings).toMatchObject([
      { name: 'security/authentication', value: 'none', from: 'dcv.conf', isDefault: false },
      { name: 'log/level', value: 'info', from: 'default', reload: 'live' },
    ]);
    expect((await dcv('config', 'get', 'agent1')).stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'SETTING                  VALUE   FROM      A CHANGE COUNTS',
      'security/authentication  "none"  dcv.conf  after a restart of dcvserver',
      '',
    ]);
  });

  it('is set where its comment is; nothing else changes, nobody is cut off, and the file before is kept', async () => {
    await agent1.sh(`chmod 664 ${CONF}; chgrp dcv ${CONF}`);
    const viewer = await openViewer(lab, page);
    expect((await dcv('config', 'set', 'agent1', 'log/level=debug')).code).toBe(2);
    const { code, stdout, stderr } = await dcv('config', 'set', 'agent1', 'log/level=debug', '--yes');
    await viewer.leave();
    expect(stdout).toMatch(/^agent1:\/etc\/dcv\/dcv\.conf {2}\(664 root:dcv\)\n[^]*\n\+level="debug"\n/);
    expect(stderr).toMatch(
      /✔ agent1 {2}log\/level; it counts within seconds; the file before: \/var\/lib\/dcvops\/dcv-conf\/dcv\.conf\.\S+\n/,
    );
    expect(code).toBe(0);
    expect(await conf()).toBe(shipped.replace('#level="info"', '#level="info"\nlevel="debug"'));
    expect(await agent1.sh(`stat -c '%a %U:%G' ${CONF}; ls -A /etc/dcv | grep dcvops || true`)).toBe(
      '664 root:dcv',
    );
    expect(await agent1.sh('cat $(ls -d /var/lib/dcvops/dcv-conf/* | tail -n 1)')).toBe(shipped);
    const again = await dcv('config', 'set', 'agent1', 'log/level=debug', '--yes');
    expect(again.stderr).toContain('agent1  dcv.conf says so already\n');
  });

  it('with which dcvserver does not start is undone', async () => {
    const before = await conf();
    const { code, stderr } = await dcv(
      ...['config', 'set', 'agent1', `connectivity/web-listen-endpoints=['192.0.2.1']`, '--restart', '--yes'],
    );
    expect(stderr).toMatch(/dcvserver does not start again: .*; undone: dcv\.conf is as it was\n/);
    expect(code).toBe(3);
    expect(await conf()).toBe(before);
    expect(await createSession()).toMatchObject({ code: 0 });
  });

  it('is compared with the defaults, and between agents', async () => {
    expect((await dcv('config', 'diff', 'agent1')).stdout).toMatch(/^log\/level +'info' +"debug"$/m);
    const between = (await dcv('config', 'diff', 'agent1', 'agent2')).stdout;
    expect(between).toMatch(/^SETTING +AGENT1 +AGENT2\nlog\/level +"debug" +'info'\n$/);
  });

  it('that may be a secret is shown nowhere, and is taken out again', async () => {
    const before = await conf();
    const name = 'connectivity/web-extra-http-headers';
    const set = await dcv('config', 'set', 'agent1', `${name}=[('X-Key', 's3cret')]`, '--yes');
    expect(await conf()).toContain("web-extra-http-headers=[('X-Key', 's3cret')]\n");
    const unset = await dcv('config', 'unset', 'agent1', name, '--yes');
    expect([set.code, unset.code]).toEqual([0, 0]);
    expect(await conf()).toBe(before);
    expect(set.stdout).toContain('+web-extra-http-headers=***\n');
    expect(unset.stdout).toContain('-web-extra-http-headers=***\n');
    expect(set.stderr).toContain(`dcvops dcv config set agent1 ${name}=<hidden> --restart`);
    expect(unset.stderr).toContain(`${name} (unset); it counts already`);
    expect([set, unset].map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain('s3cret');
  });
});

describe('dcvops dcv harden', () => {
  it('writes at once and leaves the restart while somebody is connected', async () => {
    const viewer = await openViewer(lab, page);
    const refused = await dcv('harden', 'agent1', '--restart', '--yes');
    const before = await conf();
    const { code, stderr } = await dcv('harden', 'agent1', '--yes');
    await viewer.leave();
    expect(refused.stderr).toContain('1 person is connected, and a restart of dcvserver ends all sessions');
    expect(refused.code).toBe(1);
    expect(before).not.toContain('regex');
    expect(code).toBe(0);
    expect(stderr).toContain('dcvserver reads the changed dcv.conf at its next start');
    expect(stderr).toContain('dcvops dcv harden agent1 --restart --end-sessions   (ends 1 session)');
  });

  it('counts after the restart: the gateway’s people get in by a login, others not at all', async () => {
    const { code, stderr } = await dcv('harden', 'agent1', '--restart', '--yes');
    expect(stderr).toMatch(/^✔ agent1 {2}dcvserver was restarted\n.*dcvops session create agent1\n$/);
    expect(code).toBe(0);
    expect(await createSession()).toMatchObject({ code: 0 });
    const check = await lab.dcvops(['check']);
    expect(check.stdout).toMatch(/^✔ {2}agent agent1 .*\n✔ {2}websocket agent1 /m);
    expect(check.code).toBe(0);
    expect(await refusedViewer(lab, page)).toMatchObject({ error: 'CREDENTIALS_REQUESTED' });
    // the agent's own page is no page of the gateway
    expect(await refusedViewer(lab, `https://${agent1.address}:8443/#desktop-session`)).toMatchObject({
      status: 403,
    });
    const foreign = await lab.operator.sh(
      `curl -sk -o /dev/null -w '%{http_code}' -H 'Host: elsewhere.example:8443' https://10.213.66.188:8443/${agent1.address}/`,
    );
    expect(foreign.stdout).toBe('403');
    expect((await dcv('harden', 'agent1')).stderr).toMatch(/^. agent1 {2}dcv\.conf says so already\n$/);
  });

  it('leaves desktops as they open: without the login, the same viewer gets in', async () => {
    const set = await dcv(
      ...['config', 'set', 'agent1', 'security/authentication=none', '--restart', '--yes'],
    );
    expect(set.code).toBe(0);
    expect(await createSession()).toMatchObject({ code: 0 });
    const viewer = await openViewer(lab, page);
    expect(viewer.desktop).toBe('agent1 desktop-session');
    await viewer.leave();
  });
});
