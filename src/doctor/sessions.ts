import { basename } from 'node:path/posix';
import { sessionsCommand } from '../dcv/session/again.ts';
import { words } from '../shell/shell.ts';
import { steps } from './commands.ts';
import type { AgentFacts, SessionFacts } from './facts/agent.ts';
import type { FactSet, WantedSession } from './facts/fleet.ts';

/** An agent, by name, and the facts of its own that matter here. */
interface View {
  readonly name: string;
  readonly agent: Pick<AgentFacts, 'sessions'>;
}

/** Does this agent show desktops of that kind: by the inventory, or because such a session is there? */
export function shows(type: 'virtual' | 'console', { name, agent }: View, set: FactSet): boolean {
  return [...wantedSessions(name, set), ...(agent.sessions ?? [])].some((session) => session.type === type);
}

/**
 * Is the X server of a session there? Its process counts, too: somebody may have cleaned /tmp, and X servers listen without
 * a file as well. undefined: its display is not known.
 */
export function xServerLives(
  session: SessionFacts,
  { x, processes }: Pick<AgentFacts, 'x' | 'processes'>,
): boolean | undefined {
  const { display } = session;
  if (display === undefined) return undefined;
  const number = displayNumber(display);
  return (
    x.locks.some((lock) => displayNumber(lock.display) === number && lock.alive && lock.socket) ||
    hasXProcess(number, processes)
  );
}

/** Does an X server's command line name this display? @param number `1` for `:1` */
export function hasXProcess(number: string, processes: AgentFacts['processes']): boolean {
  return processes.some(({ command }) => {
    const [program = '', ...options] = command.split(' ');
    return /^X\w*$/.test(basename(program)) && options.includes(`:${number}`);
  });
}

/** `:1`, `:1.0` and `localhost:1` are display 1. */
export function displayNumber(display: string): string {
  return /:(\d+)/.exec(display)?.[1] ?? display;
}

/** Is there a session with a desktop that lives? */
export function anyDesktopLives(agent: Pick<AgentFacts, 'sessions' | 'x' | 'processes'>): boolean {
  return (agent.sessions ?? []).some((session) => xServerLives(session, agent) === true);
}

/** The sessions that people are to find on an agent: those declared for it, else the usual one. */
export function wantedSessions(host: string, set: FactSet): readonly WantedSession[] {
  return declaredOn(host, set)?.sessions ?? [set.inventory.session];
}

/** Those of them that are not there; undefined: dcv does not tell its sessions. */
export function missingSessions({ name, agent }: View, set: FactSet): WantedSession[] | undefined {
  const { sessions } = agent;
  if (sessions === undefined) return undefined;
  return wantedSessions(name, set).filter(({ id }) => !sessions.some((session) => session.id === id));
}

/** The command that makes the sessions of an agent again: those declared for it, else the usual one. */
export function createAgain(host: string, set: FactSet): string {
  return sessionsCommand({ name: host, sessions: declaredOn(host, set)?.sessions ?? [] });
}

/** The commands that make one session anew, as the inventory has it. */
export function createAnew(host: string, id: string, set: FactSet): string {
  if (declaredOn(host, set)?.sessions.some((one) => one.id === id) !== true) {
    return `dcvops session create ${sessionOperand(host, id, set)} --replace`;
  }
  return steps(closeSessions(host, [id], set), createAgain(host, set));
}

/** The commands that put the inventory's sessions of an agent in the place of those that are there. */
export function makeRoom(host: string, there: readonly SessionFacts[], set: FactSet): string {
  if (declaredOn(host, set) === undefined) {
    return `dcvops session create ${sessionOperand(host, set.inventory.session.id, set)} --replace`;
  }
  const ids = there.map(({ id }) => id);
  return steps(ids.length === 0 ? undefined : closeSessions(host, ids, set), createAgain(host, set));
}

function closeSessions(host: string, ids: readonly string[], set: FactSet): string {
  return `dcvops session close ${ids.map((id) => sessionOperand(host, id, set)).join(' ')}`;
}

/** What the inventory declares for an agent; undefined: nothing. */
export function declaredOn(host: string, set: FactSet): FactSet['inventory']['agents'][number]['declared'] {
  return set.inventory.agents.find(({ name }) => name === host)?.declared;
}

/** How a command names a session: `agent1` for the usual one, else `agent1/ID`, quoted where it has to be. */
export function sessionOperand(host: string, id: string, set: FactSet): string {
  return words([id === set.inventory.session.id ? host : `${host}/${id}`]).toString();
}
