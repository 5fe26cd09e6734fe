import { DcvopsError } from '../../errors.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import { quote } from '../../shell/shell.ts';
import type { AgentFacts } from '../agent-facts.ts';
import type { CreateSessionOptions } from '../commands.ts';
import type { DcvConnection, DcvSession } from '../types.ts';
import type { CreateAct } from './create.ts';
import { describeViewer } from './describe-viewer.ts';
import { type TypedCommand, retryCommand } from './retry-command.ts';

/** What the user allows. */
export interface CreatePermissions {
  /** `--replace`: close sessions that are in the way. */
  readonly replace: boolean;
  /** `--end-sessions`: also those that somebody uses. */
  readonly endSessions: boolean;
}

export type SessionDecision =
  | { readonly kind: 'unchanged'; readonly session: DcvSession; readonly warnings: readonly Warning[] }
  | { readonly kind: 'create'; readonly act: CreateAct; readonly warnings: readonly Warning[] };

export interface Warning {
  readonly message: string;
  readonly hint?: string;
}

/**
 * Decides what a wanted session comes to on an agent. Pure. A stopped dcvserver gives an act that starts it: asking for
 * that is the caller's.
 * @throws DcvopsError `failed` where it cannot be created, or not without permissions that were not given
 */
export function decideSession(
  facts: AgentFacts,
  wanted: CreateSessionOptions,
  permissions: CreatePermissions,
  command: TypedCommand,
): SessionDecision {
  refuseImpossible(facts, wanted, command);
  const warnings = warningsOf(facts, wanted, command);
  const sessions = facts.sessions ?? [];
  const same = sessions.find((session) => isWanted(session, wanted));
  if (same !== undefined)
    return { kind: 'unchanged', session: same, warnings: [...warnings, ...userWarning(same, wanted)] };
  const inTheWay = sessions.filter((session) => conflicts(session, wanted));
  if (inTheWay.length > 0) refuseWithoutPermission(inTheWay, facts, wanted, permissions, command);
  return {
    kind: 'create',
    act: {
      session: wanted,
      startService: facts.service === 'stopped' && facts.sessions === undefined,
      close: inTheWay.map(({ id }) => id),
      endSessions: permissions.endSessions,
    },
    warnings,
  };
}

function refuseImpossible(facts: AgentFacts, wanted: CreateSessionOptions, { agent }: TypedCommand): void {
  if (facts.version === undefined) {
    throw new DcvopsError('failed', 'DCV is not installed. Nothing changed.', {
      host: agent,
      hint: 'install nice-dcv-server, nice-xdcv and nice-dcv-web-viewer there',
    });
  }
  if (facts.service === 'absent' && facts.sessions === undefined) {
    throw new DcvopsError(
      'failed',
      `there is no dcvserver.service, and dcv says: ${said(facts)}. Nothing changed.`,
      {
        host: agent,
        hint: `dcvops service status ${agent}`,
      },
    );
  }
  const needed = wanted.type === 'virtual' ? [wanted.user, wanted.owner] : [wanted.owner];
  const missing = facts.accounts.find(({ name, exists }) => needed.includes(name) && !exists);
  if (missing !== undefined) {
    throw new DcvopsError('failed', `there is no user "${missing.name}". Nothing changed.`, {
      host: agent,
      hint: `dcvops exec --sudo ${agent} -- useradd --create-home ${quote(missing.name)}   (or choose --user and --owner)`,
    });
  }
}

function said(facts: AgentFacts): string {
  return sanitiseLine((facts.silence ?? 'nothing').trim()).slice(0, 200);
}

function warningsOf(facts: AgentFacts, wanted: CreateSessionOptions, { agent }: TypedCommand): Warning[] {
  const owner = facts.accounts.find(({ name }) => name === wanted.owner);
  if (facts.login !== 'system' || owner?.password !== 'none') return [];
  return [
    {
      message: `${wanted.owner} has no password; the DCV login will fail.`,
      hint: `dcvops ssh ${agent} -- sudo passwd ${quote(wanted.owner)}`,
    },
  ];
}

function userWarning(session: DcvSession, wanted: CreateSessionOptions): Warning[] {
  if (wanted.type !== 'virtual' || session.user === undefined || session.user === wanted.user) return [];
  return [{ message: `"${session.id}" runs as ${sanitiseLine(session.user)}, not as ${wanted.user}.` }];
}

/** Owner and type make a session the same one; a dcv that tells no type leaves only the owner. */
function isWanted(session: DcvSession, wanted: CreateSessionOptions): boolean {
  return (
    session.id === wanted.id &&
    session.owner === wanted.owner &&
    (session.type ?? wanted.type) === wanted.type
  );
}

/** DCV has one session of an id, one console, and never a console beside virtual sessions. */
function conflicts(session: DcvSession, wanted: CreateSessionOptions): boolean {
  return (
    session.id === wanted.id ||
    session.type === 'console' ||
    (wanted.type === 'console' && session.type === 'virtual')
  );
}

function refuseWithoutPermission(
  inTheWay: readonly DcvSession[],
  facts: AgentFacts,
  wanted: CreateSessionOptions,
  permissions: CreatePermissions,
  command: TypedCommand,
): void {
  const viewers = inTheWay.map((session) => viewersOf(session, wanted, facts.connections));
  const inUse = viewers.some(({ most }) => most > 0);
  if (permissions.replace && (permissions.endSessions || !inUse)) return;
  const what = inTheWay.map((session) => describeConflict(session, wanted)).join('; ');
  const flags = inUse ? ['--replace', '--end-sessions'] : ['--replace'];
  throw new DcvopsError('failed', `${what}; ${sumUp(viewers)}. Nothing changed.`, {
    host: command.agent,
    hint: `${retryCommand(command, flags)}   (ends ${inTheWay.length === 1 ? 'that desktop' : 'those desktops'})`,
  });
}

function describeConflict(session: DcvSession, wanted: CreateSessionOptions): string {
  const id = `"${sanitiseLine(session.id)}"`;
  if (session.type !== undefined && session.type !== wanted.type) {
    const owner = sanitiseLine(session.owner);
    if (session.id === wanted.id)
      return `${id} is a ${session.type} session of ${owner}, wanted a ${wanted.type} one`;
    return `the ${session.type} session ${id} of ${owner} is in the way (DCV has one console or virtual sessions, never both)`;
  }
  if (session.id !== wanted.id)
    return `${id} of ${sanitiseLine(session.owner)} is the console session, and DCV has one`;
  return `${id} belongs to ${sanitiseLine(session.owner)}, wanted ${wanted.owner}`;
}

interface Viewers {
  /** How many at most: a number that DCV does not tell counts as one. */
  readonly most: number;
  readonly known: boolean;
  readonly who: readonly string[];
}

function viewersOf(
  session: DcvSession,
  wanted: CreateSessionOptions,
  connections: readonly DcvConnection[] | undefined,
): Viewers {
  if (session.id === wanted.id && connections !== undefined) {
    return { most: connections.length, known: true, who: connections.map(describeViewer) };
  }
  return { most: session.connections ?? 1, known: session.connections !== undefined, who: [] };
}

/** "nobody connected", "1 person connected (jane from 10.213.0.9)". */
function sumUp(viewers: readonly Viewers[]): string {
  if (!viewers.every(({ known }) => known)) return 'DCV does not tell whether somebody is connected';
  const count = viewers.reduce((sum, { most }) => sum + most, 0);
  const who = viewers.flatMap((one) => one.who);
  if (count === 0) return 'nobody connected';
  return `${count === 1 ? '1 person' : `${count} people`} connected${who.length === 0 ? '' : ` (${who.join(', ')})`}`;
}
