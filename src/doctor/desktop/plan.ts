import { DcvopsError } from '../../errors.ts';
import { quote } from '../../shell/shell.ts';
import { asRoot } from '../commands.ts';
import type { AgentFacts } from '../facts/agent.ts';
import type { FactSet } from '../facts/fleet.ts';
import type { SystemFacts } from '../facts/system.ts';
import { shows } from '../sessions.ts';
import { unitOf } from '../units.ts';
import { type AptDistribution, type Flavor, type FlavorName, distributionOf } from './flavors.ts';
import type { DesktopReport } from './needs.ts';
import type { InstallState } from './state.ts';
import {
  type InstallStep,
  finishDpkg,
  graphicalTarget,
  installPackages,
  restartDisplayManager,
  startDisplayManager,
  waylandOff,
} from './steps.ts';

/** What is to be done for a desktop on a host. */
export type DesktopPlan =
  | { readonly kind: 'nothing'; readonly flavor: FlavorName }
  /** Nobody has tried it on that distribution: a person may. */
  | { readonly kind: 'by-hand'; readonly flavor: FlavorName; readonly commands: readonly string[] }
  | { readonly kind: 'install'; readonly flavor: FlavorName; readonly steps: readonly InstallStep[] };

/** What a plan is made of. */
export interface PlanFacts {
  /** The host's name. */
  readonly host: string;
  readonly system: SystemFacts;
  readonly agent: AgentFacts;
  readonly report: DesktopReport;
  readonly state: InstallState;
  readonly set: FactSet;
}

export interface PlanOptions {
  /** undefined: the distribution's default. */
  readonly flavor: FlavorName | undefined;
  /** May the display manager be restarted where there is a console session? */
  readonly endSessions: boolean;
}

/**
 * Plans a desktop; what is there already is left out. Pure.
 * @throws DcvopsError `failed` for a distribution of which nothing is known, a flavor that it does not have, and where a
 *   console session would end that may not
 */
export function planDesktop(facts: PlanFacts, { flavor: wanted, endSessions }: PlanOptions): DesktopPlan {
  const { host, system } = facts;
  const distribution = distributionOf(system);
  if (distribution === undefined) {
    throw new DcvopsError('failed', `no desktop is known for ${nameOf(system)}. Nothing changed.`, {
      host,
      hint: `dcvops desktop status ${quote(host)}   (what it needs)`,
    });
  }
  if (distribution.kind === 'by-hand') {
    const [{ name }] = distribution.flavors;
    if (wanted !== undefined && wanted !== name) throw noFlavor(facts, wanted, [name]);
    const commands = distribution.commands.map((argv) => asRoot(host, ...argv));
    return planByHand(facts, name, commands);
  }
  const flavor = flavorOf(facts, distribution, wanted);
  if (!distribution.tried.includes(system.os.version)) {
    const packages = missingPackages(facts, flavor);
    const commands = packages.length === 0 ? [] : [asRoot(host, 'apt-get', 'install', '-y', ...packages)];
    return planByHand(facts, flavor.name, commands);
  }
  const steps = [
    ...(facts.state.interrupted ? [finishDpkg()] : []),
    ...packageSteps(facts, flavor),
    ...displayManagerSteps(facts, flavor, endSessions),
  ];
  return steps.length === 0
    ? { kind: 'nothing', flavor: flavor.name }
    : { kind: 'install', flavor: flavor.name, steps };
}

function flavorOf(facts: PlanFacts, { flavors }: AptDistribution, wanted: FlavorName | undefined): Flavor {
  if (wanted === undefined) return flavors[0];
  const flavor = flavors.find(({ name }) => name === wanted);
  if (flavor !== undefined) return flavor;
  throw noFlavor(
    facts,
    wanted,
    flavors.map(({ name }) => name),
  );
}

function noFlavor({ host, system }: PlanFacts, wanted: string, known: readonly FlavorName[]): DcvopsError {
  return new DcvopsError(
    'failed',
    `there is no flavor ${wanted} for ${nameOf(system)}; there is ${known.join(', ')}. Nothing changed.`,
    { host, hint: `dcvops desktop install ${quote(host)} --flavor ${known[0] ?? ''}` },
  );
}

/** What an installation of a desktop is about; DCV's own packages and drivers are not. */
const OF_DESKTOP: ReadonlySet<string> = new Set([
  'agent/no-desktop',
  'agent/display-manager',
  'agent/wayland',
  'agent/graphical-target',
  'agent/x-access',
]);

/** Where a desktop is there already, what else it needs is what the doctor says. */
function planByHand(
  { host, agent, report }: PlanFacts,
  flavor: FlavorName,
  install: readonly string[],
): DesktopPlan {
  const left = report.needs.flatMap(({ check, remedy }) =>
    remedy !== undefined && OF_DESKTOP.has(check) ? [remedy] : [],
  );
  const commands =
    agent.desktop.xSessions.length > 0
      ? left
      : [...install, `dcvops desktop status ${quote(host)}   (what is left to do then)`];
  return commands.length === 0 ? { kind: 'nothing', flavor } : { kind: 'by-hand', flavor, commands };
}

function packageSteps(facts: PlanFacts, flavor: Flavor): InstallStep[] {
  const missing = missingPackages(facts, flavor);
  return missing.length === 0 ? [] : [installPackages(missing)];
}

function missingPackages(facts: PlanFacts, flavor: Flavor): string[] {
  const { packages, displayManager } = flavor;
  const wanted = needsDisplayManager(facts, flavor) ? [...packages, displayManager.package] : packages;
  return wanted.filter((name) => !facts.state.installed.includes(name));
}

/** One display manager is enough: another one that is there already is left alone. */
function needsDisplayManager(
  facts: PlanFacts,
  { displayManager, needsDisplayManager: when }: Flavor,
): boolean {
  if (when === 'for-console' && !showsConsole(facts)) return false;
  const { displayManager: there } = facts.agent.desktop;
  return there === undefined || there.includes(displayManager.package) || when === 'always';
}

function showsConsole({ host: name, agent, set }: PlanFacts): boolean {
  return shows('console', { name, agent }, set);
}

function displayManagerSteps(facts: PlanFacts, flavor: Flavor, endSessions: boolean): InstallStep[] {
  const { host, system, agent } = facts;
  const { displayManager } = flavor;
  const isNeeded = needsDisplayManager(facts, flavor) || showsConsole(facts);
  if (!isNeeded) return [];
  const { displayManager: there } = agent.desktop;
  const isOther = there !== undefined && !there.includes(displayManager.package);
  const unit = unitOf(system, 'display-manager.service');
  const runs = unit?.active === 'active';
  // on Debian its file has another name; where it is there the doctor has found it
  const gdmConf = agent.desktop.gdmConf ?? displayManager.gdmConf;
  const turnsWaylandOff = gdmConf !== undefined && agent.desktop.waylandEnable !== false;
  const { defaultTarget = 'graphical.target' } = system;
  const restarts = turnsWaylandOff && runs && showsConsole(facts);
  if (restarts) refuseToEndSessions(facts, endSessions);
  return [
    ...(turnsWaylandOff ? [waylandOff(host, gdmConf)] : []),
    ...(showsConsole(facts) && defaultTarget !== 'graphical.target'
      ? [graphicalTarget(host, defaultTarget)]
      : []),
    ...(runs && unit.enabled !== 'disabled'
      ? []
      : [startDisplayManager(isOther ? 'display-manager.service' : displayManager.unit)]),
    ...(restarts ? [restartDisplayManager(endSessions)] : []),
  ];
}

/** Who cannot be asked may be there. */
function refuseToEndSessions({ host, agent }: PlanFacts, endSessions: boolean): void {
  const { sessions, dcv, silence } = agent;
  const isStopped = /not running/i.test(silence ?? '');
  const console = sessions?.filter(({ type }) => type !== 'virtual') ?? [];
  const ends = sessions === undefined ? dcv !== undefined && !isStopped : console.length > 0;
  if (endSessions || !ends) return;
  const what =
    sessions === undefined
      ? 'dcv does not tell whether there is a console session'
      : `the session ${console.map(({ id }) => `"${id}"`).join(', ')} shows the console`;
  throw new DcvopsError(
    'failed',
    `${what}, and the display manager has to be restarted, which would end it. Nothing changed.`,
    { host, hint: `dcvops desktop install ${quote(host)} --end-sessions` },
  );
}

/** "Rocky Linux 9.5 (Blue Onyx)". */
export function nameOf({ os }: Pick<SystemFacts, 'os'>): string {
  return os.name === '' ? 'this distribution' : os.name;
}
