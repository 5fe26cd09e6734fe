import type { Access } from '../record.ts';
import { createPercentiles, spreadOf, type Spread } from './percentiles.ts';
import { type SessionChange, type SessionFigures, createSessionCounter } from './sessions.ts';

/** What was passed to one agent, and how it answered. */
export interface AgentSummary {
  readonly agent: string;
  readonly requests: number;
  readonly sessions: SessionFigures;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Until the agent took the connection; null where the log does not tell. */
  readonly connectMs: Spread | null;
  /** Until its answer was with the client, so a slow line counts as well; WebSockets left out. */
  readonly responseMs: Spread | null;
  /** Answers 5xx, its own or in its place. */
  readonly failures: number;
}

export interface AgentCounter {
  readonly add: (access: Access, session: SessionChange | undefined) => void;
  readonly figures: () => AgentSummary;
}

export function createAgentCounter(agent: string): AgentCounter {
  const sessions = createSessionCounter();
  const connect = createPercentiles();
  const response = createPercentiles();
  let [requests, failures, sentBytes, receivedBytes] = [0, 0, 0, 0];
  return {
    add: (access, session) => {
      requests += 1;
      sentBytes += access.sentBytes ?? 0;
      receivedBytes += access.receivedBytes ?? 0;
      if (access.status >= 500) failures += 1;
      if (access.connectMs !== undefined) connect.add(access.connectMs);
      if (!access.webSocket && access.durationMs !== undefined) response.add(access.durationMs);
      if (session !== undefined) sessions.add(session);
    },
    figures: () => ({
      agent,
      requests,
      sessions: sessions.figures(),
      sentBytes,
      receivedBytes,
      connectMs: spreadOf(connect),
      responseMs: spreadOf(response),
      failures,
    }),
  };
}
