import { dropOldest } from '../bounded.ts';
import type { LogRecord } from '../record.ts';
import { type Spread, createPercentiles, spreadOf } from './percentiles.ts';

export interface SessionFigures {
  /** Desktops that were closed. */
  readonly count: number;
  /** WebSockets that were closed; a viewer opens about ten. */
  readonly webSockets: number;
  /** How long they were open; null when none was closed. */
  readonly lengthMs: Spread | null;
}

/** One desktop's WebSockets close together; those of the next one, hardly. */
const CLOSE_TOGETHER_US = 10_000_000;
const MOST_CLOSING = 10_000;

/**
 * Tells desktops from WebSockets. A viewer opens one on `/auth`, to log in, and about ten on `/ws`, which nginx logs when they
 * close. Those on `/ws` of one client and browser to one agent that close within ten seconds of each other are one session, as
 * long as the longest of them. So a channel that closes long before the others counts as a session of its own.
 */
export function createSessionFinder(): (record: LogRecord, agent: string) => SessionChange | undefined {
  const closing = new Map<string, { lastUs: number; longestMs: number }>();
  return (record, agent) => {
    const { access, timeUs } = record;
    if (access?.webSocket !== true || timeUs === undefined || access.path.endsWith('/auth')) return undefined;
    const lengthMs = access.durationMs ?? 0;
    const key = [record.host, access.client, agent, access.userAgent].join('\n');
    const session = closing.get(key);
    closing.delete(key);
    if (session === undefined || Math.abs(timeUs - session.lastUs) > CLOSE_TOGETHER_US) {
      closing.set(key, { lastUs: timeUs, longestMs: lengthMs });
      dropOldest(closing, MOST_CLOSING);
      return { wasMs: undefined, lengthMs };
    }
    closing.set(key, { lastUs: timeUs, longestMs: Math.max(session.longestMs, lengthMs) });
    return { wasMs: session.longestMs, lengthMs: Math.max(session.longestMs, lengthMs) };
  };
}

/** A WebSocket closed: a session is as long as this now. */
export interface SessionChange {
  /** How long it was before; undefined for a new session. */
  readonly wasMs: number | undefined;
  readonly lengthMs: number;
}

export interface SessionCounter {
  readonly add: (change: SessionChange) => void;
  readonly figures: () => SessionFigures;
}

export function createSessionCounter(): SessionCounter {
  const lengths = createPercentiles();
  let count = 0;
  let webSockets = 0;
  return {
    add: ({ wasMs, lengthMs }) => {
      webSockets += 1;
      if (wasMs === undefined) count += 1;
      else lengths.remove(wasMs);
      lengths.add(lengthMs);
    },
    figures: () => ({ count, webSockets, lengthMs: spreadOf(lengths) }),
  };
}
