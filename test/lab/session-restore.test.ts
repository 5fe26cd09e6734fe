import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from './command.ts';
import { eventually } from './support/eventually.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { freshStandin, setFaults } from './support/standin.ts';

let lab: TestLab;
let agent1: TestHost;
let agent2: TestHost;

const DECLARED = `
  declared:
    - { agents: [agent1], id: desk, name: "Jane's $(id) desk" }
    - { agents: [agent1], id: render }
`;
const FILES = '/usr/local/lib/dcvops /etc/dcvops /etc/systemd/system/dcvops-sessions.service';

beforeAll(async () => {
  lab = await useLab();
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
  await Promise.all([clean(agent1), clean(agent2)]);
  await lab.operator.sh(
    `{ sed 's#: tom.pem#: ${lab.key}#; s#: known_hosts#: ${lab.knownHosts}#' ${lab.inventory}; cat; } >declared.yaml`,
    {
      input: DECLARED.slice(1),
    },
  );
});
afterAll(() => Promise.all([clean(agent1), clean(agent2)]));

async function clean(agent: TestHost): Promise<void> {
  await agent.sh(
    `systemctl disable --now dcvops-sessions 2>/dev/null; rm -rf ${FILES}; systemctl daemon-reload`,
  );
  await freshStandin(agent);
}

const session = (...args: string[]): Promise<CommandResult> =>
  lab.dcvops(['-i', 'declared.yaml', 'session', ...args]);
const sessionsOf = async (agent: TestHost): Promise<string[]> =>
  (await agent.sh('dcv list-sessions')).split('\n').filter((line) => line.startsWith('Session: '));
const BOTH = [
  `Session: 'desk' (owner:ec2-user type:virtual name:'Jane's $(id) desk')`,
  `Session: 'render' (owner:ec2-user type:virtual)`,
];

const bothAreThere = async (): Promise<void> => {
  expect(await sessionsOf(agent1)).toEqual(expect.arrayContaining(BOTH));
};

describe('sessions that are declared', () => {
  it('are told and created where they are missing; what is there and differs is not touched', async () => {
    await agent1.sh('dcv create-session --user ec2-user --owner dcv desk');
    const dry = await session('restore', 'agent1', '--dry-run');
    expect(dry.stderr).toContain('agent1/render  render is missing; it would be created');
    const { code, stderr } = await session('restore', 'agent1');
    expect(code).toBe(1);
    expect(stderr).toContain('"desk" belongs to dcv, wanted ec2-user; nobody connected. Nothing changed.');
    expect(stderr).toContain('agent1/render  render created');
    expect(await sessionsOf(agent1)).toEqual([`Session: 'desk' (owner:dcv type:virtual)`, BOTH[1]]);
    await agent1.sh('dcv close-session desk');
    expect((await session('restore', 'agent1')).stderr).toBe(
      '✔ agent1/desk  desk created\n✔ agent1/render  render is there\n',
    );
    expect(await sessionsOf(agent1)).toEqual(expect.arrayContaining(BOTH));
    const none = await session('restore', 'agent2');
    expect(none.code).toBe(0);
    expect(none.stderr).toContain('no sessions are declared for agent2');
  });

  it('come back after a restart of dcvserver and after a reboot with a slow one, once they are persisted', async () => {
    const dry = await session('persist', 'agent1', '--dry-run');
    expect(dry.stdout).toContain(`'--name=Jane'\\''s $(id) desk' desk`);
    expect(await agent1.sh(`ls -d ${FILES} 2>/dev/null || true`)).toBe('');
    const persisted = '✔ agent1  desk, render come back whenever dcvserver starts\n';
    expect(await session('persist', 'agent1')).toMatchObject({ code: 0, stderr: persisted });
    expect((await session('persist', 'agent1', '--json')).stdout).toContain('"outcome": "unchanged"');
    const unit = 'dcvops-sessions.service';
    expect(await agent1.sh(`systemd-analyze verify ${unit} 2>&1`)).toBe('');
    await agent1.sh(`systemd-analyze security --threshold=40 ${unit}`);
    await agent1.sh('systemctl restart dcvserver');
    await eventually(bothAreThere, { timeoutMs: 60_000 });
    await setFaults(agent1, { 'slow-start-seconds': 3 });
    await agent1.reboot();
    await eventually(bothAreThere, { timeoutMs: 60_000 });
    expect((await session('restore', 'agent1')).stderr).toBe(
      '✔ agent1/desk  desk is there\n✔ agent1/render  render is there\n',
    );
  });

  it('are told to be outdated where the agent’s are others; unpersist takes away what brought them', async () => {
    await agent1.sh('echo "session old dcv create-session old" >>/etc/dcvops/sessions');
    expect((await session('restore', 'agent1')).stderr).toContain('are not those of the inventory any more');
    expect((await session('unpersist', 'agent1')).code).toBe(0);
    expect(await agent1.sh(`ls -d ${FILES} 2>/dev/null || true`)).toBe('');
    expect(await sessionsOf(agent1)).toHaveLength(2);
    expect((await session('unpersist', 'agent1', '--json')).stdout).toContain('"outcome": "unchanged"');
  });
});

describe('session create', () => {
  it('counts, brings a permissions file along, and waits for the display', async () => {
    await lab.operator.sh(`printf '[permissions]\\n%%owner%% allow builtin\\n' >own.perm`);
    const { code, stderr } = await lab.dcvops([
      'session',
      'create',
      'agent2/desk',
      '--count=2',
      '--permissions-file=own.perm',
      '--wait',
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('own.perm as /etc/dcvops/session-files/desk-2.perm');
    expect(await agent2.sh('stat -c "%a %U:%G %n" /etc/dcvops /etc/dcvops/session-files/*')).toBe(
      [
        '755 root:root /etc/dcvops',
        '644 root:root /etc/dcvops/session-files/desk-1.perm',
        '644 root:root /etc/dcvops/session-files/desk-2.perm',
      ].join('\n'),
    );
    expect(await sessionsOf(agent2)).toHaveLength(2);
    const again = await lab.dcvops(['session', 'create', 'agent2/desk-1', '--gl=off', '--wait']);
    expect(again.stderr).toContain('not applied: --gl');
    expect(again.stderr).toMatch(/display :\d+[^]*desk-1 is there already/);
  });

  it.each([
    [
      {
        'no-licence': true,
        'licence-log':
          "Unable to retrieve license object from AWS S3 bucket 'dcv-license.eu-west-1': Access Denied",
      },
      'the instance cannot read it in S3 (dcv-license.eu-west-1)',
    ],
    [{ 'unknown-options': ['gl'] }, 'does not know the option --gl (Amazon DCV'],
  ])('says why DCV refuses: %j', async (faults, cause) => {
    await setFaults(agent2, faults);
    const { code, stderr } = await lab.dcvops(['session', 'create', 'agent2/other', '--gl=off']);
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stderr).toContain(cause);
  });
});
