import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createScript } from '../../src/dcv/session/create.ts';
import { parseSession } from '../../src/dcv/session/parse.ts';
import type { CreatedSession } from '../../src/operations/session/create.ts';
import type { AgentSessions } from '../../src/operations/session/list.ts';
import { parseRecords } from '../../src/shell/records.ts';
import { commandLine } from '../../src/shell/script.ts';
import { eventually } from './support/eventually.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { configureDcv, freshStandin, setFaults } from './support/standin.ts';
import { openViewer } from './support/viewer.ts';

let lab: TestLab;
let agent1: TestHost;
let agent2: TestHost;

const URL1 = 'https://10.213.66.188:8443/10.150.248.180/#desktop-session';
const URL2 = 'https://10.213.66.188:8443/10.150.248.136/#desktop-session';
const ROOTS = 'dcv create-session --user root --owner root desktop-session';

beforeAll(async () => {
  lab = await useLab();
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
});

async function fresh(): Promise<void> {
  await Promise.all([freshStandin(agent1), freshStandin(agent2)]);
}
beforeEach(fresh);
afterAll(fresh);

async function described(agent: TestHost, id = 'desktop-session'): Promise<ReturnType<typeof parseSession>> {
  return parseSession(await agent.sh(`dcv describe-session --json ${id}`));
}

describe('dcvops session create', () => {
  it('makes a desktop on each agent that lives, and prints where people open it', async () => {
    const { code, stdout, stderr } = await lab.dcvops(['session', 'create', '--all']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Open ${URL1}\nOpen ${URL2}\n` });
    expect(stderr).toContain('still alive after 3 s');
    expect(await described(agent1)).toMatchObject({ owner: 'ec2-user', user: 'ec2-user', type: 'virtual' });
    expect(await described(agent2)).toMatchObject({ owner: 'ec2-user', user: 'ec2-user', type: 'virtual' });
    const viewer = await openViewer(lab, `https://${agent1.address}:8443/#desktop-session`);
    expect(viewer.desktop).toBe('agent1 desktop-session');
    await viewer.leave();
  });

  it('says that it is there already, and touches nothing', async () => {
    await lab.dcvops(['session', 'create', '10.150.248.180']);
    const before = await described(agent1);
    const { code, stdout, stderr } = await lab.dcvops(['session', 'create', '10.150.248.180', '--replace']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Open ${URL1}\n` });
    expect(stderr).toContain('desktop-session is there already');
    expect((await described(agent1)).createdAt).toEqual(before.createdAt);
  });

  it('passes every option on, whatever is in it', async () => {
    await agent1.sh('mkdir -p /home/ec2-user/share; chmod 755 /home/ec2-user');
    const name = `$(touch /tmp/pwned) 'x' "y" \\ é`;
    const { code } = await lab.dcvops([
      ...['session', 'create', 'agent1/desk.2', '--type=virtual', '--user=root', '--owner=ec2-user'],
      ...['--name', name, '--storage-root=%home%', '--gl=off', '--max-concurrent-clients=1'],
      ...[
        '--permissions-file=/etc/dcv/default.perm',
        '--init=/etc/dcv/dcvsessioninit',
        '--disable-login-monitor',
      ],
    ]);
    expect(code).toBe(0);
    expect(await described(agent1, 'desk.2')).toMatchObject({
      name,
      owner: 'ec2-user',
      user: 'root',
      storageRoot: '/root',
    });
    expect(await agent1.attempt('ls /tmp/pwned')).toMatchObject({ code: 2 });
  });

  it('never ends a desktop that is in the way without being told', async () => {
    await agent1.sh(ROOTS);
    const viewer = await openViewer(lab, `https://${agent1.address}:8443/#desktop-session`);
    const create = ['session', 'create', 'agent1'];

    const refused = await lab.dcvops([...create, '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      '"desktop-session" belongs to root, wanted ec2-user; 1 person connected (root from 10.150.248.1). Nothing changed.',
    );
    expect(refused.stderr).toContain(
      'dcvops session create agent1 --replace --end-sessions   (ends that desktop)',
    );
    expect((await lab.dcvops([...create, '--replace', '--yes'])).code).toBe(1);
    expect(await described(agent1)).toMatchObject({ owner: 'root', connections: 1 });

    const replaced = await lab.dcvops([...create, '--replace', '--end-sessions']);
    expect({ code: replaced.code, stdout: replaced.stdout }).toEqual({ code: 0, stdout: `Open ${URL1}\n` });
    expect(await described(agent1)).toMatchObject({ owner: 'ec2-user', connections: 0 });
    await viewer.gone;
  });

  it('replaces what nobody uses, also a console that keeps virtual sessions away', async () => {
    await agent1.sh('dcv create-session --type=console --owner ec2-user screen');
    const refused = await lab.dcvops(['session', 'create', 'agent1']);
    expect(refused.stderr).toMatch(
      /the console session "screen" of ec2-user is in the way .*; nobody connected/,
    );
    const replaced = await lab.dcvops(['session', 'create', 'agent1', '--replace']);
    expect(replaced.code).toBe(0);
    expect(await agent1.sh('dcv list-sessions')).toBe(
      "Session: 'desktop-session' (owner:ec2-user type:virtual)",
    );
    const console_ = await lab.dcvops(['session', 'create', 'agent1/screen', '--type=console', '--replace']);
    expect(console_.code).toBe(0);
    expect(await agent1.sh('dcv list-sessions')).toBe("Session: 'screen' (owner:ec2-user type:console)");
  });

  it('leaves a session alone that somebody opened after it looked', async () => {
    await agent1.sh(ROOTS);
    const viewer = await openViewer(lab, `https://${agent1.address}:8443/#desktop-session`);
    const script = createScript({
      session: { id: 'desktop-session', type: 'virtual', owner: 'ec2-user', user: 'ec2-user' },
      startService: false,
      close: ['desktop-session'],
      endSessions: false,
    });
    const { stdout } = await agent1.attempt(commandLine(script));
    expect(parseRecords(stdout).map(({ name }) => name)).toEqual(['answering', 'in-use']);
    expect(await described(agent1)).toMatchObject({ owner: 'root', connections: 1 });
    await viewer.leave();
  });

  it('offers to start a stopped dcvserver', async () => {
    await agent1.sh('systemctl stop dcvserver');
    const alone = await lab.dcvops(['session', 'create', 'agent1']);
    expect(alone.code).toBe(1);
    expect(alone.stderr).toContain('dcvserver is stopped. Nothing changed.');
    expect(alone.stderr).toContain('dcvops session create agent1 --start-service');
    expect((await agent1.attempt('systemctl is-active dcvserver')).stdout).toBe('inactive\n');

    const asked = lab.dcvopsOnTerminal(['session', 'create', 'agent1']);
    await asked.waitFor('dcvserver is stopped on agent1. Start it?');
    asked.write('y\r');
    expect((await asked.ended).code).toBe(0);
    expect(await described(agent1)).toMatchObject({ owner: 'ec2-user' });

    await agent2.sh('systemctl stop dcvserver');
    expect((await lab.dcvops(['session', 'create', 'agent2', '--start-service'])).code).toBe(0);
  });

  it('waits for a dcvserver that has started and does not answer yet', async () => {
    await setFaults(agent1, { 'slow-start-seconds': 3 });
    await agent1.sh('systemctl stop dcvserver');
    expect((await lab.dcvops(['session', 'create', 'agent1', '--start-service'])).code).toBe(0);
  });

  it('tells why dcvserver does not start', async () => {
    await agent1.sh('systemctl stop dcvserver; chmod 000 /usr/bin/dcvserver');
    const { code, stderr } = await lab.dcvops(['session', 'create', 'agent1', '--start-service']);
    await agent1.sh('chmod 755 /usr/bin/dcvserver; systemctl reset-failed dcvserver');
    expect(code).toBe(1);
    expect(stderr).toMatch(/dcvserver does not start: Job for dcvserver\.service failed/);
    expect(stderr).toContain('journalctl --unit=dcvserver');
  });

  it('sees that a created session does not live, and says why', async () => {
    await agent1.write('/opt/broken', '#!/bin/sh\necho "startxfce4: not found" >&2\nexit 127\n', '755');
    const { code, stdout, stderr } = await lab.dcvops(['session', 'create', 'agent1', '--init=/opt/broken']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      '"desktop-session" was created and ended within 3 s: no desktop is installed there: startxfce4 is missing (startxfce4: not found)',
    );
    expect(stderr).toContain(
      'dcvops exec --sudo agent1 -- tail -n 30 /var/log/dcv/dcv-xsession.ec2-user.desktop-session.log',
    );
  });

  it.each([
    [
      { 'session-dies-after-seconds': 1, 'session-dies-message': 'GL failed' },
      /ended within 3 s: agent - GL failed/,
    ],
    [{ 'no-licence': true }, /was not created: DCV found no licence/],
    [{ 'create-fails': 'All licenses in use' }, /was not created: all DCV licences are in use/],
    [{ 'create-fails': 'The moon is full' }, /was not created: The moon is full/],
  ])('explains %j', async (fault, message) => {
    await setFaults(agent1, fault);
    const { code, stderr } = await lab.dcvops(['session', 'create', 'agent1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/Next: .+/);
  });

  it('refuses a user that is not there before anything is tried', async () => {
    const { code, stderr } = await lab.dcvops(['session', 'create', 'agent1', '--user=ghost']);
    expect(code).toBe(1);
    expect(stderr).toContain('there is no user "ghost". Nothing changed.');
    expect(stderr).toContain('dcvops exec --sudo agent1 -- useradd --create-home ghost');
  });

  it('warns of a login that will fail, where DCV asks for one', async () => {
    expect((await lab.dcvops(['session', 'create', 'agent1'])).stderr).not.toContain('has no password');
    await configureDcv(agent1, '[security]\nauthentication="system"\n');
    const { code, stderr } = await lab.dcvops(['session', 'create', 'agent1']);
    expect(code).toBe(0);
    expect(stderr).toContain('ec2-user has no password; the DCV login will fail.');
    expect(stderr).toContain('dcvops ssh agent1 -- sudo passwd ec2-user');
    await agent1.sh("echo 'ec2-user:a long one' | chpasswd");
    expect((await lab.dcvops(['session', 'create', 'agent1'])).stderr).not.toContain('has no password');
    await agent1.sh('usermod --password "*" ec2-user');
  });

  it('serves the living when an agent is dead', async () => {
    await agent2.disconnect();
    const { code, stdout, stderr } = await lab.dcvops([
      ...['--connect-timeout', '2', '--json', 'session', 'create', 'agent1', 'agent2'],
    ]);
    await agent2.reconnect();
    expect(code, stderr).toBe(4);
    const results = JSON.parse(stdout) as CreatedSession[];
    expect(results).toMatchObject([
      { agent: 'agent1', outcome: 'done', url: URL1 },
      { agent: 'agent2', outcome: 'unreachable' },
    ]);
  });
});

describe('dcvops session list', () => {
  it('shows all agents’ sessions, and who is connected', async () => {
    await agent1.sh(`${ROOTS}; dcv create-session --user ec2-user --owner ec2-user --name "Jane's" second`);
    await agent2.sh('dcv create-session --type=console --owner ec2-user screen');
    const viewer = await openViewer(lab, `https://${agent1.address}:8443/#second`);
    const { code, stdout } = await lab.dcvops(['session', 'list']);
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows).toEqual([
      ['AGENT', 'SESSION', 'TYPE', 'OWNER', 'CONNECTED', 'URL'],
      ['agent1', 'desktop-session', 'virtual', 'root', '0', URL1],
      ['agent1', 'second', 'virtual', 'ec2-user', '1', URL1.replace('#desktop-session', '#second')],
      ['agent2', 'screen', 'console', 'ec2-user', '0', URL2.replace('#desktop-session', '#screen')],
    ]);
    const lists = JSON.parse(
      (await lab.dcvops(['--json', 'session', 'list', 'agent1'])).stdout,
    ) as AgentSessions[];
    expect(lists).toMatchObject([
      { agent: 'agent1', address: '10.150.248.180', sessions: [{}, { name: "Jane's" }] },
    ]);
    await viewer.leave();
  });

  it('says of each agent why it tells nothing', async () => {
    await agent1.sh('systemctl stop dcvserver');
    await agent2.sh('mv /usr/bin/dcv /usr/bin/dcv.away');
    const { code, stdout, stderr } = await lab.dcvops(['session', 'list']);
    await agent2.sh('mv /usr/bin/dcv.away /usr/bin/dcv');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'No sessions.\n' });
    expect(stderr).toMatch(/agent1: dcvserver is stopped; there are no sessions\./);
    expect(stderr).toMatch(/agent2.*DCV is not installed\./);
  });

  it('reads versions of DCV that print another shape', async () => {
    await agent1.sh(ROOTS);
    await agent1.sh(`cp /usr/bin/dcv /usr/bin/dcv.real
      printf '#!/bin/sh\\ncase " $* " in *" --json "*) echo "Unknown option --json" >&2; exit 1;; esac\\nexec /usr/bin/dcv.real "$@"\\n' >/usr/bin/dcv`);
    const { code, stdout } = await lab.dcvops(['session', 'list', 'agent1']);
    await agent1.sh('mv /usr/bin/dcv.real /usr/bin/dcv');
    expect(code).toBe(0);
    expect(stdout).toMatch(/agent1 +desktop-session +virtual +root +\? /);
  });
});

describe('a session seen through the gateway', () => {
  it('opens at the address that was printed, and is listed with the viewer’s own address', async () => {
    expect((await lab.dcvops(['deploy'])).code).toBe(0);
    await lab.dcvops(['session', 'create', 'agent1', 'agent2']);
    const [one, two] = await Promise.all([openViewer(lab, URL1), openViewer(lab, URL2)]);
    expect([one.desktop, two.desktop]).toEqual(['agent1 desktop-session', 'agent2 desktop-session']);
    await eventually(async () => {
      expect(await agent1.sh('dcv list-connections -j desktop-session')).toMatch(
        /"10\.213\.66\.188:\d+ \(forwarded for 10\.213\.0\.10\)"|"10\.150\.248\.\d+:\d+ \(forwarded for 10\.213\.0\.10\)"/,
      );
    });
    await Promise.all([one.leave(), two.leave()]);
  });
});
