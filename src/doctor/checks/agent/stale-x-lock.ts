import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import type { AgentFacts, XLockFacts } from '../../facts/agent.ts';
import { removeXLocks } from '../../fixes.ts';
import { displayNumber, hasXProcess, missingSessions } from '../../sessions.ts';

/** What an X server that is gone left in /tmp; the display of a session that is listed is that session's matter. */
export const staleXLock = agentCheck({
  id: 'agent/stale-x-lock',
  severity: 'warning',
  title: 'An X server that is gone left its lock',
  why: 'The next X server on that display may not start ("server already running"), and with it no session.',
  remedy: 'dcvops exec --sudo AGENT -- rm -f /tmp/.X1-lock /tmp/.X11-unix/X1',
  fix: 'removes the lock and the socket after a look whether their X server is really gone; nothing to undo',
  symptoms: ['session'],
  look: ({ name, agent, set }) => {
    const stale = agent.x.locks.filter((lock) => !lock.alive && !isUsed(lock, agent));
    if (stale.length === 0) return undefined;
    const numbers = [...new Set(stale.map(({ display }) => displayNumber(display)))];
    const isThere = (missingSessions({ name, agent }, set) ?? []).length === 0;
    return {
      severity: isThere ? 'warning' : 'error',
      seen: stale.map(describe).join('; '),
      evidence: agent.signatures.filter(({ id }) => id === 'x-server-running').map(({ line }) => line),
      remedy: asRoot(
        name,
        'rm',
        '-f',
        ...numbers.flatMap((number) => [`/tmp/.X${number}-lock`, `/tmp/.X11-unix/X${number}`]),
      ),
      fix: removeXLocks(name, numbers),
    };
  },
});

/** Does a listed session have this display, or a process that names it? A socket may be there without any lock. */
function isUsed({ display }: XLockFacts, { sessions = [], processes }: AgentFacts): boolean {
  const number = displayNumber(display);
  const isOfSession = sessions.some(
    (session) => session.display !== undefined && displayNumber(session.display) === number,
  );
  return isOfSession || hasXProcess(number, processes);
}

function describe({ display, file, pid }: XLockFacts): string {
  if (file === undefined) return `${display} has a socket in /tmp/.X11-unix, but no X server`;
  return `${file} names ${pid === undefined ? 'no process' : `process ${pid}`}, and no such X server runs`;
}
