import { describe, expect, it } from 'vitest';
import type { SystemFacts } from '../../../../src/doctor/facts/system.ts';
import { type Told, factsOfFixture } from './told.ts';

/** Units that exist: "active since 2026-11-30T11:00:00.000Z, enabled". */
function unitsOf({ units = {} }: SystemFacts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(units)
      .filter(([, { load }]) => load !== 'not-found')
      .map(([name, { active, since, enabled }]) => {
        const moment = since === undefined ? 'never' : `since ${new Date(since * 1000).toISOString()}`;
        return [name, `${active} ${moment}, ${enabled}`];
      }),
  );
}

function listenersOf({ listeners = [] }: SystemFacts): string[] {
  return listeners.map(
    ({ protocol, address, port, program, pid }) =>
      `${protocol} ${address} ${port} ${program ?? '?'} ${pid ?? '?'}`,
  );
}

function firewallsOf({ firewalls }: SystemFacts): string[] {
  return firewalls.map(
    ({ tool, active, rules }) => `${tool} ${active ? 'on' : 'off'}, ${rules.length} lines`,
  );
}

function disksOf({ disks }: SystemFacts): string[] {
  return disks.map(
    ({ mount, device, usedPercent, inodesUsedPercent, folders }) =>
      `${mount} on ${device}: ${usedPercent} %, inodes ${inodesUsedPercent ?? '-'} %, ${folders.join(' ')}`,
  );
}

function signaturesOf({ agent }: Told): string[] {
  return agent.signatures.map(({ id, at, count }) => `${count} ${id} ${at ?? 'some time'}`);
}

describe('what a host tells: a fact read wrong sends the person on call to the wrong place', () => {
  it('Debian 12 with the stand-in, recorded', () => {
    const { system, agent, hung } = factsOfFixture('debian-12');
    expect(system).toMatchObject({
      hostname: 'agent1',
      os: { id: 'debian', like: [], version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
      architecture: 'x86_64',
      ec2: false,
      packageManager: 'apt-get',
      packages: { logrotate: '3.21.0-1' },
      // a container does not know
      clock: { synchronised: undefined, utcOffsetMinutes: 0 },
      outOfMemory: [],
      defaultTarget: 'graphical.target',
      firewalls: [],
      selinux: undefined,
      forwardProxy: {},
    });
    expect(system.units?.['dcvserver.service']).toMatchObject({ active: 'active', openFiles: 65_536 });
    expect(system.units?.['nginx.service']).toMatchObject({ load: 'not-found', since: undefined });
    expect(listenersOf(system)).toContain('tcp 0.0.0.0 8443 dcvserver 46');
    expect(disksOf(system)).toEqual([
      '/ on overlay: 1 %, inodes 1 %, / /var/log /home',
      '/tmp on tmpfs: 0 %, inodes 1 %, /tmp',
    ]);
    expect(agent).toMatchObject({
      dcv: { text: 'Amazon DCV 2023.0 (r14852)', release: '2023.0', build: 14_852 },
      conf: { 'security/authentication': 'none' },
      sessions: [{ id: 'desktop-session', owner: 'ec2-user', display: ':1', connections: 0 }],
      silence: undefined,
      accounts: [{ name: 'ec2-user', exists: true, uid: 1000, homeOwnerUid: 1000, password: 'none' }],
      certificate: { mode: '600 dcv:dcv', keyMode: '600 dcv:dcv', pair: true },
      desktop: { xSessions: ['openbox'], displayManager: undefined, xdcv: true, webViewer: true },
      x: { locks: [{ display: ':1', file: undefined, socket: true, alive: true }], access: undefined },
      gpu: { devices: [], nvidia: undefined, nouveau: false, glTest: undefined },
      logs: { directory: '/var/log/dcv', directoryOwner: 'dcv', foreign: [] },
      signatures: [],
      verifier: undefined,
      remoteDesktops: [],
    });
    expect(agent.certificate?.chain[0]).toMatch(/^-----BEGIN [^]*-----END CERTIFICATE-----\n$/);
    expect(agent.processes.map(({ user, command }) => `${user} ${command.slice(0, 40)}`)).toContain(
      'dcv /usr/bin/python3 /usr/bin/dcvserver -d -',
    );
    expect(hung).toEqual([]);
  });

  it('Ubuntu 22.04 on EC2 with an NVIDIA card: ufw, X on the console, no right to the licence, conda', () => {
    const told = factsOfFixture('ubuntu-22.04');
    const { system, agent } = told;
    expect(system).toMatchObject({
      os: { id: 'ubuntu', like: ['debian'], version: '22.04' },
      ec2: true,
      cpus: 4,
      load1: 0.42,
      uptime: 86_400.25,
      memory: { totalKiB: 16_073_624, availableKiB: 12_871_044, swapTotalKiB: 0 },
      clock: { synchronised: true },
    });
    expect(system.packages).toMatchObject({
      'nice-dcv-server': '2023.1.17701-1',
      'xserver-xorg-core': '2:21.1.4-2ubuntu1.7~22.04.12',
    });
    // removed, its configuration is still there
    expect(system.packages).not.toHaveProperty('nginx-common');
    expect(unitsOf(system)).toMatchObject({
      'dcvserver.service': 'active since 2026-11-30T11:00:00.000Z, enabled',
      'display-manager.service': 'active since 2026-11-29T12:00:16.000Z, static',
      'gdm3.service': 'active since 2026-11-29T12:00:16.000Z, alias',
      'gnome-remote-desktop.service': 'inactive never, disabled',
    });
    expect(disksOf(system)[1]).toBe(
      '/home on /dev/mapper/vg_desktops_of_the_studio-lv_home_of_all_users: 96 %, inodes 3 %, /home',
    );
    expect(listenersOf(system)).toEqual(
      expect.arrayContaining(['udp 127.0.0.53 53 systemd-resolve 501', 'tcp :: 8443 dcvserver 912']),
    );
    expect(firewallsOf(system)).toEqual(['nft on, 11 lines', 'ufw on, 8 lines']);
    expect(agent).toMatchObject({
      conf: {
        'connectivity/web-listen-endpoints': "['0.0.0.0:8443', '[::]:8443']",
        'security/authentication': 'system',
        'security/allowed-http-host-regex': '^10\\.213\\.66\\.188(:8443)?$',
      },
      sessions: [
        {
          lastDisconnectedAt: '2026-11-29T19:20:00.000Z',
          licences: [
            { product: 'dcv', status: 'demo', expiresAt: '2026-12-29T00:00:00.000Z' },
            { product: 'dcv-gl' },
          ],
        },
      ],
      accounts: [{ name: 'ubuntu', password: 'set', conda: true }],
      desktop: {
        xSessions: ['ubuntu-xorg', 'ubuntu'],
        waylandSessions: ['ubuntu-wayland'],
        displayManager: '/usr/sbin/gdm3',
        gdmConf: '/etc/gdm3/custom.conf',
        waylandEnable: false,
      },
      x: {
        locks: [
          { display: ':0', pid: 1404, alive: true },
          { display: ':1', pid: 2210, alive: true },
        ],
        consoleDisplay: ':0',
      },
      gpu: { nvidia: { works: true, text: 'Tesla T4, 535.183.06' }, nouveau: false, glTest: 'success' },
    });
    expect(agent.x.access).toContain('SI:localuser:dcv');
    expect(agent.gpu.devices).toEqual(['3D controller: NVIDIA Corporation TU104GL [Tesla T4] (rev a1)']);
    // neither what was before yesterday, nor the licence that was missing before the restart
    expect(signaturesOf(told)).toEqual([
      '1 quic 2026-11-30T11:00:01.100000Z',
      '2 licence-s3 2026-11-30T11:59:20.120934Z',
      '1 unknown-session 2026-11-30T11:59:30.700001Z',
    ]);
    expect(agent.signatures[2]?.line).toContain('authToken=***');
  });

  it('Ubuntu 24.04: DCV crashed, disk full, no memory, xrdp, a share that hangs, locks that were left', () => {
    const told = factsOfFixture('ubuntu-24.04');
    const { system, agent, hung } = told;
    expect(system).toMatchObject({
      ec2: false,
      clock: { utcOffsetMinutes: 330, synchronised: false },
      memory: { availableKiB: 210_044, swapFreeKiB: 12_004 },
      forwardProxy: {
        http_proxy: 'http://proxy.studio.example:3128/',
        https_proxy: 'http://proxy.studio.example:3128/',
        no_proxy: 'localhost,127.0.0.1',
      },
    });
    expect(system.outOfMemory).toHaveLength(1);
    expect(system.units?.['dcvserver.service']).toMatchObject({
      active: 'failed',
      result: 'core-dump',
      restarts: 5,
      mainPid: 0,
      since: Date.parse('2026-11-30T11:43:20Z') / 1000,
    });
    expect(disksOf(system)).toEqual([
      '/ on /dev/mapper/ubuntu--vg-ubuntu--lv: 100 %, inodes 100 %, / /var/log',
      '/tmp on tmpfs: 1 %, inodes 1 %, /tmp',
    ]);
    // systemd holds sshd's socket, too
    expect(listenersOf(system)).toEqual(
      expect.arrayContaining(['tcp * 22 sshd 1201', 'tcp ::1 3350 xrdp-sesman 951']),
    );
    expect(firewallsOf(system)).toEqual(['iptables off, 7 lines', 'ufw off, 1 lines']);
    expect(agent).toMatchObject({
      sessions: undefined,
      silence: 'Could not list sessions. The dcvserver service is not running',
      conf: { 'connectivity/web-url-path': '/dcv', 'security/administrators': '["dcvsmagent"]' },
      accounts: [
        { name: 'ec2-user', exists: false, uid: undefined },
        { name: 'jane', exists: true, uid: 20_017, password: 'unknown', homeOwnerUid: undefined },
      ],
      certificate: { mode: '644 root:root', pair: false },
      // what is set in [debug] has no effect
      desktop: { waylandEnable: undefined, webViewer: false },
      logs: {
        directoryOwner: 'UNKNOWN',
        foreign: [
          { path: '/var/log/dcv/server.log', owner: 'UNKNOWN' },
          { path: '/var/log/dcv/server.log.1', owner: 'root' },
        ],
      },
      verifier: { reachable: false, reason: 'Connection refused' },
      remoteDesktops: ['xrdp'],
    });
    expect(agent.x.locks).toMatchObject([
      { display: ':1', file: '/tmp/.X1-lock', socket: true, alive: false },
      { display: ':2', socket: false, pid: 950, alive: false },
      { display: ':1024', alive: true },
      { display: ':7', file: undefined, socket: true, alive: false },
    ]);
    expect(signaturesOf(told)).toEqual([
      '1 x-server-running some time',
      '2 crash 2026-11-30T11:41:00.000000Z',
    ]);
    expect(hung).toEqual(['df (5 s)', 'reading the homes of session users (5 s)']);
  });

  it('Amazon Linux 2: systemd 219, an old ss, iptables, a driver that does not work, a dcv that hangs', () => {
    const told = factsOfFixture('amazon-linux-2');
    const { system, agent, hung } = told;
    expect(system).toMatchObject({
      os: { id: 'amzn', like: ['centos', 'rhel', 'fedora'], version: '2' },
      ec2: true,
      packageManager: 'yum',
      cpus: 8,
      clock: { utcOffsetMinutes: -480, synchronised: true },
      selinux: { mode: 'disabled', denials: [] },
    });
    expect(system.units).toMatchObject({
      'dcvserver.service': { result: 'start-limit-hit', restarts: 0, openFiles: 65_536 },
      'dcvsessionlauncher.service': { openFiles: undefined },
    });
    expect(disksOf(system)[1]).toContain('amazonaws.com:/: 0 %, inodes - %, /home');
    expect(listenersOf(system)).toEqual([
      'udp 0.0.0.0 68 dhclient 2610',
      'udp ::1 323 chronyd 2700',
      'tcp 0.0.0.0 22 sshd 3289',
      'tcp 0.0.0.0 8443 java 4020',
      'tcp :: 22 sshd 3289',
      'tcp 127.0.0.1 25 ? ?',
    ]);
    expect(firewallsOf(system)).toEqual(['iptables on, 10 lines']);
    expect(agent).toMatchObject({
      // dcv was not asked again; its package tells
      dcv: { text: '', release: '2023.0', build: 14_852 },
      sessions: undefined,
      silence: 'dcv list-sessions did not answer in 20 s',
      conf: {
        'session-management/create-session': 'true',
        'session-management/automatic-console-session/owner': 'ec2-user',
        'connectivity/web-port': '8444',
      },
      // conda behind the system's programs does no harm
      accounts: [{ uid: 1000, homeOwnerUid: 500, password: 'none', conda: false }],
      desktop: { displayManager: 'gdm.service', gdmConf: '/etc/gdm/custom.conf', waylandEnable: undefined },
      gpu: { nvidia: { works: false }, nouveau: true, glTest: 'error' },
    });
    expect(agent.certificate?.chain).toHaveLength(2);
    // the licence came in the end
    expect(signaturesOf(told)).toEqual(['1 too-many-files 2026-11-30T11:59:40.500000Z']);
    expect(hung).toEqual(['dcv list-sessions (20 s)']);
  });

  it('Amazon Linux 2023: no desktop, no Xdcv, no GPU, listens on loopback only', () => {
    const { system, agent } = factsOfFixture('amazon-linux-2023');
    expect(system).toMatchObject({
      architecture: 'aarch64',
      ec2: true,
      packageManager: 'dnf',
      defaultTarget: 'multi-user.target',
      firewalls: [],
      // the denial is older than a day
      selinux: { mode: 'permissive', denials: [] },
    });
    expect(disksOf(system)[0]).toBe('/ on /dev/nvme0n1p1: 43 %, inodes 2 %, / /var/log /home');
    expect(listenersOf(system)[1]).toBe('udp fe80::85b:24ff:fe11:2233 546 systemd-network 1500');
    expect(agent).toMatchObject({
      sessions: [],
      accounts: [
        { name: 'ec2-user', password: 'none', conda: false },
        { name: 'svc', password: 'none', homeOwnerUid: undefined },
      ],
      certificate: { keyMode: undefined, pair: undefined },
      desktop: { displayManager: undefined, xdcv: false, webViewer: true },
      x: { locks: [], consoleDisplay: undefined },
      gpu: { devices: [], nvidia: undefined, glTest: undefined },
      signatures: [],
    });
  });

  it('Rocky 9: SELinux denies, firewalld, a console session of a directory’s user, logs elsewhere', () => {
    const told = factsOfFixture('rocky-9');
    const { system, agent } = told;
    expect(system).toMatchObject({
      cpus: 32,
      clock: { utcOffsetMinutes: 60 },
      selinux: { mode: 'enforcing' },
      forwardProxy: {
        https_proxy: 'http://proxy.studio.example:3128',
        no_proxy: 'localhost,.studio.example',
      },
    });
    expect(system.selinux?.denials).toEqual([expect.stringContaining('comm="dcvserver"')]);
    expect(system.units?.['nginx.service']).toMatchObject({ load: 'masked', enabled: 'masked' });
    expect(system.units?.['dcvserver.service']?.restarts).toBe(3);
    expect(disksOf(system)[1]).toContain('/home on //filer.studio.example/desktop homes: 8 %');
    expect(firewallsOf(system)).toEqual(['nft on, 14 lines', 'firewalld on, 14 lines']);
    expect(agent).toMatchObject({
      conf: {
        'license/license-file': '5053@licences.studio.example',
        'session-management/max-concurrent-clients': '1',
        'security/allowed-ws-origin-regex': '^https://(www\\.)?gateway\\.studio\\.example$',
      },
      sessions: [{ id: 'console', owner: 'STUDIO\\jane', user: undefined, type: 'console', connections: 1 }],
      accounts: [{ name: 'rocky' }, { name: 'STUDIO\\jane', exists: true, uid: 70_017, password: 'unknown' }],
      certificate: undefined,
      desktop: { waylandEnable: false },
      gpu: { nvidia: { works: true }, glTest: 'error' },
      logs: { directory: '/data/dcv-logs' },
    });
    expect(agent.processes.at(-1)?.command).toMatch(/--session-id console --auth-token=\*\*\*$/);
    expect(signaturesOf(told)).toEqual([
      '1 not-authorized 2026-11-30T11:00:00.000000Z',
      '1 no-frame-ack 2026-11-30T11:58:00.000000Z',
    ]);
  });

  it('SLES 15: a dcv without JSON, btrfs, firewalld that does not run, its own places for settings', () => {
    const { system, agent } = factsOfFixture('sles-15');
    expect(system).toMatchObject({
      os: { id: 'sles', like: ['suse'], version: '15.6' },
      packageManager: 'zypper',
      selinux: undefined,
      forwardProxy: { http_proxy: 'http://proxy.studio.example:8080', no_proxy: 'localhost, 127.0.0.1' },
    });
    expect(system.forwardProxy).not.toHaveProperty('https_proxy');
    expect(disksOf(system)[3]).toBe('/home on /dev/sda3: 7 %, inodes - %, /home');
    expect(listenersOf(system)).toContain('tcp * 8443 dcvserver 1400');
    expect(firewallsOf(system)).toEqual(['firewalld off, 1 lines']);
    expect(agent).toMatchObject({
      dcv: { release: '2021.0', build: 10_242 },
      sessions: [{ id: 'desktop-session', owner: 'geeko', type: 'virtual', name: 'Desk of Geeko' }],
      certificate: { keyMode: '600 dcv:dcv', pair: undefined },
      desktop: { displayManager: '/usr/lib/X11/displaymanagers/gdm', xdcv: true, webViewer: false },
      x: { locks: [{ display: ':1', file: undefined, pid: 2000, alive: true }] },
      remoteDesktops: ['vncserver'],
    });
  });
});
