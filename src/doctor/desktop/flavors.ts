import type { SystemFacts } from '../facts/system.ts';

/* Which desktops dcvops installs where, as data. */

/** What a person may ask for. */
export const FLAVORS = ['ubuntu-minimal', 'ubuntu', 'gnome', 'xfce', 'openbox'] as const;
export type FlavorName = (typeof FLAVORS)[number];

export interface DisplayManager {
  readonly package: string;
  readonly unit: string;
  /** Its configuration, where it may start Wayland. */
  readonly gdmConf?: string;
}

/** A desktop that apt installs. */
export interface Flavor {
  readonly name: FlavorName;
  readonly packages: readonly string[];
  readonly displayManager: DisplayManager;
  /** Virtual sessions start the desktop themselves; some desktops cannot be had without their display manager. */
  readonly needsDisplayManager: 'always' | 'for-console';
}

interface Family {
  readonly matches: (os: SystemFacts['os']) => boolean;
}

/** A distribution whose desktops apt installs. */
export interface AptDistribution extends Family {
  readonly kind: 'apt';
  /** Versions on which that was tried; on others the plan is printed and not run. */
  readonly tried: readonly string[];
  /** The first one is the default. */
  readonly flavors: readonly [Flavor, ...Flavor[]];
}

/** A distribution on which nobody has tried it. */
export interface ByHandDistribution extends Family {
  readonly kind: 'by-hand';
  readonly flavors: readonly [{ readonly name: FlavorName }];
  /** What installs a desktop there, by the distribution's documentation; argument lists. */
  readonly commands: readonly (readonly string[])[];
}

export type Distribution = AptDistribution | ByHandDistribution;

const LIGHTDM: DisplayManager = { package: 'lightdm', unit: 'lightdm.service' };
const UBUNTU_GDM: DisplayManager = {
  package: 'gdm3',
  unit: 'gdm3.service',
  gdmConf: '/etc/gdm3/custom.conf',
};

/** dbus-x11 has dbus-launch, without which a session of Xfce has no settings. */
const XFCE: Flavor = {
  name: 'xfce',
  packages: ['xfce4', 'xfce4-terminal', 'dbus-x11'],
  displayManager: LIGHTDM,
  needsDisplayManager: 'for-console',
};

const OPENBOX: Flavor = {
  name: 'openbox',
  packages: ['openbox', 'xterm'],
  displayManager: LIGHTDM,
  needsDisplayManager: 'for-console',
};

function ubuntu(name: 'ubuntu-minimal' | 'ubuntu', desktop: string): Flavor {
  return { name, packages: [desktop], displayManager: UBUNTU_GDM, needsDisplayManager: 'always' };
}

const GNOME = [{ name: 'gnome' }] as const;

/** What Amazon's guide to DCV asks for on Amazon Linux 2, which has no group of packages for it. */
const AMAZON_LINUX_2 = [
  ...['gdm', 'gnome-session', 'gnome-classic-session', 'gnome-session-xsession', 'gnome-terminal'],
  ...['xorg-x11-server-Xorg', 'xorg-x11-drivers', 'xorg-x11-fonts-Type1', 'gnu-free-sans-fonts'],
];

const DISTRIBUTIONS: readonly Distribution[] = [
  {
    kind: 'apt',
    matches: ({ id }) => id === 'ubuntu',
    tried: ['22.04', '24.04'],
    flavors: [
      ubuntu('ubuntu-minimal', 'ubuntu-desktop-minimal'),
      ubuntu('ubuntu', 'ubuntu-desktop'),
      XFCE,
      OPENBOX,
    ],
  },
  {
    kind: 'apt',
    matches: ({ id }) => id === 'debian',
    tried: ['12'],
    flavors: [XFCE, OPENBOX],
  },
  {
    kind: 'by-hand',
    matches: ({ id, version }) => id === 'amzn' && version === '2',
    flavors: GNOME,
    commands: [['yum', 'install', '-y', ...AMAZON_LINUX_2]],
  },
  {
    kind: 'by-hand',
    matches: ({ id }) => id === 'amzn',
    flavors: GNOME,
    commands: [['dnf', 'group', 'install', '-y', 'Desktop']],
  },
  {
    kind: 'by-hand',
    matches: ({ id, like, version }) => [id, ...like].includes('rhel') && /^7(?:\.|$)/.test(version),
    flavors: GNOME,
    commands: [['yum', 'groupinstall', '-y', 'Server with GUI']],
  },
  {
    kind: 'by-hand',
    matches: ({ id, like }) => [id, ...like].includes('rhel'),
    flavors: GNOME,
    commands: [['dnf', 'group', 'install', '-y', 'Server with GUI']],
  },
  {
    kind: 'by-hand',
    matches: ({ id, like }) => id === 'sles' || [id, ...like].includes('suse'),
    flavors: GNOME,
    commands: [['zypper', '--non-interactive', 'install', '-t', 'pattern', 'gnome_x11']],
  },
];

/** What is known of desktops on a distribution; undefined: nothing. */
export function distributionOf({ os }: Pick<SystemFacts, 'os'>): Distribution | undefined {
  return DISTRIBUTIONS.find(({ matches }) => matches(os));
}

/** Does an installation run there? On other distributions its plan is printed. */
export function isTried(system: Pick<SystemFacts, 'os'>): boolean {
  const distribution = distributionOf(system);
  return distribution?.kind === 'apt' && distribution.tried.includes(system.os.version);
}

/** Every package that a plan may ask apt for. */
export const APT_PACKAGES: readonly string[] = [
  ...new Set(
    DISTRIBUTIONS.filter((one) => one.kind === 'apt')
      .flatMap(({ flavors }) => flavors)
      .flatMap(({ packages, displayManager }) => [...packages, displayManager.package]),
  ),
];
