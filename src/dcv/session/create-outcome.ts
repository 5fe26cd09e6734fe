import { DcvopsError } from '../../errors.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import type { ScriptRecord } from '../../shell/records.ts';
import { explainCreateFailure, explainDeath } from '../failures.ts';
import { type CreateAct, DISPLAY_SECONDS, TRIAL_SECONDS } from './create.ts';
import { type SessionLog, tellingLine } from './logs.ts';
import { parseSessions } from './parse.ts';
import { type TypedCommand, retryCommand } from './retry-command.ts';

/** Why a session was not created, and at which step. */
export interface CreateProblem {
  readonly step: 'service' | 'create' | 'live';
  readonly error: DcvopsError;
}

/** What a script that was to create a session came to. */
export interface CreateEnd {
  readonly told: readonly ScriptRecord[];
  /** Its exit code. */
  readonly code: number;
  /** The first line of `dcv version`. */
  readonly version: string | undefined;
}

/** What a finished act, or a wait for a display, says of itself: undefined when the session lives. Pure. */
export function createProblem(
  { told, code, version }: CreateEnd,
  { session: { id } }: Pick<CreateAct, 'session'>,
  command: TypedCommand,
): CreateProblem | undefined {
  const value = (name: string): string | undefined => told.find((record) => record.name === name)?.value;
  const { agent } = command;
  const failed = (step: CreateProblem['step'], message: string, hint?: string): CreateProblem => ({
    step,
    error: new DcvopsError('failed', message, { host: agent, ...(hint === undefined ? {} : { hint }) }),
  });
  const closed = told
    .filter(({ name }) => name === 'closed')
    .map((record) => `"${sanitiseLine(record.value)}"`);
  const before = closed.length === 0 ? '' : `; ${closed.join(', ')} had been closed`;

  const alive = value('alive');
  if (alive !== undefined && parseSessions(alive).some((session) => session.id === id)) return undefined;
  const notStarted = value('start-failed');
  if (notStarted !== undefined) {
    return failed(
      'service',
      `dcvserver does not start: ${firstLine(notStarted)}`,
      `dcvops exec --sudo ${agent} -- journalctl --unit=dcvserver --lines=30 --no-pager`,
    );
  }
  const silent = value('silent');
  if (silent !== undefined) {
    const { cause } = explainCreateFailure(silent, command);
    return failed(
      'service',
      `dcvserver runs but does not answer: ${sanitiseLine(cause)}. No session was created.`,
      `dcvops exec --sudo ${agent} -- tail -n 30 /var/log/dcv/server.log`,
    );
  }
  const inUse = value('in-use');
  if (inUse !== undefined) {
    return failed(
      'create',
      `somebody connected to "${sanitiseLine(inUse)}" just now. It was not closed${before}.`,
      `${retryCommand(command, ['--replace', '--end-sessions'])}   (ends that desktop)`,
    );
  }
  const notClosed = value('close-failed');
  if (notClosed !== undefined) {
    return failed(
      'create',
      `a session could not be closed: ${firstLine(notClosed)}${before}`,
      'dcvops session list',
    );
  }
  const notPlaced = value('not-placed');
  if (notPlaced !== undefined) {
    return failed(
      'create',
      `${sanitiseLine(notPlaced)} could not be written on the agent${before}`,
      `dcvops exec ${agent} -- df -h /etc`,
    );
  }
  const notCreated = value('create-failed');
  if (notCreated !== undefined) {
    const circumstances = { version, logs: logsOf(told) };
    const { cause, remedy } = explainCreateFailure(notCreated, command, circumstances);
    return failed('create', `"${id}" was not created: ${sanitiseLine(cause)}${before}`, remedy);
  }
  const wasCreated = value('created') !== undefined;
  if (value('no-display') !== undefined) {
    return failed(
      'live',
      `"${id}" ${wasCreated ? 'was created' : 'is there'}, but its display cannot be reached after ${DISPLAY_SECONDS} s`,
      `dcvops session describe ${agent}/${id}`,
    );
  }
  if (wasCreated || value('gone') !== undefined) {
    const logs = logsOf(told);
    const log = tellingLine(logs, id);
    const death = explainDeath(logs, id, command);
    const why = [death?.cause, log?.line].filter((part) => part !== undefined).map(sanitiseLine);
    const [cause = '', line] = why;
    const because = cause === '' ? '' : `: ${cause}${line === undefined ? '' : ` (${line})`}`;
    const look = `dcvops exec --sudo ${agent} -- tail -n 30 ${log?.file ?? '/var/log/dcv/server.log'}`;
    const when =
      value('awaited') === undefined ? `within ${TRIAL_SECONDS} s` : 'before its display could be reached';
    return failed(
      'live',
      `"${id}" ${wasCreated ? `was created and ended ${when}` : 'ended meanwhile'}${because}${before}`,
      death?.remedy === undefined ? look : `${death.remedy}\n${look}`,
    );
  }
  return failed('create', `the script on the host ended early (exit ${code})`, `dcvops session list`);
}

function logsOf(told: readonly ScriptRecord[]): SessionLog[] {
  return told.flatMap((record, index) =>
    record.name === 'log' ? [{ file: record.value, text: told[index + 1]?.value ?? '' }] : [],
  );
}

function firstLine(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '');
  return sanitiseLine((line ?? 'it says nothing').trim()).slice(0, 300);
}
