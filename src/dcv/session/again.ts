import type { SessionDefaults } from '../../inventory/types.ts';
import { quote } from '../../shell/shell.ts';
import type { DcvSession } from '../types.ts';
import { retryCommand } from './retry-command.ts';

/** An agent, and the sessions that are declared for it. */
export interface AgentWithSessions {
  readonly name: string;
  readonly sessions?: readonly { readonly id: string }[];
}

/** What has to be known of a session to make it again. */
export type EndedSession = Pick<DcvSession, 'id' | 'type' | 'owner' | 'user'>;

/** So many sessions get a command of their own. */
export const MOST_NAMED = 8;

/**
 * The command that makes the sessions of an agent: those declared for it, else the usual one. What is there already it leaves
 * alone. Pure.
 */
export function sessionsCommand({ name, sessions = [] }: AgentWithSessions): string {
  return `dcvops session ${sessions.length > 0 ? 'restore' : 'create'} ${quote(name)}`;
}

/**
 * The commands that make sessions again which have ended, to be shown as the next ones to type. Declared ones get the
 * inventory's: made by hand, one would be of the wrong kind or owner, and in the way of the unit that makes it at boot. The
 * others are of the kind and the people that DCV told. Pure.
 */
export function sessionsAgain(
  agent: AgentWithSessions,
  ended: readonly EndedSession[],
  defaults: SessionDefaults,
): string[] {
  const isDeclared = ({ id }: EndedSession): boolean => agent.sessions?.some((one) => one.id === id) === true;
  const others = ended.filter((one) => !isDeclared(one)).slice(0, MOST_NAMED);
  return [
    ...(ended.some(isDeclared) ? [sessionsCommand(agent)] : []),
    ...others.map((session) => createCommand(agent.name, session, defaults)),
  ];
}

function createCommand(agent: string, session: EndedSession, defaults: SessionDefaults): string {
  const { id } = session;
  const options = optionsOf(session, defaults).map(([option, value]) => `--${option}=${value}`);
  return retryCommand({ agent, id: id === defaults.id ? undefined : id, options }, []);
}

/** What `session create` would not do by itself. An older DCV does not tell the user: a desktop is its owner's. */
function optionsOf(
  session: EndedSession,
  defaults: SessionDefaults,
): (readonly [option: string, value: string])[] {
  const { owner, type = defaults.type, user = owner } = session;
  const isTyped = type === 'virtual' && user !== '' && user !== defaults.user;
  // whoever is typed as the user is the owner, too, where no owner is typed
  const ownerElse = isTyped ? user : defaults.owner;
  return [
    ...(type === defaults.type ? [] : [['type', type] as const]),
    ...(isTyped ? [['user', user] as const] : []),
    ...(owner === '' || owner === ownerElse ? [] : [['owner', owner] as const]),
  ];
}
