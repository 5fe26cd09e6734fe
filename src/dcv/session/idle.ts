import type { DcvSession } from '../types.ts';

/** A session that nobody is connected to. */
export interface IdleSession {
  readonly session: DcvSession;
  /** Since when; undefined where DCV does not tell. */
  readonly since: Date | undefined;
  /** Nobody was ever connected: `since` is when it was created. */
  readonly neverUsed: boolean;
}

/**
 * The sessions without connections, longest idle first. With `olderThanMs` those only that are known to be idle for so long.
 * A session of which DCV does not tell whether somebody is connected is left out. Pure.
 * @param now the host's clock, which is the one that DCV's times are by
 */
export function idleSessions(
  sessions: readonly DcvSession[],
  { now, olderThanMs }: { readonly now: Date; readonly olderThanMs: number | undefined },
): IdleSession[] {
  const idleMs = ({ since }: IdleSession): number =>
    since === undefined ? 0 : now.getTime() - since.getTime();
  return sessions
    .filter(({ connections }) => connections === 0)
    .map((session) => ({
      session,
      since: session.lastDisconnectedAt ?? session.createdAt,
      neverUsed: session.lastDisconnectedAt === undefined,
    }))
    .filter((idle) => olderThanMs === undefined || (idle.since !== undefined && idleMs(idle) >= olderThanMs))
    .sort((a, b) => idleMs(b) - idleMs(a));
}
