import { explainSilence } from '../../dcv/failures.ts';
import { type CloseCondition, closeScript } from '../../dcv/session/close.ts';
import { describeViewers } from '../../dcv/session/describe-viewer.ts';
import type { SessionTarget } from '../../dcv/session/select.ts';
import { DcvopsError } from '../../errors.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import { quote } from '../../shell/shell.ts';
import type { Remote } from '../../ssh/remote.ts';
import type { SessionContext } from './context.ts';
import { viewersTold } from './describe.ts';
import { sessionsTold } from './silence.ts';
import { type SessionResult, sessionOf, workOnSessions } from './targets.ts';

/** Closes sessions, and sees that they are gone; with `endSessions` also those that somebody is connected to. */
export function closeSessions(
  context: SessionContext,
  targets: readonly SessionTarget[],
  { endSessions }: Pick<CloseCondition, 'endSessions'>,
): Promise<SessionResult[]> {
  return workOnSessions(context, targets, async (remote, target) => ({
    message: await closeOne(remote, target, { endSessions }),
    more: {},
  }));
}

/**
 * Closes one session under a condition, which the host checks at the last moment.
 * @returns what came of it, for people
 * @throws DcvopsError `failed`; where it does not say otherwise, the session is still there
 */
export async function closeOne(
  remote: Remote,
  target: SessionTarget,
  condition: CloseCondition,
): Promise<string> {
  const { stdout } = await remote.run(closeScript(target.id, condition));
  return readClosing(parseRecords(stdout), target);
}

/** What {@link closeScript} told. Pure. @throws DcvopsError `failed` when the session was not closed */
export function readClosing(records: readonly ScriptRecord[], target: SessionTarget): string {
  const { agent, id } = target;
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const sessions = sessionsTold(agent, records);
  const who = viewersTold(records);
  const failed = (message: string, hint: string): DcvopsError =>
    new DcvopsError('failed', sanitiseLine(message), { host: agent.name, hint });

  if (value('closed') !== undefined) {
    if (!sessions.some((session) => session.id === id)) {
      return `${id} closed${who === undefined || who.length === 0 ? '' : `; ${describeViewers(who)} before`}`;
    }
    throw failed(
      `dcv said that "${id}" is closed, and still lists it`,
      `dcvops session describe ${quote(`${agent.name}/${id}`)}`,
    );
  }
  if (value('in-use') !== undefined) {
    throw failed(
      `"${id}": ${inUse(who)}. It was not closed.`,
      `dcvops session close ${quote(`${agent.name}/${id}`)} --end-sessions   (ends that desktop)`,
    );
  }
  if (value('used-meanwhile') !== undefined) {
    throw failed(
      `somebody was connected to "${id}" meanwhile. It was not closed.`,
      `dcvops session idle ${agent.name}`,
    );
  }
  const why = value('close-failed');
  if (why !== undefined) {
    throw failed(
      `"${id}" could not be closed: ${explainSilence(why)}`,
      `dcvops exec --sudo ${agent.name} -- tail -n 30 /var/log/dcv/server.log`,
    );
  }
  sessionOf(target, sessions);
  throw failed(
    `dcv lists "${id}" and cannot describe it. It was not closed.`,
    `dcvops exec --sudo ${agent.name} -- tail -n 30 /var/log/dcv/server.log`,
  );
}

function inUse(who: ReturnType<typeof viewersTold>): string {
  if (who === undefined) return 'DCV does not tell whether somebody is connected';
  return who.length === 0 ? 'somebody connected just now' : describeViewers(who);
}
