import { type DesktopReport, desktopReports } from '../../doctor/desktop/needs.ts';
import type { AgentHost } from '../../inventory/types.ts';
import type { Emit } from '../../report/events.ts';
import type { SurveyContext } from '../doctor/survey.ts';
import { lookAtAgents, notRead } from './look.ts';

/** What became of one agent. */
export type DesktopStatus = DesktopReport | { readonly agent: string; readonly problem: string };

/**
 * Finds out what desktops need on agents and what is there, side by side, each with the doctor's one script. An agent that
 * cannot be read is told as its outcome.
 */
export async function desktopStatus(
  context: SurveyContext & { readonly emit: Emit },
  agents: readonly AgentHost[],
): Promise<DesktopStatus[]> {
  const set = await lookAtAgents(context, agents);
  const reports = new Map(desktopReports(set).map((report) => [report.agent, report]));
  return set.hosts.map((host) => {
    const failure = notRead(host);
    if (failure !== undefined) context.emit(failure);
    return reports.get(host.name) ?? { agent: host.name, problem: failure?.message ?? 'nothing was told' };
  });
}

/** Does an agent lack something that its sessions need? */
export function lacksSomething(status: DesktopStatus): boolean {
  return 'needs' in status && status.needs.some(({ state }) => state === 'missing');
}
