import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from './command.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { freshStandin } from './support/standin.ts';
import { openViewer } from './support/viewer.ts';

/* Services of real hosts: what is wrong with one is told apart, and nobody's desktop ends by a slip. */

let lab: TestLab;
let gateway: TestHost;
let agent1: TestHost;
let agent2: TestHost;

const UNITS = '/etc/systemd/system';
const LOOPING = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh -c 'echo no display; exit 3'
Restart=always
RestartSec=1
`;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
  expect((await lab.dcvops(['deploy'])).code).toBe(0);
  await Promise.all([freshStandin(agent1), freshStandin(agent2)]);
});
afterAll(async () => {
  await agent1.sh(`systemctl stop looping; rm -f ${UNITS}/looping.service ${UNITS}/shut.service
    systemctl daemon-reload; systemctl reset-failed`);
  await Promise.all([freshStandin(agent1), freshStandin(agent2)]);
});

const service = (...args: string[]): Promise<CommandResult> => lab.dcvops(['service', ...args]);
const page = (agent: TestHost, id: string): string => `https://10.213.66.188:8443/${agent.address}/#${id}`;
const pid = (host: TestHost, unit: string): Promise<string> =>
  host.sh(`systemctl show ${unit} --property=MainPID --value`);
const connected = (id: string): Promise<string> => agent1.sh(`dcv list-connections --json ${id}`);

describe('dcvops service status', () => {
  it('shows dcvserver on agents and nginx on proxies', async () => {
    const { code, stdout, stderr } = await service('status');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const when = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^HOST +UNIT +STATE +SINCE +RESTARTS +AT BOOT$/),
      expect.stringMatching(new RegExp(`^gateway +nginx +active +${when} +\\d+ +enabled$`)),
      expect.stringMatching(new RegExp(`^agent1 +dcvserver +active +${when} +\\d+ +enabled$`)),
      expect.stringMatching(new RegExp(`^agent2 +dcvserver +active +${when} +\\d+ +enabled$`)),
    ]);
  });

  it('tells apart what does not exist, what is masked, and what ends each time it is started', async () => {
    await agent1.write(`${UNITS}/looping.service`, LOOPING, '644');
    await agent1.sh(`ln -s /dev/null ${UNITS}/shut.service; systemctl daemon-reload`);
    const [missing, masked, started] = await Promise.all([
      service('status', 'agent1', '--unit', 'dcvsever'),
      service('start', 'agent1', '--unit', 'shut'),
      service('start', 'agent1', '--unit', 'looping'),
    ]);
    expect([missing, masked, started].map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(missing.stderr).toContain('there is no unit dcvsever.service, did you mean "dcvserver"?');
    expect(masked.stderr).toContain('shut is masked: somebody keeps it from being started');
    expect(masked.stderr).toContain('dcvops exec --sudo agent1 -- systemctl unmask shut');
    expect(started.stderr).toContain('looping ends each time it is started');
    expect(started.stderr).toContain('agent1  no display');

    const looping = await service('status', 'agent1', '--unit', 'looping');
    expect(looping.code).toBe(1);
    expect(looping.stdout).toMatch(
      /^agent1 +looping +crash-loops .*\n\nagent1 {2}looping, its last lines\n/m,
    );
    const [told] = JSON.parse(
      (await lab.dcvops(['--json', 'service', 'status', 'agent1', '--unit=looping'])).stdout,
    ) as [{ state: string; journal: string[] }];
    expect(told).toMatchObject({ host: 'agent1', state: 'crash-loops', load: 'loaded', result: 'exit-code' });
    expect(told.journal).toContain('no display');
    expect((await service('stop', 'agent1', '--unit', 'looping')).code).toBe(0);
  });
});

describe('a service that desktops depend on', () => {
  it('is stopped, started and enabled where nobody is there, and said to be so already', async () => {
    const stopped = await service('stop', 'agent2');
    expect(stopped.stderr).toContain('dcvserver stopped\n');
    expect((await service('status', 'agent2')).stderr).toContain('dcvserver is stopped since');
    expect((await service('start', 'agent2')).stderr).toContain('dcvserver started\n');
    expect(await agent2.sh('dcv list-sessions')).toBe('There are no sessions available.');
    expect((await service('start', 'agent2')).stderr).toContain('dcvserver is active already since');
    await agent2.sh('systemctl disable --quiet dcvserver');
    expect((await service('enable', 'agent2')).stderr).toContain('dcvserver starts at boot from now on');
    expect(await agent2.sh('systemctl is-enabled dcvserver')).toBe('enabled');
    expect((await service('enable', 'agent2')).stderr).toContain('dcvserver starts at boot already');
  });

  it('is not restarted under people, also with --yes; with --end-sessions it says what is gone', async () => {
    await agent1.sh('dcv create-session --user ec2-user --owner ec2-user desk');
    const viewer = await openViewer(lab, page(agent1, 'desk'));
    const before = await pid(agent1, 'dcvserver');
    const refused = await service('restart', 'agent1', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'a session would end with dcvserver: "desk" of ec2-user, 1 person connected (ec2-user from 10.213.0.10)',
    );
    expect(refused.stderr).toContain('dcvops service restart agent1 --end-sessions   (ends that desktop)');
    expect(await pid(agent1, 'dcvserver')).toBe(before);

    // nginx reads its files again, and is not stopped either
    const nginx = await pid(gateway, 'nginx');
    const reloaded = await service('restart', 'gateway');
    expect(reloaded.code).toBe(0);
    expect(reloaded.stderr).toContain('nginx reloaded, not restarted');
    expect((await service('stop', 'gateway', '--yes')).stderr).toMatch(
      /\d+ connections? to agents would end/,
    );
    expect(await pid(gateway, 'nginx')).toBe(nginx);
    expect(JSON.parse(await connected('desk'))).toHaveLength(1);

    const done = await service('restart', 'agent1', '--end-sessions');
    expect(done.code).toBe(0);
    expect(done.stderr).toContain('dcvserver restarted; session "desk" ended with it');
    expect(done.stderr).toContain('dcvops session create agent1/desk');
    expect(await agent1.sh('dcv list-sessions')).toBe('There are no sessions available.');
    await viewer.gone;
  });
});
