import { readSessionDetails } from '../../dcv/session/act.ts';
import { parseConnections, parseSession } from '../../dcv/session/parse.ts';
import type { SessionTarget } from '../../dcv/session/select.ts';
import { sessionUrl } from '../../dcv/session/url.ts';
import type { DcvConnection, DcvSession } from '../../dcv/types.ts';
import { DcvopsError } from '../../errors.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import type { SessionContext } from './context.ts';
import { sessionsTold } from './silence.ts';
import { type SessionResult, sessionOf, workOnSessions } from './targets.ts';

/** All that is known of one session. */
export interface SessionDetails {
  readonly session: DcvSession;
  /** What people open. */
  readonly url: string;
  /** undefined where DCV does not tell. */
  readonly viewers: readonly DcvConnection[] | undefined;
}

/** Describes sessions: one round trip for each. Outcomes are told of those only that cannot be described. */
export function describeSessions(
  context: SessionContext,
  targets: readonly SessionTarget[],
): Promise<(SessionResult & Partial<SessionDetails>)[]> {
  return workOnSessions<SessionDetails>(
    context,
    targets,
    async (remote, target) => {
      const { agent, id } = target;
      const records = parseRecords((await remote.run(readSessionDetails([id]))).stdout);
      const listed = sessionOf(target, sessionsTold(agent, records));
      const described = valueOf(records, 'description');
      return {
        message: id,
        more: {
          // the list of a dcv that has no JSON knows the type, its description knows the rest
          session: described === undefined ? listed : merged(listed, parseSession(described)),
          url: sessionUrl(context.inventory, agent, id),
          viewers: viewersTold(records),
        },
      };
    },
    { quiet: true },
  );
}

function merged(listed: DcvSession, described: DcvSession): DcvSession {
  return { ...described, type: described.type ?? listed.type, name: described.name || listed.name };
}

/** Who is connected, as a script told it; undefined where it cannot be told. */
export function viewersTold(records: readonly ScriptRecord[]): readonly DcvConnection[] | undefined {
  const told = valueOf(records, 'connections');
  if (told === undefined) return undefined;
  try {
    return parseConnections(told);
  } catch (error) {
    if (error instanceof DcvopsError) return undefined;
    throw error;
  }
}

function valueOf(records: readonly ScriptRecord[], name: string): string | undefined {
  return records.find((record) => record.name === name)?.value;
}
