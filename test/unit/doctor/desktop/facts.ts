import { type DesktopReport, desktopReports } from '../../../../src/doctor/desktop/needs.ts';
import type { PlanFacts } from '../../../../src/doctor/desktop/plan.ts';
import type { InstallState } from '../../../../src/doctor/desktop/state.ts';
import type { AgentFacts } from '../../../../src/doctor/facts/agent.ts';
import type { FactSet, HostFacts } from '../../../../src/doctor/facts/fleet.ts';
import type { SystemFacts } from '../../../../src/doctor/facts/system.ts';
import { healthySet } from '../healthy.ts';
import { factsOfFixture } from '../parse/told.ts';

/** The agent's name in these sets. */
export const HOST = 'agent1';

export interface Changes {
  readonly type?: 'virtual' | 'console';
  readonly system?: Partial<SystemFacts>;
  readonly desktop?: Partial<AgentFacts['desktop']>;
  readonly agent?: Partial<AgentFacts>;
  readonly state?: Partial<InstallState>;
}

export const NOTHING_INSTALLED: InstallState = {
  run: undefined,
  installed: [],
  interrupted: false,
  logEnd: [],
};

/** A set with one agent, whose facts are those of a fixture with changes. */
export function setOf(distribution: string, { type = 'virtual', system, agent, desktop }: Changes): FactSet {
  const told = factsOfFixture(distribution);
  const base = healthySet();
  const host: HostFacts = {
    name: HOST,
    role: 'agent',
    address: '10.150.248.180',
    hung: [],
    reach: { ok: true, elapsedMs: 1, target: 'ec2-user@10.150.248.180:22', via: [] },
    system: { ...told.system, ...system },
    agent: { ...told.agent, ...agent, desktop: { ...told.agent.desktop, ...desktop } },
  };
  return {
    ...base,
    inventory: { ...base.inventory, session: { ...base.inventory.session, type } },
    hosts: [host],
    gateways: [],
    paths: [],
  };
}

export function reportFor(distribution: string, changes: Changes = {}): DesktopReport {
  const [report] = desktopReports(setOf(distribution, changes));
  if (report === undefined) throw new Error('no report');
  return report;
}

export function planFactsFor(distribution: string, changes: Changes = {}): PlanFacts {
  const set = setOf(distribution, changes);
  const [host] = set.hosts;
  if (host?.system === undefined || host.agent === undefined) throw new Error('no facts');
  return {
    host: HOST,
    system: host.system,
    agent: host.agent,
    report: reportFor(distribution, changes),
    state: { ...NOTHING_INSTALLED, ...changes.state },
    set,
  };
}
