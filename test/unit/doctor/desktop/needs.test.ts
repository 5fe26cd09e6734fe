import { describe, expect, it } from 'vitest';
import { SYSTEM } from '../../../../src/doctor/collect/system.ts';
import { APT_PACKAGES } from '../../../../src/doctor/desktop/flavors.ts';
import { formatDesktopReport } from '../../../../src/doctor/desktop/format.ts';
import { createStyle } from '../../../../src/report/style.ts';
import { type Changes, reportFor } from './facts.ts';

/** "need: state, found", what is not needed left out. */
function needs(distribution: string, changes: Changes = {}): string[] {
  return reportFor(distribution, changes)
    .needs.filter(({ state }) => state !== 'not-needed')
    .map(({ need, state, found }) => `${need}: ${state}, ${found}`);
}

describe('desktopReports: what a desktop needs, and what is there', () => {
  it.each<[string, Changes, string[]]>([
    [
      'debian-12',
      {},
      [
        'desktop environment for X: ok, openbox',
        'X server for virtual sessions (Xdcv): ok, installed',
        'DCV’s test of OpenGL: ok, there is no GPU',
      ],
    ],
    [
      'debian-12',
      { type: 'console', desktop: { xSessions: [] } },
      [
        'desktop environment for X: missing, there is none in /usr/share/xsessions',
        'X server for virtual sessions (Xdcv): ok, installed',
        'display manager: missing, no display manager is installed',
        'WaylandEnable=false: ok, there is no GDM, which is what starts Wayland',
        'default target graphical.target: ok, graphical.target',
        'the X server lets dcv in: unknown, no X server runs on the console',
        'DCV’s test of OpenGL: ok, there is no GPU',
      ],
    ],
    [
      'amazon-linux-2023',
      { type: 'console' },
      [
        'desktop environment for X: ok, gnome-xorg',
        'display manager: missing, no display manager is installed',
        'WaylandEnable=false: ok, in /etc/gdm/custom.conf',
        'default target graphical.target: missing, the default target is multi-user.target',
        'the X server lets dcv in: unknown, no X server runs on the console',
        'DCV’s test of OpenGL: ok, there is no GPU',
      ],
    ],
    [
      'amazon-linux-2023',
      {},
      [
        'desktop environment for X: ok, gnome-xorg',
        'X server for virtual sessions (Xdcv): missing, there is no program Xdcv',
        'DCV’s test of OpenGL: ok, there is no GPU',
      ],
    ],
  ])('%s with %j', (distribution, changes, expected) => {
    expect(needs(distribution, changes)).toEqual(expected);
  });

  it('an agent with both kinds of sessions needs both; what else is wrong with its desktops is told', () => {
    const rocky = reportFor('rocky-9');
    expect(rocky.shows).toEqual(['virtual', 'console']);
    expect(rocky.needs.find(({ check }) => check === 'agent/gl-test')).toMatchObject({ state: 'missing' });
    expect(reportFor('amazon-linux-2').also.map(({ check }) => check)).toContain('agent/nouveau');
    expect(rocky.packages).toMatchObject({ gdm: '40.1-29.el9', 'nice-xdcv': '2023.1.565-1.el9' });
    expect(rocky.packages).not.toHaveProperty('logrotate');
  });

  it('lists what dcvops installs for a desktop, beside the desktop itself', () => {
    const packages = { openbox: '3.6.1-10', xterm: '379-1', 'dbus-x11': '1.14.10-1', logrotate: '3.21.0-1' };
    const { packages: listed } = reportFor('debian-12', { system: { packages } });
    expect(Object.keys(listed ?? {})).toEqual(['openbox', 'xterm', 'dbus-x11']);
    // the host is asked for them, too
    const asked = /probe packages 5 dpkg-query (.*?)\nelif/s.exec(SYSTEM.toString())?.[1]?.split(/\s/) ?? [];
    expect(APT_PACKAGES.filter((name) => !asked.includes(name))).toEqual([]);
  });
});

describe('formatDesktopReport', () => {
  it('is a table with what is missing, and the commands that mend it', () => {
    expect(
      formatDesktopReport(
        reportFor('debian-12', { desktop: { xSessions: [], xdcv: false } }),
        createStyle(false),
      ),
    ).toBe(`agent1  Debian GNU/Linux 12 (bookworm), Amazon DCV 2023.0 (r14852), virtual sessions
  NEED                                  STATE       FOUND
  desktop environment for X             missing     there is none in /usr/share/xsessions
  X server for virtual sessions (Xdcv)  unknown     there is no program Xdcv where it is usually
  display manager                       not needed  none
  WaylandEnable=false                   not needed  there is no GDM, which is what starts Wayland
  default target graphical.target       not needed  graphical.target
  the X server lets dcv in              not needed  no X server runs on the console
  DCV’s test of OpenGL                  ok          there is no GPU
  packages: tigervnc-common 1.12.0+dfsg-8, tigervnc-standalone-server 1.12.0+dfsg-8
  Next: dcvops desktop install agent1
`);
  });
});
