import { quote } from '../../shell/shell.ts';
import type { Finding } from '../check.ts';
import { AGENT_CHECKS } from '../checks/agent.ts';
import { diagnose } from '../diagnose.ts';
import type { AgentFacts } from '../facts/agent.ts';
import type { FactSet, HostFacts } from '../facts/fleet.ts';
import type { SystemFacts } from '../facts/system.ts';
import { shows } from '../sessions.ts';
import { unitOf } from '../units.ts';
import { APT_PACKAGES } from './flavors.ts';

/** One thing that a desktop needs, and what is there. */
export interface DesktopNeed {
  /** The doctor's check that watches over it: `agent/no-desktop`. */
  readonly check: string;
  readonly need: string;
  /** Which sessions need it. */
  readonly for: 'all' | 'console' | 'virtual';
  /** `not-needed`: the agent has no such sessions. `unknown`: it could not be found out. */
  readonly state: 'ok' | 'missing' | 'not-needed' | 'unknown';
  readonly found: string;
  /** What mends it; several lines are several steps. Left out where it follows from something else that is missing. */
  readonly remedy?: string;
}

/** What desktops need on an agent, and what is there. */
export interface DesktopReport {
  readonly agent: string;
  /** "Debian GNU/Linux 12 (bookworm)" */
  readonly distribution: string;
  /** "Amazon DCV 2023.0 (r14852)"; empty when it does not tell; undefined: it is not installed. */
  readonly dcv: string | undefined;
  /** Which kinds of sessions it shows, by the inventory or because they are there. */
  readonly shows: readonly ('console' | 'virtual')[];
  readonly needs: readonly DesktopNeed[];
  /** What else the doctor says of its desktops. */
  readonly also: readonly { readonly check: string; readonly seen: string; readonly remedy: string }[];
  /**
   * DCV, desktops with all that dcvops installs with them, display managers and X servers among its packages; undefined: the
   * package manager does not answer.
   */
  readonly packages: Readonly<Record<string, string>> | undefined;
}

interface View {
  readonly name: string;
  readonly system: SystemFacts;
  readonly agent: AgentFacts;
}

interface Need extends Pick<DesktopNeed, 'need' | 'for'> {
  /** What is there; `unknown` where that could not be found out. */
  readonly look: (view: View) => { readonly found: string; readonly unknown?: boolean };
}

/** By the doctor's checks, which say what is missing and how it is mended; in the order in which it is mended. */
const NEEDS: Readonly<Record<string, Need>> = {
  'agent/no-desktop': { need: 'desktop environment for X', for: 'all', look: lookAtDesktop },
  'agent/xdcv-missing': {
    need: 'X server for virtual sessions (Xdcv)',
    for: 'virtual',
    look: ({ agent }) => ({
      found: agent.desktop.xdcv ? 'installed' : 'there is no program Xdcv where it is usually',
      unknown: !agent.desktop.xdcv,
    }),
  },
  'agent/display-manager': { need: 'display manager', for: 'console', look: lookAtDisplayManager },
  'agent/wayland': { need: 'WaylandEnable=false', for: 'console', look: lookAtWayland },
  'agent/graphical-target': {
    need: 'default target graphical.target',
    for: 'console',
    look: ({ system: { defaultTarget } }) => ({
      found: defaultTarget ?? 'systemd does not tell',
      unknown: defaultTarget === undefined,
    }),
  },
  'agent/x-access': { need: 'the X server lets dcv in', for: 'console', look: lookAtXAccess },
  'agent/gl-test': { need: 'DCV’s test of OpenGL', for: 'all', look: lookAtGlTest },
};

/** What desktops need on the agents whose facts came, by the doctor's checks. Pure. */
export function desktopReports(set: FactSet): DesktopReport[] {
  const { findings, silenced } = diagnose(set, AGENT_CHECKS);
  return set.hosts.flatMap((host) => {
    const view = viewOf(host);
    if (view === undefined) return [];
    const isOfHost = ({ subject }: Finding): boolean => subject === host.name;
    return [reportOf(view, set, findings.filter(isOfHost), silenced.filter(isOfHost))];
  });
}

function viewOf({ name, system, agent }: HostFacts): View | undefined {
  return system === undefined || agent === undefined ? undefined : { name, system, agent };
}

function reportOf(
  view: View,
  set: FactSet,
  causes: readonly Finding[],
  silenced: readonly Finding[],
): DesktopReport {
  const { name, system, agent } = view;
  const shown = (['virtual', 'console'] as const).filter((type) => shows(type, view, set));
  return {
    agent: name,
    distribution: system.os.name,
    dcv: agent.dcv?.text,
    shows: shown,
    needs: Object.entries(NEEDS).map(([check, need]) =>
      judge(
        view,
        check,
        need,
        shown,
        causes.find((one) => one.check === check),
        silenced.find((one) => one.check === check),
      ),
    ),
    also: causes
      .filter(({ check }) => !Object.hasOwn(NEEDS, check) && ABOUT_DESKTOPS.has(check))
      .map(({ check, seen, remedy }) => ({ check, seen, remedy })),
    packages: packagesOf(system),
  };
}

const ABOUT_DESKTOPS: ReadonlySet<string> = new Set(
  AGENT_CHECKS.filter(({ id, symptoms }) => symptoms.includes('desktop') || id === 'agent/dcv-missing').map(
    ({ id }) => id,
  ),
);

function judge(
  view: View,
  check: string,
  { need, for: sessions, look }: Need,
  shown: DesktopReport['shows'],
  cause: Finding | undefined,
  consequence: Finding | undefined,
): DesktopNeed {
  const { found, unknown = false } = look(view);
  const row = { check, need, for: sessions };
  if (cause !== undefined) {
    // with the desktop come its display manager and settings
    const install = `dcvops desktop install ${quote(view.name)}`;
    const remedy = check === 'agent/no-desktop' ? install : cause.remedy;
    return { ...row, state: 'missing', found: cause.seen, remedy };
  }
  if (consequence !== undefined) return { ...row, state: 'missing', found: consequence.seen };
  const isNeeded = sessions === 'all' || shown.includes(sessions);
  return { ...row, state: isNeeded ? (unknown ? 'unknown' : 'ok') : 'not-needed', found };
}

function lookAtDesktop({ agent }: View): ReturnType<Need['look']> {
  const { xSessions } = agent.desktop;
  return { found: xSessions.length === 0 ? 'none' : xSessions.join(', ') };
}

function lookAtDisplayManager({ system, agent }: View): ReturnType<Need['look']> {
  const { displayManager } = agent.desktop;
  if (displayManager === undefined) return { found: 'none' };
  const unit = unitOf(system, 'display-manager.service');
  const state = unit === undefined ? 'systemd does not tell its state' : unit.active;
  return { found: `${displayManager}, ${state}`, unknown: unit === undefined };
}

function lookAtWayland({ agent }: View): ReturnType<Need['look']> {
  const { gdmConf, waylandEnable } = agent.desktop;
  if (gdmConf === undefined) return { found: 'there is no GDM, which is what starts Wayland' };
  return { found: waylandEnable === false ? `in ${gdmConf}` : `not in ${gdmConf}` };
}

function lookAtXAccess({ agent }: View): ReturnType<Need['look']> {
  const { access, consoleDisplay } = agent.x;
  if (consoleDisplay === undefined) return { found: 'no X server runs on the console', unknown: true };
  if (access === undefined) return { found: 'xhost does not tell', unknown: true };
  return { found: access.find((line) => /localuser:dcv/i.test(line)) ?? access[0] ?? 'nobody' };
}

function lookAtGlTest({ agent }: View): ReturnType<Need['look']> {
  const { glTest, devices, nvidia } = agent.gpu;
  if (glTest === 'success') return { found: 'dcvgldiag says: SUCCESS' };
  if (devices.length === 0 && nvidia === undefined) return { found: 'there is no GPU' };
  return {
    found:
      glTest === undefined ? 'not tested: no dcvgldiag, or no GPU that it knows' : 'dcvgldiag is unclear',
    unknown: true,
  };
}

const DESKTOP_PACKAGES =
  /^(?:nice-|amazon-dcv|ubuntu-desktop|xfce4|gnome-|mate-|kde-|plasma-|gdm|lightdm|sddm|xserver-|xorg-|xf86-|tigervnc|nvidia-driver)/;

function isOfDesktops(name: string): boolean {
  return DESKTOP_PACKAGES.test(name) || APT_PACKAGES.includes(name);
}

function packagesOf({ packages }: SystemFacts): DesktopReport['packages'] {
  if (packages === undefined) return undefined;
  return Object.fromEntries(Object.entries(packages).filter(([name]) => isOfDesktops(name)));
}
