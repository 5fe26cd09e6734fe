import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sessionThere } from './support/doctor-faults.ts';
import {
  AGENT_UNIT,
  BROKER_UNIT,
  GATEWAY_UNIT,
  OWN_CONF,
  RESOLVER_UNIT,
  brokersConf,
  layBroker,
  layConnectionGateway,
  layResolver,
  laySessionManagerAgent,
  stateOf,
} from './support/earlier-attempts.ts';
import { eventually } from './support/eventually.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { openViewer } from './support/viewer.ts';

/* Hosts on which a broker, a connection gateway and a resolver were tried: each is put to rest, and brought back. */

let lab: TestLab;
let gateway: TestHost;
let agent1: TestHost;
let agent2: TestHost;

const OFF = 'inactive disabled';
const ON = 'active enabled';
const CONF = '/etc/dcv/dcv.conf';
const BROKER = '10.150.248.136';

beforeAll(async () => {
  lab = await useLab();
  await lab.reset();
  gateway = lab.host('gateway');
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
  await Promise.all([
    layConnectionGateway(gateway, 8443).then(() => layResolver(gateway)),
    laySessionManagerAgent(agent1, BROKER).then(() => sessionThere(agent1)),
    layBroker(agent2),
  ]);
});
afterAll(() => lab.reset());

const retire = (...args: readonly string[]): ReturnType<TestLab['dcvops']> => lab.dcvops(['retire', ...args]);

/** Everything that retiring may touch: two equal texts mean that nothing was touched. */
function everything(host: TestHost): Promise<string> {
  return host.sh(
    `find /etc/dcv /etc/dcv-connection-gateway /etc/systemd/system /var/lib/dcvops -printf '%p %y %m %u:%g %s %T@ %l\n' 2>/dev/null | sort
    sha256sum ${CONF} 2>/dev/null; ls -A /run | grep dcvops; true`,
  );
}

describe('dcvops retire connection-gateway', () => {
  it('is what the doctor says to type', async () => {
    const { stdout } = await lab.dcvops(['doctor', '--json', '--all']);
    const { findings } = JSON.parse(stdout) as {
      findings: { check: string; subject: string; seen: string; remedy: string[] }[];
    };
    const ours = findings.filter(({ check }) => check.startsWith('leftovers/'));
    expect(
      ours.map(({ check, subject, remedy }) => [check, subject, ...remedy].join(' ')).toSorted(),
    ).toEqual([
      'leftovers/broker agent2 dcvops retire broker agent2',
      'leftovers/connection-gateway gateway dcvops retire connection-gateway gateway dcvops deploy',
      'leftovers/token-verifier agent1 dcvops retire broker agent1 --restart',
    ]);
    expect(ours.find(({ subject }) => subject === 'gateway')?.seen).toMatch(
      /starts at boot; it has TCP 8443$/,
    );
  });

  it('shows what it would do, and does nothing', async () => {
    const before = await everything(gateway);
    const { code, stderr } = await retire('connection-gateway', 'gateway', '--dry-run');
    expect(code).toBe(0);
    expect(stderr).toContain(`stop and disable ${GATEWAY_UNIT}`);
    expect(stderr).toMatch(/keep .*dcv\.crt and .*dcv\.key: nginx uses them/);
    const asked = await retire('connection-gateway', 'gateway');
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('answer it with --yes');
    expect(await everything(gateway)).toBe(before);
    expect(await stateOf(gateway, GATEWAY_UNIT)).toBe(ON);
  });

  it('cuts nobody off without being told', async () => {
    const held = lab.operator.start([
      process.execPath,
      '-e',
      "require('net').connect(8443, '10.213.66.188', () => console.log('up')).resume().on('close', () => console.log('cut'))",
    ]);
    await held.waitFor('up');
    const refused = await retire('connection-gateway', 'gateway', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      '10.213.0.10 is connected through the connection gateway. Nothing changed.',
    );
    expect(refused.stderr).toContain('dcvops retire connection-gateway gateway --end-sessions');
    expect(await stateOf(gateway, GATEWAY_UNIT)).toBe(ON);

    const done = await retire('connection-gateway', 'gateway', '--yes', '--end-sessions');
    expect(done.code).toBe(0);
    expect(done.stderr).toContain('the connection gateway is retired');
    expect(done.stderr).toContain('dcvops deploy gateway');
    expect(done.stderr).toContain('dcvops retire --undo connection-gateway gateway');
    await held.waitFor('cut');
    expect(await stateOf(gateway, GATEWAY_UNIT)).toBe(OFF);
    expect((await lab.dcvops(['deploy', '--yes', '--prepare-host'])).code).toBe(0);
  });

  it('has nothing to do the second time', async () => {
    const before = await everything(gateway);
    const { code, stderr } = await retire('connection-gateway', 'gateway', '--yes');
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('is retired already') as string,
    });
    expect(await everything(gateway)).toBe(before);
  });

  it('comes back, once nginx has left the port', async () => {
    const tooEarly = await retire('--undo', 'connection-gateway', 'gateway', '--yes');
    expect(tooEarly.code).toBe(1);
    expect(tooEarly.stderr).toContain("nginx has the gateway's port now");
    expect(tooEarly.stderr).toContain(`${GATEWAY_UNIT} does not stay up. What was brought back stays.`);
    await gateway.sh('systemctl stop nginx');
    const back = await retire('--undo', 'connection-gateway', 'gateway', '--yes');
    expect(back.code).toBe(0);
    expect(back.stderr).toContain('the connection gateway is back');
    expect(await stateOf(gateway, GATEWAY_UNIT)).toBe(ON);
    expect(await gateway.sh('ls -A /var/lib/dcvops/retired')).toBe('');
    expect(await gateway.read('/var/lib/dcvops/audit.log')).toMatch(
      /retired connection-gateway\n[^]*could not bring[^]*brought connection-gateway back\n$/,
    );
    expect((await retire('--undo', 'gateway', '--yes')).stderr).toContain('nothing is retired here');
  });
});

describe('dcvops retire resolver', () => {
  it('finds the service by the port that the connection gateway asks', async () => {
    const warned = await retire('resolver', 'gateway', '--dry-run');
    expect(warned.stderr).toContain('the connection gateway of this host runs and asks it');
    const done = await retire('resolver', 'gateway', '--yes');
    expect(done.code).toBe(0);
    expect(await stateOf(gateway, RESOLVER_UNIT)).toBe(OFF);
    expect((await retire('--undo', 'gateway', '--yes')).code).toBe(0);
    expect(await stateOf(gateway, RESOLVER_UNIT)).toBe(ON);
  });

  it('never stops what more depends on', async () => {
    const refused = await retire('resolver', 'agent2', '--port', '22', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/it is ssh\.service that listens on TCP 22/);
  });
});

describe('dcvops retire broker', () => {
  beforeEach(async () => {
    await agent1.sh(
      `rm -rf /var/lib/dcvops; systemctl enable --quiet --now ${AGENT_UNIT}; chown dcv:dcv ${CONF}; chmod 664 ${CONF}`,
    );
    await agent1.write(CONF, brokersConf(BROKER));
    await sessionThere(agent1);
  });

  it('stops a broker, and tells what its agents need', async () => {
    const done = await retire('broker', 'agent2', '--yes');
    expect(done.code).toBe(0);
    expect(done.stderr).toContain('agents whose auth-token-verifier names this broker let nobody in');
    expect(await stateOf(agent2, BROKER_UNIT)).toBe(OFF);
    expect((await retire('--undo', 'broker', 'agent2', '--yes')).code).toBe(0);
    expect(await stateOf(agent2, BROKER_UNIT)).toBe(ON);
  });

  it('leaves a desktop in use alone until it is told otherwise', async () => {
    const viewer = await openViewer(lab, `https://${agent1.address}:8443/#desktop-session`);
    const pid = await agent1.sh('systemctl show dcvserver --property=MainPID');

    const done = await retire('broker', 'agent1', '--yes');
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('-auth-token-verifier=');
    expect(done.stderr).toContain('dcvserver reads the changed dcv.conf at its next start');
    expect(done.stderr).toContain('dcvops retire broker agent1 --restart');
    expect(await agent1.read(CONF)).toBe(OWN_CONF);
    expect(await agent1.sh(`stat -c '%a %U:%G' ${CONF}`)).toBe('664 dcv:dcv');
    expect(await stateOf(agent1, AGENT_UNIT)).toBe(OFF);

    const refused = await retire('broker', 'agent1', '--restart', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('1 person is connected, and a restart of dcvserver ends all sessions');
    expect(await agent1.sh('systemctl show dcvserver --property=MainPID')).toBe(pid);

    const restarted = await retire('broker', 'agent1', '--restart', '--end-sessions', '--yes');
    expect(restarted.code).toBe(0);
    expect(restarted.stderr).toContain('dcvops session create agent1');
    await viewer.gone;
    expect(await agent1.sh('systemctl show dcvserver --property=MainPID')).not.toBe(pid);
    expect((await retire('broker', 'agent1', '--restart', '--yes')).stderr).toContain('is retired already');
  });

  it('brings dcv.conf back byte by byte, unless somebody changed it since', async () => {
    await retire('broker', 'agent1', '--yes');
    await agent1.write(CONF, `${OWN_CONF}# mine\n`);
    const refused = await retire('--undo', 'agent1', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('dcv.conf was changed since; it is not put back. Nothing changed.');
    expect(refused.stderr).toContain(`diff ${CONF} /var/lib/dcvops/retired/broker/dcv.conf`);
    expect(await stateOf(agent1, AGENT_UNIT)).toBe(OFF);

    const forced = await retire('--undo', 'agent1', '--force', '--yes');
    expect(forced.code).toBe(0);
    const kept = /is kept as ([^\s;]+)/.exec(forced.stderr)?.[1] ?? '';
    expect(await agent1.read(kept)).toBe(`${OWN_CONF}# mine\n`);
    expect(await agent1.read(CONF)).toBe(brokersConf(BROKER));
    expect(await agent1.sh(`stat -c '%a %U:%G' ${CONF}`)).toBe('664 dcv:dcv');
    expect(await stateOf(agent1, AGENT_UNIT)).toBe(ON);
    expect(await agent1.sh('ls -A /etc/dcv /run | grep -c dcvops-; true')).toBe('0');
  });

  it('undoes itself when a step fails', async () => {
    await layBroker(agent1);
    await agent1.sh(`mkdir -p /run/systemd/system/${AGENT_UNIT}.d
      printf '[Unit]\nRefuseManualStop=yes\n' >/run/systemd/system/${AGENT_UNIT}.d/stays.conf; systemctl daemon-reload`);
    const before = await agent1.sh(`sha256sum ${CONF}; ls -A /etc/dcv`);
    const failed = await retire('broker', 'agent1', 'agent2', '--yes');
    expect(failed.code).toBe(3);
    expect(failed.stderr).toMatch(
      /dcv-session-manager-agent\.service does not stop.*undone: everything is as it was/s,
    );
    expect(await stateOf(agent1, BROKER_UNIT)).toBe(ON);
    expect(await stateOf(agent1, AGENT_UNIT)).toBe(ON);
    expect(await agent1.sh(`sha256sum ${CONF}; ls -A /etc/dcv`)).toBe(before);
    expect(await agent1.sh('ls -A /var/lib/dcvops/retired')).toBe('');
    // the other host is not held up
    expect(await stateOf(agent2, BROKER_UNIT)).toBe(OFF);
    await agent1.sh(
      `rm -r /run/systemd/system/${AGENT_UNIT}.d /usr/lib/systemd/system/${BROKER_UNIT} && systemctl daemon-reload && systemctl kill ${BROKER_UNIT}`,
    );
    await retire('--undo', 'agent2', '--yes');
  });

  it('is finished by the host when the operator is gone', async () => {
    await agent1.sh(`mkdir -p /run/systemd/system/${AGENT_UNIT}.d
      printf '[Service]\nExecStop=/bin/sh -c "touch /run/stopping; sleep 1"\n' >/run/systemd/system/${AGENT_UNIT}.d/slow.conf
      systemctl daemon-reload`);
    const run = lab.startDcvops(['retire', 'broker', 'agent1', '--yes']);
    await eventually(async () => (await agent1.attempt('ls /run/stopping')).code === 0);
    run.kill('SIGKILL');
    await eventually(async () => (await agent1.read(CONF)) === OWN_CONF);
    expect(await stateOf(agent1, AGENT_UNIT)).toBe(OFF);
    await agent1.sh(`rm -r /run/systemd/system/${AGENT_UNIT}.d; systemctl daemon-reload`);
    expect((await retire('--undo', 'agent1', '--yes')).code).toBe(0);
    expect(await agent1.read(CONF)).toBe(brokersConf(BROKER));
  });

  it('goes on past a host that does not answer', async () => {
    await agent2.disconnect();
    try {
      const { code, stderr } = await retire('broker', 'agent1', 'agent2', '--yes', '--connect-timeout', '1');
      expect(code).toBe(4);
      expect(stderr).toMatch(/agent2/);
      expect(await stateOf(agent1, AGENT_UNIT)).toBe(OFF);
    } finally {
      await agent2.reconnect();
    }
  });
});
