import type { StepFacts } from '../../doctor/facts/path.ts';
import type { HealthAnswer, HttpAnswer, Probe, WebSocketAnswer } from '../../gateway/probe.ts';
import type { AgentHost } from '../../inventory/types.ts';
import { type CheckRow, agentRow, healthRow, webSocketRow } from '../check-rows.ts';
import type { Obstacle, Way } from '../gateway/way.ts';
import { obstacleOf } from './obstacle.ts';

/* What was asked and what came back, as facts. Pure. */

/** `/health` of a gateway; undefined where SSH failed, so that nothing was asked. */
export function healthStep(look: Way | Obstacle): StepFacts | undefined {
  if (look.kind === 'obstacle') return look.unanswered === undefined ? undefined : failed(look.unanswered);
  return answered(look.health, healthRow(look.health));
}

/** `/version` or the page of an agent, through the gateway or not. */
export function pageStep(agent: AgentHost, answer: Probe<HttpAnswer>): StepFacts {
  return answer.answered ? answered(answer, agentRow(agent, answer)) : failed(answer);
}

/** The WebSocket to an agent's `/auth`. */
export function webSocketStep(agent: AgentHost, answer: Probe<WebSocketAnswer>): StepFacts {
  return answer.answered ? answered(answer, webSocketRow(agent, answer)) : failed(answer);
}

function failed(answer: Extract<Probe<HealthAnswer>, { answered: false }>): StepFacts {
  const { elapsedMs, reason } = answer;
  return { ok: false, elapsedMs, obstacle: obstacleOf(answer), detail: reason };
}

/** What every answer has, and what some have. */
interface Answer {
  readonly elapsedMs: number;
  readonly status: number;
  readonly server?: string | undefined;
  readonly refusal?: { readonly stage: string } | undefined;
}

function answered({ elapsedMs, status, server, refusal }: Answer, { ok, detail }: CheckRow): StepFacts {
  return {
    ok,
    elapsedMs,
    status,
    ...(server === undefined ? {} : { server }),
    ...(refusal === undefined ? {} : { refusal: refusal.stage }),
    // RFC 9110, 15.5.8: no gateway of ours says this, but a forward proxy between here and there does
    ...(status === 407 ? { obstacle: 'forward-proxy' as const } : {}),
    detail,
  };
}
