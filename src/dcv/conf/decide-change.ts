import { DcvopsError } from '../../errors.ts';
import type { ScriptRecord } from '../../shell/records.ts';
import { parseAgentSessions } from '../agent-facts.ts';
import type { EndedSession } from '../session/again.ts';
import { type ConfFile, isRunning, isStale, parseConfFile, startedWith } from './file.ts';
import type { Reload } from './keys.ts';
import { type WantedSetting, reloadOf, settingsOf, withSettings } from './settings.ts';
import { isSame } from './shown-settings.ts';

/** All that a change of dcv.conf depends on. */
export interface ConfFacts {
  readonly file: ConfFile;
  /** Does dcvserver run? */
  readonly running: boolean;
  /** Was dcv.conf changed since it was started? */
  readonly stale: boolean;
  /** What dcv.conf said when it was started, where that differs and is known; one character a byte. */
  readonly startedWith: string | undefined;
  /** How many sessions there are, and how many people on them; undefined where dcv does not tell. */
  readonly sessions: number | undefined;
  readonly viewers: number | undefined;
  /** The sessions themselves: what a restart ends is to be made again. */
  readonly there: readonly EndedSession[] | undefined;
}

/** What will be done to an agent's dcv.conf. */
export interface ConfChange {
  readonly kind: 'change';
  readonly before: ConfFile;
  /** The whole file; the same as before where only a restart is due. */
  readonly after: string;
  readonly changes: readonly WantedSetting[];
  /** When the last of them counts; `already`: dcvserver was started so, and has not read what was there since. */
  readonly reload: Reload | 'already';
  /** Is a restart of dcvserver needed for that, and may it be done? */
  readonly restart: 'now' | 'later' | 'not-needed';
  readonly sessions: number | undefined;
  readonly viewers: number | undefined;
  readonly there: ConfFacts['there'];
}

/** Nothing is to be done. */
export interface ConfUnchanged {
  readonly kind: 'unchanged';
  /** Does dcvserver still run with another dcv.conf? */
  readonly restartDue: boolean;
}

/** What may be done beside writing the file. */
export interface RestartOptions {
  readonly restart: boolean;
  /** Also when somebody is connected. */
  readonly endSessions: boolean;
}

/** Reads what `readForConfChange` told. Pure. @throws DcvopsError `failed` where DCV is not installed */
export function parseConfFacts(agent: string, records: readonly ScriptRecord[]): ConfFacts {
  const file = fileOf(agent, records);
  const running = isRunning(records);
  const counts = { running, stale: running && isStale(records), startedWith: startedWith(records) };
  try {
    const { sessions } = parseAgentSessions(records);
    const viewers = sessions?.map(({ connections }) => connections);
    return {
      file,
      ...counts,
      sessions: sessions?.length,
      viewers: viewers?.includes(undefined)
        ? undefined
        : viewers?.reduce<number>((sum, one) => sum + (one ?? 0), 0),
      there: sessions,
    };
  } catch (error) {
    // a list that is not understood: nobody knows who is there
    if (!(error instanceof DcvopsError)) throw error;
    return { file, ...counts, sessions: undefined, viewers: undefined, there: undefined };
  }
}

/** An agent's dcv.conf. Pure. @throws DcvopsError `failed` where DCV is not installed */
export function fileOf(agent: string, records: readonly ScriptRecord[]): ConfFile {
  const file = parseConfFile(records);
  if (file !== undefined) return file;
  throw new DcvopsError('failed', 'DCV is not installed: there is no /etc/dcv', {
    host: agent,
    hint: `dcvops doctor ${agent}`,
  });
}

/**
 * Decides what a change of dcv.conf comes to. Pure.
 * @param again the command that was typed, for this agent
 * @throws DcvopsError `failed` when a restart would cut somebody off, and that is not allowed
 */
export function decideConfChange(
  agent: string,
  facts: ConfFacts,
  wanted: readonly WantedSetting[],
  options: RestartOptions,
  again: string,
): ConfChange | ConfUnchanged {
  const { file, running, sessions, viewers, there } = facts;
  const { text, changes } = withSettings(file.text, wanted);
  const reload = lastToCount(facts, wanted, { after: text, changes });
  const restartDue = facts.stale && reload === 'restart';
  if (changes.length === 0 && !(restartDue && options.restart)) return { kind: 'unchanged', restartDue };
  const change: ConfChange = {
    kind: 'change',
    before: file,
    after: text,
    changes,
    reload,
    restart: running && reload === 'restart' ? (options.restart ? 'now' : 'later') : 'not-needed',
    sessions,
    viewers,
    there,
  };
  if (change.restart === 'now' && viewers !== 0 && !options.endSessions) {
    throw new DcvopsError(
      'failed',
      `${whoIsThere(viewers)}, and a restart of dcvserver ends all sessions. Nothing changed.`,
      { host: agent, hint: `${again} --restart --end-sessions   (ends those desktops)` },
    );
  }
  return change;
}

/**
 * When the last of what is wanted, or (without a wish) of all, counts. What takes a restart does by what dcvserver was started
 * with; where nobody knows what that was, it may be without any.
 */
function lastToCount(
  { file, stale, startedWith }: ConfFacts,
  wanted: readonly WantedSetting[],
  { after, changes }: { readonly after: string; readonly changes: readonly WantedSetting[] },
): ConfChange['reload'] {
  const then = stale ? startedWith : file.text;
  if (then === undefined) return wanted.length === 0 ? 'restart' : reloadOf(wanted);
  const names = wanted.length > 0 ? wanted : [...settingsOf(then), ...settingsOf(after)];
  const before = settingsOf(then, names);
  const notRead = settingsOf(after, names).filter((now, at) => !isSame(now, before[at]));
  if (reloadOf(notRead) === 'restart') return 'restart';
  const others = changes.filter((change) => reloadOf([change]) !== 'restart');
  return others.length === 0 ? 'already' : reloadOf(others);
}

function whoIsThere(viewers: number | undefined): string {
  if (viewers === undefined) return 'dcv does not say whether anybody is connected';
  return `${viewers} ${viewers === 1 ? 'person is' : 'people are'} connected`;
}
