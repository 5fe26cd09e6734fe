import type { FactSet, HostFacts } from '../../doctor/facts/fleet.ts';
import type { AgentHost } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { type SurveyContext, survey } from '../doctor/survey.ts';

/** The doctor's facts of agents alone: no proxy is asked, no way is gone. Never fails for what is wrong with a host. */
export function lookAtAgents(context: SurveyContext, agents: readonly AgentHost[]): Promise<FactSet> {
  return survey(context, { hosts: agents, proxies: [], agents });
}

/** Why there are no facts of a host, as its outcome; undefined: there are. */
export function notRead({ name, reach, system, agent }: HostFacts): OutcomeEvent | undefined {
  if (!reach.ok) {
    const { stage, message, hint } = reach;
    return {
      type: 'outcome',
      host: name,
      outcome: stage === 'script' ? 'failed' : 'unreachable',
      message,
      ...(hint === undefined ? {} : { hint }),
    };
  }
  if (system !== undefined && agent !== undefined) return undefined;
  return { type: 'outcome', host: name, outcome: 'failed', message: 'the host told nothing of itself' };
}
