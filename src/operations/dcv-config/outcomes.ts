import type { ConfChange, ConfUnchanged } from '../../dcv/conf/decide-change.ts';
import { sessionsAgain, sessionsCommand } from '../../dcv/session/again.ts';
import type { AgentHost, SessionDefaults } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import type { ReadyAgent } from './ready-agent.ts';
import type { WrittenConf } from './write.ts';

/* What changing settings says to people. Pure. */

/** "Restart dcvserver on agent1? That ends 2 sessions." */
export function restartQuestion(ready: readonly Pick<ReadyAgent, 'agent' | 'change'>[]): string {
  const names = ready.map(({ agent }) => agent.name);
  const where = names.length > 5 ? `${names.length} agents` : names.join(', ');
  const counts = ready.map(({ change }) => change.sessions);
  const all = counts.includes(undefined)
    ? undefined
    : counts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return `Restart dcvserver on ${where}, ${all === 0 ? 'where there are no sessions' : `which ends ${sessions(all)}`}?`;
}

function sessions(count: number | undefined): string {
  if (count === undefined) return 'its sessions';
  return `${count} session${count === 1 ? '' : 's'}`;
}

const COUNTS: Readonly<Record<Exclude<ConfChange['reload'], 'restart'>, string>> = {
  already: 'it counts already, for dcvserver has not read what was there',
  live: 'it counts within seconds',
  connection: 'it counts for connections made from now on',
  session: 'it counts for sessions created from now on',
};

const AT_NEXT_START = 'dcvserver reads the changed dcv.conf at its next start';

/**
 * The last word about an agent that was changed, with what to type next.
 * @param defaults of the sessions that are made again where a restart ended theirs
 */
export function doneOutcome(
  { agent, change, command }: Pick<ReadyAgent, 'agent' | 'change' | 'command'>,
  { kept, restarted }: WrittenConf,
  defaults: SessionDefaults,
): OutcomeEvent {
  const { reload, restart } = change;
  const withheld = restart === 'now' && !restarted;
  const effect = restarted
    ? 'dcvserver was restarted'
    : withheld
      ? `somebody connected meanwhile, so dcvserver was not restarted; ${AT_NEXT_START}`
      : reload === 'restart'
        ? AT_NEXT_START
        : COUNTS[reload];
  const message = [
    ...(change.changes.length === 0 ? [] : [summary(change)]),
    effect,
    ...(kept === undefined ? [] : [`the file before: ${kept}`]),
  ].join('; ');
  const hint =
    restarted && change.sessions !== 0
      ? againHint(agent, change, defaults)
      : withheld || restart === 'later'
        ? laterHint(change, command, withheld)
        : undefined;
  return {
    type: 'outcome',
    host: agent.name,
    outcome: 'done',
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

function againHint(agent: AgentHost, { there }: ConfChange, defaults: SessionDefaults): string {
  return there === undefined ? sessionsCommand(agent) : sessionsAgain(agent, there, defaults).join('\n');
}

function laterHint({ sessions: count, viewers }: ConfChange, command: string, withheld: boolean): string {
  const end = viewers === 0 && !withheld ? '' : ' --end-sessions';
  return `${command} --restart${end}${count === 0 ? '' : `   (ends ${sessions(count)})`}`;
}

/** The last word about an agent on which nothing was to be done. */
export function unchangedOutcome(
  agent: string,
  { restartDue }: ConfUnchanged,
  command: string,
): OutcomeEvent {
  return {
    type: 'outcome',
    host: agent,
    outcome: 'unchanged',
    message: restartDue
      ? 'dcv.conf says so already; dcvserver was started before dcv.conf was last changed'
      : 'dcv.conf says so already',
    ...(restartDue ? { hint: `${command} --restart   (ends its sessions)` } : {}),
  };
}

/** The last word for `--dry-run`. */
export function wouldOutcome(agent: string, change: ConfChange): OutcomeEvent {
  const restart = change.restart === 'now' ? ' and restart dcvserver' : '';
  const what = change.changes.length === 0 ? 'change nothing in dcv.conf' : `change ${summary(change)}`;
  return {
    type: 'outcome',
    host: agent,
    outcome: 'done',
    message: `would ${what}${restart}; nothing changed`,
  };
}

function summary({ changes }: ConfChange): string {
  return changes.map(({ name, value }) => (value === undefined ? `${name} (unset)` : name)).join(', ');
}
