import pLimit from 'p-limit';
import { parseAgentFacts, readAgentFacts } from '../dcv/agent-facts.ts';
import type { CreateSessionOptions } from '../dcv/commands.ts';
import { type CreateAct, createScript, TRIAL_SECONDS } from '../dcv/create-session.ts';
import { type CreatePermissions, decideSession } from '../dcv/decide-session.ts';
import { explainCreateFailure } from '../dcv/failures.ts';
import { type SessionLog, tellingLine } from '../dcv/session-logs.ts';
import { parseSessions } from '../dcv/parse-sessions.ts';
import { type TypedCommand, retryCommand } from '../dcv/retry-command.ts';
import { sessionUrl } from '../dcv/session-url.ts';
import { DcvopsError } from '../errors.ts';
import type { AgentHost, Host, Inventory } from '../inventory/types.ts';
import { type Confirm, confirmOrThrow } from '../report/ask.ts';
import type { Emit, OutcomeEvent, Step, StepEvent } from '../report/events.ts';
import { sanitiseLine } from '../report/sanitise.ts';
import { type ScriptRecord, parseRecords, recordReader } from '../shell/records.ts';
import type { Remote } from '../ssh/remote.ts';
import { outcomeOf } from './outcome.ts';

/** What the operations on sessions work with. */
export interface SessionContext {
  readonly inventory: Inventory;
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly confirm: Confirm;
  /** How many agents are worked on at once. */
  readonly concurrency: number;
}

/** One session that shall be there. */
export interface WantedSession {
  readonly agent: AgentHost;
  /** The id is what `AGENT/ID` or the inventory says. */
  readonly session: CreateSessionOptions;
  /** What was typed, for the commands that are shown as the next ones. */
  readonly command: TypedCommand;
}

export interface SessionCreateOptions extends CreatePermissions {
  /** `--start-service`: start a stopped dcvserver without asking. */
  readonly startService: boolean;
}

/** What became of one session. */
export interface CreatedSession {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  readonly id: string;
  readonly outcome: OutcomeEvent['outcome'];
  readonly message: string;
  readonly hint: string | undefined;
  /** What people open; undefined when there is no session. */
  readonly url: string | undefined;
}

const STEPS: readonly Step[] = [
  { id: 'facts', title: 'Reading the agent' },
  { id: 'service', title: 'dcvserver' },
  { id: 'create', title: 'Creating the session' },
  { id: 'live', title: 'Watching it live' },
];

/**
 * Makes sure that sessions are there: agents side by side, the sessions of one agent one after another. Emits steps and an
 * outcome for each, and returns them in the order they were wanted. Nothing is closed or started without permission.
 */
export async function createSessions(
  context: SessionContext,
  wanted: readonly WantedSession[],
  options: SessionCreateOptions,
): Promise<CreatedSession[]> {
  const agents = pLimit(context.concurrency);
  const ofAgent = new Map(wanted.map(({ agent }) => [agent.name, pLimit(1)]));
  const questions = pLimit(1); // people answer one at a time
  const confirm: Confirm = (question) => questions(() => context.confirm(question));
  context.emit({ type: 'steps', hosts: wanted.map((one) => labelOf(one, wanted)), steps: STEPS });
  return Promise.all(
    wanted.map((one) => {
      const turn = ofAgent.get(one.agent.name) ?? pLimit(1);
      return turn(() =>
        agents(() => createAndTell({ ...context, confirm }, one, labelOf(one, wanted), options)),
      );
    }),
  );
}

/** The agent's name, with the id where several sessions are wanted on it. */
function labelOf(one: WantedSession, all: readonly WantedSession[]): string {
  const several = all.filter(({ agent }) => agent.name === one.agent.name).length > 1;
  return several ? `${one.agent.name}/${one.session.id}` : one.agent.name;
}

async function createAndTell(
  context: SessionContext,
  wanted: WantedSession,
  label: string,
  options: SessionCreateOptions,
): Promise<CreatedSession> {
  const outcome = await createOne(context, wanted, label, options).catch((error: unknown) =>
    outcomeOf(error, label),
  );
  context.emit(outcome);
  const { agent, session } = wanted;
  const there = outcome.outcome === 'done' || outcome.outcome === 'unchanged';
  return {
    agent: agent.name,
    address: agent.host,
    id: session.id,
    outcome: outcome.outcome,
    message: outcome.message,
    hint: outcome.hint,
    url: there ? sessionUrl(context.inventory, agent, session.id) : undefined,
  };
}

async function createOne(
  context: SessionContext,
  { agent, session, command }: WantedSession,
  label: string,
  options: SessionCreateOptions,
): Promise<OutcomeEvent> {
  const step = (id: string, state: StepEvent['state'], detail?: string): void => {
    context.emit({ type: 'step', host: label, step: id, state, ...(detail === undefined ? {} : { detail }) });
  };
  step('facts', 'started');
  const remote = await context.connect(agent);
  const { stdout } = await remote.run(readAgentFacts(session));
  const facts = parseAgentFacts(parseRecords(stdout), session);
  const decision = decideSession(facts, session, options, command);
  step('facts', 'done', facts.version === undefined ? undefined : sanitiseLine(facts.version));
  for (const warning of decision.warnings) {
    context.emit({ type: 'note', level: 'warning', host: label, ...warning });
  }
  if (decision.kind === 'unchanged') {
    const viewers = decision.session.connections ?? 0;
    return {
      type: 'outcome',
      host: label,
      outcome: 'unchanged',
      message: `${session.id} is there already${viewers === 0 ? '' : `, ${viewers} connected`}`,
    };
  }
  if (decision.act.startService && !options.startService) {
    await confirmOrThrow(context.confirm, {
      text: `dcvserver is stopped on ${agent.name}. Start it?`,
      flag: '--start-service',
      refusal: new DcvopsError('failed', 'dcvserver is stopped. Nothing changed.', {
        host: agent.name,
        hint: retryCommand(command, ['--start-service']),
      }),
    });
  }
  await carryOut(remote, decision.act, command, step);
  return { type: 'outcome', host: label, outcome: 'done', message: session.id };
}

/** Runs the act and follows what it tells, as it tells it. Throws what stopped it. */
async function carryOut(
  remote: Remote,
  act: CreateAct,
  command: TypedCommand,
  step: (id: string, state: StepEvent['state'], detail?: string) => void,
): Promise<void> {
  const told: ScriptRecord[] = [];
  const read = recordReader((record) => {
    told.push(record);
    if (record.name === 'answering') {
      step('service', 'done', act.startService ? 'started' : 'active');
      step('create', 'started');
    } else if (record.name === 'closed') step('create', 'progress', `${sanitiseLine(record.value)} closed`);
    else if (record.name === 'created') {
      step('create', 'done', act.session.id);
      step('live', 'started');
    } else if (record.name === 'alive') step('live', 'done', `still alive after ${TRIAL_SECONDS} s`);
  });
  step('service', 'started');
  const { code } = await remote.run(createScript(act), {
    onOutput: (stream, text) => {
      if (stream === 'stdout') read(text);
    },
  });
  const failure = failureOf(told, act, command, code);
  if (failure === undefined) return;
  step(failure.step, 'failed');
  throw failure.error;
}

interface Failure {
  readonly step: 'service' | 'create' | 'live';
  readonly error: DcvopsError;
}

/** What a finished act says of itself: undefined when the session lives. Pure. */
function failureOf(
  told: readonly ScriptRecord[],
  act: CreateAct,
  command: TypedCommand,
  code: number,
): Failure | undefined {
  const value = (name: string): string | undefined => told.find((record) => record.name === name)?.value;
  const { agent } = command;
  const { id } = act.session;
  const failed = (step: Failure['step'], message: string, hint?: string): Failure => ({
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
      `dcvops exec ${agent} -- sudo journalctl --unit=dcvserver --lines=30 --no-pager`,
    );
  }
  const silent = value('silent');
  if (silent !== undefined) {
    const { cause } = explainCreateFailure(silent, command);
    return failed(
      'service',
      `dcvserver runs but does not answer: ${sanitiseLine(cause)}. No session was created.`,
      `dcvops exec ${agent} -- sudo tail -n 30 /var/log/dcv/server.log`,
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
  const notCreated = value('create-failed');
  if (notCreated !== undefined) {
    const { cause, remedy } = explainCreateFailure(notCreated, command);
    return failed('create', `"${id}" was not created: ${sanitiseLine(cause)}${before}`, remedy);
  }
  if (value('created') !== undefined) {
    const log = tellingLine(logsOf(told), id);
    return failed(
      'live',
      `"${id}" was created and ended within ${TRIAL_SECONDS} s${log === undefined ? '' : `: ${sanitiseLine(log.line)}`}${before}`,
      `dcvops exec ${agent} -- sudo tail -n 30 ${log?.file ?? '/var/log/dcv/server.log'}`,
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
