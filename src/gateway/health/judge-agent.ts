import type { HttpAnswer } from '../probe.ts';
import type { Probe } from '../probe-connection.ts';
import type { Verdict } from './thresholds.ts';

/** How an agent answered, and in words why it counts as dead. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

const STAGES = {
  connect: 'TCP',
  tls: 'TLS',
  request: 'HTTP',
} as const;

/** Judges an agent by its answer to `/version`: DCV itself has to have answered, and not with an error of its own. Pure. */
export function judgeAgent(answer: Probe<HttpAnswer>): Judgement {
  if (!answer.answered) return { verdict: 'dead', reason: `${STAGES[answer.stage]}: ${answer.reason}` };
  if (answer.server?.toLowerCase() !== 'dcv') {
    return { verdict: 'dead', reason: `HTTP ${answer.status}, but what answers is no DCV server` };
  }
  if (answer.status >= 500) return { verdict: 'dead', reason: `HTTP ${answer.status}` };
  return { verdict: 'alive', reason: `HTTP ${answer.status}` };
}
