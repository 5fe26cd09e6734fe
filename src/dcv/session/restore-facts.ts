import type { DeclaredSession } from '../../inventory/types.ts';
import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines } from '../../shell/shell.ts';
import { ACCOUNTS, LIST, SESSIONS, VERSION } from '../agent-facts.ts';
import { PERSISTED } from '../persist/facts.ts';
import type { TypedCommand } from './retry-command.ts';

/** Reads everything that the sessions which are to be there depend on, in one round trip. */
export function readRestoreFacts(sessions: readonly DeclaredSession[]): Script {
  return {
    name: 'read the agent',
    text: lines(SAY, LIST, SESSIONS, VERSION, ACCOUNTS, PERSISTED),
    args: accountsOf(sessions),
    root: true,
  };
}

/** The users that these sessions need, each once. */
export function accountsOf(sessions: readonly Pick<DeclaredSession, 'type' | 'user' | 'owner'>[]): string[] {
  const names = sessions.flatMap(({ type, user, owner }) => (type === 'virtual' ? [user, owner] : [owner]));
  return [...new Set(names)];
}

/** The `session create` that would make a declared session, to be shown as the next one to type. Pure. */
export function declaredCommand(agent: string, session: DeclaredSession): TypedCommand {
  const { id, type, user, owner, name, permissionsFile, storageRoot, gl, maxConcurrentClients, init } =
    session;
  const options = {
    type,
    ...(type === 'virtual' ? { user } : {}),
    owner,
    name,
    'permissions-file': permissionsFile === undefined ? undefined : `agent:${permissionsFile}`,
    'storage-root': storageRoot,
    gl,
    'max-concurrent-clients': maxConcurrentClients,
    init: init === undefined ? undefined : `agent:${init}`,
  };
  return {
    agent,
    id,
    options: Object.entries(options).flatMap(([option, value]) =>
      value === undefined ? [] : [`--${option}=${value}`],
    ),
  };
}
