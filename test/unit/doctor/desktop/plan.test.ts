import { describe, expect, it } from 'vitest';
import type { FlavorName } from '../../../../src/doctor/desktop/flavors.ts';
import { planDesktop } from '../../../../src/doctor/desktop/plan.ts';
import { DcvopsError } from '../../../../src/errors.ts';
import { NO_UNIT, unit } from '../healthy.ts';
import { type Changes, planFactsFor } from './facts.ts';

/** A host without any desktop, as a cloud's image is. */
const BARE: Changes = {
  desktop: {
    xSessions: [],
    waylandSessions: [],
    displayManager: undefined,
    gdmConf: undefined,
    waylandEnable: undefined,
  },
  system: { units: { 'display-manager.service': NO_UNIT }, defaultTarget: 'multi-user.target' },
};

const GDM = { desktop: { displayManager: '/usr/sbin/gdm3', gdmConf: '/etc/gdm3/custom.conf' } };
const UBUNTU_THERE: Changes = {
  ...GDM,
  state: { installed: ['ubuntu-desktop-minimal', 'gdm3'] },
};

interface Asked {
  readonly flavor?: FlavorName;
  readonly endSessions?: boolean;
}

/** The plan, a line each: its kind, its steps or commands; or the error with its hint. */
function plan(distribution: string, changes: Changes, { flavor, endSessions = false }: Asked = {}): string[] {
  try {
    const planned = planDesktop(planFactsFor(distribution, changes), { flavor, endSessions });
    const heading = `${planned.kind} ${planned.flavor}`;
    if (planned.kind === 'nothing') return [heading];
    return [
      heading,
      ...(planned.kind === 'install' ? planned.steps.map(({ title }) => title) : planned.commands),
    ];
  } catch (error) {
    if (!(error instanceof DcvopsError)) throw error;
    return [error.code, error.message, error.hint ?? ''];
  }
}

const UBUNTU_PLAN = [
  'install ubuntu-minimal',
  'install ubuntu-desktop-minimal, gdm3 (apt-get)',
  'set WaylandEnable=false in /etc/gdm3/custom.conf',
  'enable and start gdm3',
];

describe('planDesktop: what is to be done, by distribution and flavor', () => {
  it.each<[string, string, Changes, Asked, string[]]>([
    ['Ubuntu 22.04, bare', 'ubuntu-22.04', BARE, {}, UBUNTU_PLAN],
    ['Ubuntu 24.04, bare', 'ubuntu-24.04', BARE, {}, UBUNTU_PLAN],
    [
      'Ubuntu, the console: it boots into its graphical target, too',
      'ubuntu-24.04',
      { ...BARE, type: 'console' },
      {},
      [
        ...UBUNTU_PLAN.slice(0, 3),
        'boot into graphical.target (now multi-user.target)',
        'enable and start gdm3',
      ],
    ],
    [
      'Ubuntu, the whole desktop',
      'ubuntu-22.04',
      BARE,
      { flavor: 'ubuntu' },
      ['install ubuntu', 'install ubuntu-desktop, gdm3 (apt-get)', ...UBUNTU_PLAN.slice(2)],
    ],
    [
      'Ubuntu, Xfce for virtual sessions: no display manager',
      'ubuntu-22.04',
      BARE,
      { flavor: 'xfce' },
      ['install xfce', 'install xfce4, xfce4-terminal, dbus-x11 (apt-get)'],
    ],
    ['Ubuntu, all there', 'ubuntu-22.04', UBUNTU_THERE, {}, ['nothing ubuntu-minimal']],
    [
      'Ubuntu, there, and GDM would start Wayland; nobody looks at the console',
      'ubuntu-24.04',
      UBUNTU_THERE,
      {},
      ['install ubuntu-minimal', 'set WaylandEnable=false in /etc/gdm3/custom.conf'],
    ],
    [
      'Ubuntu, the same where the console is looked at, and dcvserver is down: nothing ends',
      'ubuntu-24.04',
      { ...UBUNTU_THERE, type: 'console' },
      {},
      [
        'install ubuntu-minimal',
        'set WaylandEnable=false in /etc/gdm3/custom.conf',
        'restart the display manager, which ends what the console shows',
      ],
    ],
    [
      'Ubuntu, GDM runs and would not come back after a reboot',
      'ubuntu-22.04',
      {
        ...UBUNTU_THERE,
        system: { units: { 'display-manager.service': unit({ enabled: 'disabled' }) } },
      },
      {},
      ['install ubuntu-minimal', 'enable and start gdm3'],
    ],
    [
      'Ubuntu, the desktop is gone half-way: dpkg first',
      'ubuntu-22.04',
      { ...BARE, state: { installed: ['gdm3'], interrupted: true } },
      {},
      [
        'install ubuntu-minimal',
        'finish what dpkg was interrupted in (dpkg --configure -a)',
        'install ubuntu-desktop-minimal (apt-get)',
        ...UBUNTU_PLAN.slice(2),
      ],
    ],
    [
      'Debian 12, for virtual sessions',
      'debian-12',
      BARE,
      {},
      ['install xfce', 'install xfce4, xfce4-terminal, dbus-x11 (apt-get)'],
    ],
    [
      'Debian 12, for the console',
      'debian-12',
      { ...BARE, type: 'console' },
      {},
      [
        'install xfce',
        'install xfce4, xfce4-terminal, dbus-x11, lightdm (apt-get)',
        'boot into graphical.target (now multi-user.target)',
        'enable and start lightdm',
      ],
    ],
    [
      'Debian 12, the console has a display manager of its own, stopped',
      'debian-12',
      {
        ...BARE,
        type: 'console',
        desktop: { displayManager: '/usr/bin/sddm' },
        system: { units: { 'display-manager.service': unit({ active: 'inactive' }) } },
      },
      { flavor: 'openbox' },
      ['install openbox', 'install openbox, xterm (apt-get)', 'enable and start display-manager'],
    ],
    [
      'Debian 12, all there',
      'debian-12',
      { state: { installed: ['openbox', 'xterm'] } },
      { flavor: 'openbox' },
      ['nothing openbox'],
    ],
    [
      'Debian 13, which nobody tried',
      'debian-12',
      {
        ...BARE,
        system: { ...BARE.system, os: { id: 'debian', like: [], version: '13', name: 'Debian 13' } },
      },
      {},
      [
        'by-hand xfce',
        'dcvops exec --sudo agent1 -- apt-get install -y xfce4 xfce4-terminal dbus-x11',
        'dcvops desktop status agent1   (what is left to do then)',
      ],
    ],
    [
      'Amazon Linux 2, bare',
      'amazon-linux-2',
      BARE,
      {},
      [
        'by-hand gnome',
        'dcvops exec --sudo agent1 -- yum install -y gdm gnome-session gnome-classic-session gnome-session-xsession gnome-terminal xorg-x11-server-Xorg xorg-x11-drivers xorg-x11-fonts-Type1 gnu-free-sans-fonts',
        'dcvops desktop status agent1   (what is left to do then)',
      ],
    ],
    [
      'Amazon Linux 2023, bare',
      'amazon-linux-2023',
      BARE,
      {},
      [
        'by-hand gnome',
        'dcvops exec --sudo agent1 -- dnf group install -y Desktop',
        'dcvops desktop status agent1   (what is left to do then)',
      ],
    ],
    [
      'Rocky 9, bare',
      'rocky-9',
      BARE,
      {},
      [
        'by-hand gnome',
        "dcvops exec --sudo agent1 -- dnf group install -y 'Server with GUI'",
        'dcvops desktop status agent1   (what is left to do then)',
      ],
    ],
    [
      'RHEL 8, bare',
      'rocky-9',
      {
        ...BARE,
        system: { ...BARE.system, os: { id: 'rhel', like: ['fedora'], version: '8.10', name: 'RHEL 8.10' } },
      },
      { flavor: 'gnome' },
      [
        'by-hand gnome',
        "dcvops exec --sudo agent1 -- dnf group install -y 'Server with GUI'",
        'dcvops desktop status agent1   (what is left to do then)',
      ],
    ],
    [
      'CentOS 7, which has no dnf',
      'rocky-9',
      {
        ...BARE,
        system: {
          ...BARE.system,
          os: { id: 'centos', like: ['rhel', 'fedora'], version: '7', name: 'CentOS Linux 7 (Core)' },
        },
      },
      {},
      [
        'by-hand gnome',
        "dcvops exec --sudo agent1 -- yum groupinstall -y 'Server with GUI'",
        'dcvops desktop status agent1   (what is left to do then)',
      ],
    ],
    [
      'RHEL 7.9',
      'rocky-9',
      {
        ...BARE,
        system: { ...BARE.system, os: { id: 'rhel', like: ['fedora'], version: '7.9', name: 'RHEL 7.9' } },
      },
      {},
      [
        'by-hand gnome',
        "dcvops exec --sudo agent1 -- yum groupinstall -y 'Server with GUI'",
        'dcvops desktop status agent1   (what is left to do then)',
      ],
    ],
    [
      'SLES 15, bare',
      'sles-15',
      BARE,
      {},
      [
        'by-hand gnome',
        'dcvops exec --sudo agent1 -- zypper --non-interactive install -t pattern gnome_x11',
        'dcvops desktop status agent1   (what is left to do then)',
      ],
    ],
    ['SLES 15, GNOME is there', 'sles-15', {}, {}, ['nothing gnome']],
    [
      'Amazon Linux 2, MATE is there, and GDM may start Wayland on the console: what the doctor says',
      'amazon-linux-2',
      { type: 'console' },
      {},
      [
        'by-hand gnome',
        "dcvops exec --sudo agent1 -- sed -i '/^\\[daemon\\]/a WaylandEnable=false' /etc/gdm/custom.conf\ndcvops service restart agent1 --unit display-manager",
      ],
    ],
  ])('%s', (_, distribution, changes, asked, expected) => {
    expect(plan(distribution, changes, asked)).toEqual(expected);
  });
});

describe('planDesktop refuses', () => {
  const CONSOLE: Changes = {
    ...UBUNTU_THERE,
    type: 'console',
    agent: {
      sessions: [{ id: 'console', owner: 'jane', type: 'console', name: '', connections: 0, licences: [] }],
    },
  };

  it('to restart the display manager below a console session, which --end-sessions allows', () => {
    expect(plan('ubuntu-24.04', CONSOLE)).toEqual([
      'failed',
      'the session "console" shows the console, and the display manager has to be restarted, which would end it. Nothing changed.',
      'dcvops desktop install agent1 --end-sessions',
    ]);
    expect(plan('ubuntu-24.04', CONSOLE, { endSessions: true }).at(-1)).toMatch(
      /^restart the display manager/,
    );
  });

  it('the same where dcv does not say whether there is one', () => {
    const silent = {
      ...CONSOLE,
      agent: { sessions: undefined, silence: 'dcv list-sessions did not answer' },
    };
    expect(plan('ubuntu-24.04', silent)[1]).toMatch(
      /^dcv does not tell whether there is a console session, and/,
    );
  });

  it('a flavor that the distribution does not have, and a distribution that nobody knows', () => {
    expect(plan('debian-12', BARE, { flavor: 'ubuntu-minimal' })).toEqual([
      'failed',
      'there is no flavor ubuntu-minimal for Debian GNU/Linux 12 (bookworm); there is xfce, openbox. Nothing changed.',
      'dcvops desktop install agent1 --flavor xfce',
    ]);
    const os = { id: 'arch', like: [], version: '', name: 'Arch Linux' };
    expect(plan('debian-12', { system: { os } })).toEqual([
      'failed',
      'no desktop is known for Arch Linux. Nothing changed.',
      'dcvops desktop status agent1   (what it needs)',
    ]);
  });
});
