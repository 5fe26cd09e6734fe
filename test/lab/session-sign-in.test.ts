import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from './command.ts';
import { eventually } from './support/eventually.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { configureDcv, freshStandin, setFaults } from './support/standin.ts';
import { openViewer, refusedViewer } from './support/viewer.ts';

let lab: TestLab;
let agent: TestHost;
let gateway: TestHost;

const PAGE = 'https://10.213.66.188:8443/10.150.248.180/';
const PROGRAM = '/usr/bin/dcvsimpleextauth';
const WATCHERS = "'dcvops-sign-in-*.service'";

beforeAll(async () => {
  lab = await useLab();
  agent = lab.host('agent1');
  gateway = lab.host('gateway');
  expect((await lab.dcvops(['deploy'])).code).toBe(0);
  await freshStandin(agent);
  await configureDcv(
    agent,
    '[security]\nauthentication="system"\nauth-token-verifier="http://127.0.0.1:8444"\n',
  );
  await agent.sh(`until dcv list-sessions >/dev/null 2>&1; do sleep 0.1; done
    dcv create-session --user ec2-user --owner ec2-user desk`);
});
afterAll(async () => {
  await agent.sh(`systemctl stop dcvsimpleextauth ${WATCHERS}
    if [ -e ${PROGRAM}.real ]; then mv ${PROGRAM}.real ${PROGRAM}; fi`);
  await freshStandin(agent);
});

const signIn = (...args: string[]): Promise<CommandResult> =>
  lab.dcvops(['session', 'url', 'agent1/desk', '--sign-in', ...args]);

describe('a link that signs somebody in', () => {
  it('is not made where it would not work', async () => {
    const stopped = await signIn();
    expect(stopped).toMatchObject({ code: 1, stdout: '' });
    expect(stopped.stderr).toContain('dcvsimpleextauth is stopped, so nobody gets in with a token');
    expect(stopped.stderr).toContain('dcvops service start agent1 --unit dcvsimpleextauth');
    await agent.sh('systemctl start dcvsimpleextauth');
    await setFaults(agent, { 'no-remove-auth': true });
    const old = await signIn();
    expect(old.stderr).toContain('dcvsimpleextauth does not know remove-auth there');
    expect(old.stderr).toContain('dcvops session url agent1/desk --sign-in --reusable');
    await agent.sh('rm /etc/dcv-standin/faults.json');
    expect((await signIn('--user', 'nobody-here')).stderr).toContain('there is no user "nobody-here"');
    const absent = await lab.dcvops(['session', 'url', 'agent1/dsek', '--sign-in']);
    expect(absent.stderr).toContain('there is no session "dsek", did you mean "desk"?');
    expect(await agent.sh('ls /var/run/dcvsimpleextauth')).toBe('');
  });

  it('opens the session through the gateway once, and its token is seen nowhere else', async () => {
    // what can be seen of processes while the token is added, and when it was
    await agent.sh(`cp -p ${PROGRAM} ${PROGRAM}.real &&
      printf '#!/bin/sh\\nps -e -o args= -ww >/tmp/seen; cat /proc/[0-9]*/environ >>/tmp/seen 2>/dev/null\\nexec ${PROGRAM}.real "$@"\\n' >${PROGRAM}`);
    const { code, stdout, stderr } = await signIn('-v');
    await agent.sh(`mv ${PROGRAM}.real ${PROGRAM}`);
    const [, token = ''] = /\/\?authToken=([0-9a-f]{64})#desk\n$/.exec(stdout) ?? [];
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${PAGE}?authToken=${token}#desk\n` });
    expect(stderr).toContain(
      'whoever opens this link first is signed in to desk as ec2-user. It works once, until ',
    );
    expect(stderr).toContain('dcvops exec --sudo agent1 -- dcvsimpleextauth remove-auth --session=desk');
    expect(stderr).toContain('agent1: make a token');

    const watched = await agent.sh(`systemctl show ${WATCHERS}; cat /run/dcvops-sign-in/*`);
    expect(watched).toContain('ActiveState=active');
    expect(watched).not.toContain(token);
    const viewer = await openViewer(lab, stdout.trim());
    expect(viewer.desktop).toBe('agent1 desk');
    // it is taken back while whoever came in by it works on
    await eventually(
      async () => {
        expect(await agent.sh(`systemctl list-units --plain --no-legend ${WATCHERS}`)).toBe('');
      },
      { timeoutMs: 30_000, intervalMs: 250 },
    );
    expect(await refusedViewer(lab, stdout.trim())).toMatchObject({ error: 'AUTHENTICATION_REJECTED' });
    expect(await agent.sh('dcv list-connections desk')).toContain('username:ec2-user');
    await eventually(async () => {
      expect(await agent.sh(`journalctl --no-pager -q -o cat -t sh -n 2`)).toBe(
        'desk: somebody came in\ndesk: the link is taken back',
      );
    });
    await viewer.leave();
    const wrong = `${PAGE}?authToken=${'0'.repeat(64)}#desk`;
    expect(await refusedViewer(lab, wrong)).toMatchObject({ error: 'AUTHENTICATION_REJECTED' });
    expect(await refusedViewer(lab, `${PAGE}#desk`)).toMatchObject({ error: 'AUTHENTICATION_REJECTED' });
    await lab.operator.sh(`curl -sk -o /dev/null '${PAGE}?authToken=${token}'`);

    expect(stderr).not.toContain(token);
    expect(await agent.sh('cat /tmp/seen')).toContain('--session=desk');
    await eventually(async () => {
      expect(await gateway.sh('tail -n 1 /var/log/nginx/dcv-access.log')).toContain(
        '"uri":"/10.150.248.180/?-"',
      );
    });
    const inLogs = `journalctl --no-pager -q -o cat | grep -c ${token}; grep -rlF ${token} /var/log --exclude-dir=journal; true`;
    expect(await agent.sh(`grep -c ${token} /tmp/seen; ${inLogs}`)).toBe('0\n0');
    expect(await gateway.sh(inLogs)).toBe('0');
  });

  it('is a file for the native client, for one pair of eyes; a reusable one works until it is taken back', async () => {
    const file = path.join(lab.home, 'agent1-desk.dcv');
    await lab.operator.sh(`rm -f ${file}`);
    const made = await signIn('--file', '--reusable');
    expect(made).toMatchObject({ code: 0, stdout: '' });
    expect(made.stderr).toContain('✔ agent1  desk: agent1-desk.dcv; the file signs in as ec2-user\n');
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(/^weburlpath=\/10\.150\.248\.180\nsessionid=desk$/m);
    const token = /^authtoken=(.*)$/m.exec(text)?.[1] ?? '';
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (let times = 0; times < 2; times += 1) {
      const viewer = await openViewer(lab, `${PAGE}?authToken=${token}#desk`);
      await viewer.leave();
    }
    const [, ...takeBack] = /dcvops (exec --sudo .*--session=desk)/.exec(made.stderr)?.[1]?.split(' ') ?? [];
    expect((await lab.dcvops(['exec', ...takeBack])).code).toBe(0);
    const used = `${PAGE}?authToken=${token}#desk`;
    expect(await refusedViewer(lab, used)).toMatchObject({ error: 'AUTHENTICATION_REJECTED' });
  });

  it('takes the place of the one before, and ends with its unit; none is made where a file is in the way', async () => {
    expect((await signIn('--valid', '1h')).stderr).not.toContain('works no more');
    const known = await agent.sh('cat /var/run/dcvsimpleextauth/*');
    expect((await signIn('--file')).stderr).toContain('agent1-desk.dcv is there already. It was left alone.');
    expect(await agent.sh('cat /var/run/dcvsimpleextauth/*')).toBe(known);
    const json = await lab.dcvops([
      '--json',
      'session',
      'url',
      'agent1/desk',
      '--sign-in',
      '--file',
      '--force',
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { file: 'agent1-desk.dcv', user: 'ec2-user', worksOnce: true, expires: expect.any(String) as string },
    ]);
    expect(json.stdout).not.toMatch(/[0-9a-f]{64}/);
    expect(json.stderr).toContain('the link to desk that was made before works no more');
    await agent.sh(`systemctl stop ${WATCHERS}`);
    expect(await agent.sh('ls /var/run/dcvsimpleextauth')).toBe('');
  });
});
