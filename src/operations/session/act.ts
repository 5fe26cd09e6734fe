import { explainSilence } from '../../dcv/failures.ts';
import { layoutScript, permissionsScript, renameScript } from '../../dcv/session/act.ts';
import { formatLayout } from '../../dcv/session/display-layout.ts';
import type { SessionTarget } from '../../dcv/session/select.ts';
import type { DcvSession, DisplayHead } from '../../dcv/types.ts';
import { DcvopsError } from '../../errors.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { quote } from '../../shell/shell.ts';
import type { Remote, RunOptions } from '../../ssh/remote.ts';
import type { SessionContext } from './context.ts';
import { ownFile } from './files.ts';
import { sessionsTold } from './silence.ts';
import { type SessionResult, sessionOf, workOnSessions } from './targets.ts';

/** What a script that acts on one session told, once it is known to have succeeded. */
export interface Acted {
  readonly session: DcvSession;
  readonly records: readonly ScriptRecord[];
}

/**
 * Runs a script that acts on one session (`src/dcv/session/act.ts`).
 * @throws DcvopsError `failed` for a session that is not there, for what dcv refused, in its own words, and for what kept the
 * script from asking it
 */
export async function act(
  remote: Remote,
  target: SessionTarget,
  script: Script,
  options: RunOptions = {},
): Promise<Acted> {
  const { stdout } = await remote.run(script, options);
  const records = parseRecords(stdout);
  const { name: host } = target.agent;
  const obstacle = obstacleOf(host, records);
  if (obstacle !== undefined) throw obstacle;
  const session = sessionOf(target, sessionsTold(target.agent, records));
  if (records.some(({ name }) => name === 'did')) return { session, records };
  const refused = records.find(({ name }) => name === 'refused')?.value ?? '';
  throw new DcvopsError('failed', `dcv refused to ${script.name}: ${sanitiseLine(explainSilence(refused))}`, {
    host,
    hint: `dcvops exec --sudo ${host} -- tail -n 30 /var/log/dcv/server.log`,
  });
}

/** What kept a script from asking dcv at all. */
function obstacleOf(host: string, records: readonly ScriptRecord[]): DcvopsError | undefined {
  const value = (wanted: string): string | undefined => records.find(({ name }) => name === wanted)?.value;
  const failed = (message: string, folder: string): DcvopsError =>
    new DcvopsError('failed', `${sanitiseLine(message)} on the agent. Nothing changed.`, {
      host,
      hint: `dcvops exec ${host} -- df -h ${folder}`,
    });
  const problem = value('failed');
  if (problem !== undefined) return failed(problem, '/run');
  const path = value('not-placed');
  return path === undefined ? undefined : failed(`${path} could not be written`, '/etc');
}

/** Gives sessions a name, or takes it away (undefined). */
export function renameSessions(
  context: SessionContext,
  targets: readonly SessionTarget[],
  name: string | undefined,
): Promise<SessionResult[]> {
  return workOnSessions(context, targets, async (remote, target) => {
    const { session } = await act(remote, target, renameScript(target.id, name));
    const what = name === undefined ? 'has no name any more' : `is called "${name}"`;
    if (session.name !== (name ?? '')) throw notTaken(target, `"${target.id}" ${what}`, session.name);
    return { message: `${target.id} ${what}`, more: {} };
  });
}

/** Sets the screens of sessions. */
export function layOutSessions(
  context: SessionContext,
  targets: readonly SessionTarget[],
  heads: readonly DisplayHead[],
): Promise<SessionResult[]> {
  const layout = formatLayout(heads);
  return workOnSessions(context, targets, async (remote, target) => {
    const { session } = await act(remote, target, layoutScript(target.id, heads));
    const now = formatLayout(session.heads);
    // a dcv that lists sessions as text only does not tell their screens
    if (session.heads.length > 0 && now !== layout)
      throw notTaken(target, `"${target.id}" has ${layout}`, now);
    return { message: `${target.id} has ${layout}`, more: {} };
  });
}

function notTaken({ agent, id }: SessionTarget, claim: string, now: string): DcvopsError {
  return new DcvopsError('failed', sanitiseLine(`dcv said that ${claim}, but it tells of "${now}"`), {
    host: agent.name,
    hint: `dcvops session describe ${quote(`${agent.name}/${id}`)}`,
  });
}

/** What a session's permissions become: none, the server's own, or those of a file, whose bytes these are. */
export type Permissions = 'none' | 'reset-builtin' | Buffer;

/** Sets the permissions of sessions. They count for those who connect from now on, as DCV has it. */
export function permitSessions(
  context: SessionContext,
  targets: readonly SessionTarget[],
  permissions: Permissions,
): Promise<SessionResult[]> {
  return workOnSessions(context, targets, async (remote, target) => {
    const { id } = target;
    if (typeof permissions === 'string') {
      await act(remote, target, permissionsScript(id, permissions));
      const what = permissions === 'none' ? 'no permissions' : 'the server’s own permissions';
      return { message: `${id} has ${what}`, more: {} };
    }
    const file = ownFile('permissions-file', permissions, id);
    await act(remote, target, permissionsScript(id, file), { stdin: permissions });
    return { message: `${id} has the permissions of the file, as ${file.path}`, more: {} };
  });
}
