import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from './command.ts';
import { inventoryVariant } from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

/* Real apt and dpkg install a real desktop, Openbox, from the lab's own repository. */

let lab: TestLab;
let agent1: TestHost;

/** Has apt wait before dpkg begins, until somebody writes to the gate; or fail there. */
const GATE = '/etc/apt/apt.conf.d/99gate';

beforeAll(async () => {
  lab = await useLab();
  agent1 = lab.host('agent1');
  await agent1.sh('dpkg --purge openbox && mkfifo /run/gate');
});
afterAll(() => lab.reset('agent1'));

const desktop = (...args: string[]): Promise<CommandResult> => lab.dcvops(['desktop', ...args]);
const INSTALL = ['desktop', 'install', 'agent1', '--flavor', 'openbox', '--yes'];
const UNIT = 'dcvops-desktop-install.service';
const LOG = '/var/log/dcvops/desktop-install.log';
const openbox = (): Promise<string> =>
  agent1.sh("dpkg-query -W -f '${db:Status-Status}' openbox 2>/dev/null || true");

describe('a desktop that is not there', () => {
  it('is told with what installs it, and is not installed without a yes', async () => {
    const { code, stdout } = await desktop('status', 'agent1', 'agent2');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^agent1 {2}Debian GNU\/Linux 12 \(bookworm\), Amazon DCV .*, virtual sessions\n {2}NEED +STATE +FOUND\n {2}desktop environment for X +missing +there is none in \/usr\/share\/xsessions\n/,
    );
    expect(stdout).toContain('  Next: dcvops desktop install agent1\n');
    expect(stdout).toMatch(/^agent2 [^]*^ {2}desktop environment for X +ok +openbox$/m);

    const plan = await desktop('install', 'agent1', '--flavor', 'openbox', '--dry-run');
    expect(plan).toMatchObject({ code: 0, stdout: '' });
    expect(plan.stderr).toContain(
      'agent1: to do for openbox:\n  - install openbox (apt-get)\n✔ agent1  would install openbox; nothing changed\n',
    );
    const asked = await desktop('install', 'agent1', '--flavor', 'openbox');
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('"Install this on agent1?" needs an answer');
    expect(await openbox()).toBe('');
  });
});

describe('an installation goes on without us', () => {
  it('dcvops is killed, the connection is cut, Ctrl-C: the same command follows it, to its end', async () => {
    await agent1.write(GATE, 'DPkg::Pre-Invoke { "read line </run/gate"; };\n', '644');
    const first = lab.startDcvops(INSTALL);
    await first.waitFor('0 upgraded, 1 newly installed');
    first.kill('SIGKILL');
    await first.ended;

    const second = lab.startDcvops(INSTALL);
    await second.waitFor('follows what runs there already: "dcvops desktop install: openbox, by ');
    await second.waitFor('1 newly installed');
    await agent1.sh("pkill -KILL -f '^sshd: ec2-user'");
    const cut = await second.ended;
    expect(cut.code).toBe(4);
    expect(cut.stderr).toContain(
      'the installation goes on without us\n  Next: dcvops desktop install agent1   (follows it)\n',
    );

    const left = lab.startDcvops(INSTALL);
    await left.waitFor('1 newly installed');
    left.kill('SIGINT');
    expect((await left.ended).code).toBe(130);
    expect(left.stderr()).toContain('interrupted; the installation goes on without us');

    const third = lab.startDcvops(INSTALL);
    await third.waitFor('1 newly installed');
    expect(await openbox()).toBe('');
    await agent1.sh('echo >/run/gate');
    const followed = await third.ended;
    expect(followed.code).toBe(0);
    expect(followed.stderr).toContain('agent1: Installing: Setting up openbox');
    expect(followed.stderr).toMatch(/✔ agent1 {2}"dcvops desktop install: openbox, by .* ended well\n/);
    expect(await openbox()).toBe('installed');
    expect(await agent1.sh(`grep -c '^dcvops: install openbox' ${LOG}`)).toBe('1');
  });

  it('is unchanged the second time, and nothing is run', async () => {
    const begun = await agent1.sh(`systemctl show -p InvocationID ${UNIT}`);
    const { code, stderr } = await lab.dcvops(INSTALL);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: '✔ agent1: Reading the host\n✔ agent1  unchanged: openbox is there\n',
    });
    expect(await agent1.sh(`systemctl show -p InvocationID ${UNIT}`)).toBe(begun);
    const status = await desktop('status', 'agent1', '--json');
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject([
      {
        agent: 'agent1',
        shows: ['virtual'],
        needs: expect.arrayContaining([
          expect.objectContaining({ check: 'agent/no-desktop', state: 'ok', found: 'openbox' }),
        ]) as unknown,
        packages: { openbox: expect.any(String) as unknown, xterm: expect.any(String) as unknown },
      },
    ]);
  });
});

describe('an installation that fails', () => {
  it('says how it ended and its last lines, and goes on once the cause is gone', async () => {
    await agent1.sh('dpkg --purge openbox');
    await agent1.write(GATE, 'DPkg::Pre-Invoke { "echo the disk is on fire; exit 7"; };\n', '644');
    const failed = await lab.dcvops(INSTALL);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /✖ agent1: the installation failed \(exit-code 100\); its last lines:\n[^]*the disk is on fire\n[^]* {2}Next: dcvops desktop install agent1 --flavor openbox {3}\(goes on/,
    );
    // what dpkg is in the middle of when a host loses power
    await agent1.sh(`rm ${GATE}; dpkg --unpack /srv/lab-packages/openbox_*.deb`);
    const again = await lab.dcvops(INSTALL);
    expect(again.stderr).toContain('! agent1: before: the installation failed (exit-code 100)');
    expect(again.stderr).toContain('- finish what dpkg was interrupted in (dpkg --configure -a)\n');
    expect(again.stderr).toContain('✔ agent1  openbox is installed\n');
    expect(again.code).toBe(0);
    expect(await agent1.sh('tail -n 1 /var/lib/dcvops/audit.log')).toMatch(
      /^\S+Z \S+@\S+ desktop install: openbox$/,
    );
  });
});

/** A stand-in for lightdm, which the lab does not have: a service without a screen, named and linked as Debian's is. */
const LIGHTDM = `
mkdir -p /srv/more/lightdm/DEBIAN /srv/more/lightdm/lib/systemd/system && cd /srv/more
printf '%s\\n' 'Package: lightdm' 'Version: 1~standin' 'Architecture: all' 'Maintainer: the lab' \
  'Description: a stand-in for a display manager' >lightdm/DEBIAN/control
printf '%s\\n' '#!/bin/sh' 'echo /usr/sbin/lightdm >/etc/X11/default-display-manager' >lightdm/DEBIAN/postinst
chmod 755 lightdm/DEBIAN/postinst
printf '%s\\n' '[Service]' 'ExecStart=/bin/sleep infinity' '[Install]' 'Alias=display-manager.service' \
  >lightdm/lib/systemd/system/lightdm.service
dpkg-deb --build lightdm lightdm.deb
{ dpkg-deb --field lightdm.deb; echo 'Filename: ./lightdm.deb'
  echo "Size: $(stat -c %s lightdm.deb)"; echo "SHA256: $(sha256sum lightdm.deb | cut -d ' ' -f 1)"; } >Packages
echo 'deb [trusted=yes] file:/srv/more ./' >/etc/apt/sources.list.d/more.list`;

describe('a desktop on the console', () => {
  it('comes with a display manager, X in place of Wayland, and the graphical target; then nothing is left', async () => {
    await agent1.sh(LIGHTDM);
    await agent1.sh(`systemctl set-default multi-user.target; mkdir -p /etc/gdm3
      printf '[daemon]\nWaylandEnable=true\n' >/etc/gdm3/daemon.conf`);
    const console = await inventoryVariant(lab, 'console', (text) =>
      text.replace('type: virtual', 'type: console'),
    );
    const run = await lab.dcvops([...INSTALL, '-i', console]);
    expect(run.stderr).toContain(
      [
        'to do for openbox:',
        '- install lightdm (apt-get)',
        '- set WaylandEnable=false in /etc/gdm3/daemon.conf',
        '- boot into graphical.target (now multi-user.target)',
        '- enable and start lightdm',
      ].join('\n  '),
    );
    expect(run.code).toBe(0);
    expect(await agent1.sh('systemctl is-active display-manager; systemctl get-default')).toBe(
      'active\ngraphical.target',
    );
    expect(await agent1.read('/etc/gdm3/daemon.conf')).toBe('[daemon]\nWaylandEnable=false\n');
  });
});
