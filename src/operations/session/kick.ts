import { explainSilence } from '../../dcv/failures.ts';
import { type UsageWord, closeConnection, readUsage } from '../../dcv/session/close-connection.ts';
import { describeViewer } from '../../dcv/session/describe-viewer.ts';
import { kickScript, readForKick } from '../../dcv/session/kick.ts';
import type { SessionTarget } from '../../dcv/session/select.ts';
import type { DcvConnection } from '../../dcv/types.ts';
import { DcvopsError } from '../../errors.ts';
import { sanitise, sanitiseLine } from '../../report/sanitise.ts';
import { parseRecords } from '../../shell/records.ts';
import { quote } from '../../shell/shell.ts';
import type { Remote } from '../../ssh/remote.ts';
import type { SessionContext } from './context.ts';
import { viewersTold } from './describe.ts';
import { sessionsTold } from './silence.ts';
import { type Done, type SessionResult, sessionOf, workOnSessions } from './targets.ts';

/** Who is to go: connections by their ids, everybody of one user, or all. */
export type Kicked = { readonly ids: readonly string[] } | { readonly user: string } | 'all';

export interface KickedConnections {
  /** Those that are gone. */
  readonly kicked: readonly DcvConnection[];
}

/** Disconnects viewers of sessions, and sees that they are gone. The desktops go on. */
export function kickConnections(
  context: SessionContext,
  targets: readonly SessionTarget[],
  who: Kicked,
): Promise<(SessionResult & Partial<KickedConnections>)[]> {
  return workOnSessions<KickedConnections>(context, targets, (remote, target) =>
    kickOne(remote, target, who),
  );
}

async function kickOne(remote: Remote, target: SessionTarget, who: Kicked): Promise<Done<KickedConnections>> {
  const { agent, id } = target;
  const facts = parseRecords((await remote.run(readForKick(id))).stdout);
  sessionOf(target, sessionsTold(agent, facts));
  const chosen = chooseConnections(viewersTold(facts), who, target);
  if (chosen.length === 0) return { message: `nobody is connected to ${id}`, more: { kicked: [] } };
  const usage = usageOf(target, facts.find(({ name }) => name === 'help')?.value ?? '');
  const commands = chosen.map(({ id: connection }) => ({
    connection,
    command: closeConnection(usage, { session: id, connection }),
  }));
  const told = parseRecords((await remote.run(kickScript(id, commands))).stdout);
  const left = viewersTold(told)?.filter((one) => chosen.some((gone) => gone.id === one.id));
  if (left?.length === 0) {
    return {
      message: `${id}: ${chosen.map(describeViewer).join(', ')} disconnected`,
      more: { kicked: chosen },
    };
  }
  const refused = told.find(({ name }) => name === 'refused')?.value;
  const still = (left ?? chosen).map(describeViewer).join(', ');
  throw new DcvopsError(
    'failed',
    refused === undefined
      ? `${still} may still be connected to "${id}"`
      : `dcv refused to disconnect ${still}: ${sanitiseLine(explainSilence(refused))}`,
    { host: agent.name, hint: `dcvops session connections ${quote(`${agent.name}/${id}`)}` },
  );
}

/** @throws DcvopsError `failed` with the help's text where it is not understood */
function usageOf({ agent }: SessionTarget, help: string): readonly UsageWord[] {
  const usage = readUsage(help);
  if (usage !== undefined) return usage;
  throw new DcvopsError(
    'failed',
    'the arguments of "dcv close-connection" are not understood. Nobody was disconnected. Its help says:\n' +
      sanitise(help.replaceAll('\r', '').trim()).slice(0, 2000),
    { host: agent.name, hint: `dcvops exec --sudo ${agent.name} -- dcv close-connection …` },
  );
}

/**
 * The connections that are meant. Pure.
 * @throws DcvopsError `failed` for an id or a user that is not connected, and where DCV does not tell who is
 */
export function chooseConnections(
  viewers: readonly DcvConnection[] | undefined,
  who: Kicked,
  { agent, id }: SessionTarget,
): readonly DcvConnection[] {
  const failed = (message: string): DcvopsError =>
    new DcvopsError('failed', sanitiseLine(message), {
      host: agent.name,
      hint: `dcvops session connections ${quote(`${agent.name}/${id}`)}`,
    });
  if (viewers === undefined) throw failed(`DCV does not tell who is connected to "${id}"`);
  if (who === 'all') return viewers;
  if ('user' in who) {
    const theirs = viewers.filter(({ username }) => username === who.user);
    if (theirs.length > 0) return theirs;
    throw failed(`"${who.user}" is not connected to "${id}"${connected(viewers)}`);
  }
  const missing = who.ids.filter((one) => !viewers.some((viewer) => viewer.id === one));
  if (missing.length > 0) {
    throw failed(
      `"${id}" has no connection ${missing.join(', ')}${connected(viewers)}. Nobody was disconnected.`,
    );
  }
  return viewers.filter((viewer) => who.ids.includes(viewer.id));
}

/** "; connected are 1 (jane from 10.0.0.9), 2 (…)" */
function connected(viewers: readonly DcvConnection[]): string {
  if (viewers.length === 0) return '; nobody is connected';
  const all = viewers.map((viewer) => `${viewer.id} (${describeViewer(viewer)})`).join(', ');
  return `; connected ${viewers.length === 1 ? 'is' : 'are'} ${all}`;
}
