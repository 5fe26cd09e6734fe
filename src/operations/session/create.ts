import pLimit from 'p-limit';
import { parseAgentFacts, readAgentFacts } from '../../dcv/agent-facts.ts';
import type { CreateSessionOptions } from '../../dcv/commands.ts';
import { createProblem } from '../../dcv/session/create-outcome.ts';
import { type CreateAct, awaitDisplayScript, createScript, TRIAL_SECONDS } from '../../dcv/session/create.ts';
import { type CreatePermissions, type Warning, decideSession } from '../../dcv/session/decide.ts';
import { notApplied } from '../../dcv/session/not-applied.ts';
import { type PlacedFile, placedContents } from '../../dcv/session/place-file.ts';
import { type TypedCommand, retryCommand } from '../../dcv/session/retry-command.ts';
import { sessionUrl } from '../../dcv/session/url.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost } from '../../inventory/types.ts';
import { type Confirm, confirmOrThrow } from '../../report/ask.ts';
import type { OutcomeEvent, Step, StepEvent } from '../../report/events.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import { type ScriptRecord, parseRecords, recordReader } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';
import type { SessionContext } from './context.ts';
import type { SessionResult } from './targets.ts';

/** One session that shall be there. */
export interface WantedSession {
  readonly agent: AgentHost;
  /** The id is what `AGENT/ID` or the inventory says. */
  readonly session: CreateSessionOptions;
  /** What was typed, for the commands that are shown as the next ones. */
  readonly command: TypedCommand;
  /** Files of this machine that the session needs over there; `session` has their paths. */
  readonly files?: readonly PlacedFile[];
  /** Where the session's files come from, for its outcome: "own.perm as /etc/dcvops/session-files/desk.perm". */
  readonly sources?: readonly string[];
}

export interface SessionCreateOptions extends CreatePermissions {
  /** `--start-service`: start a stopped dcvserver without asking. */
  readonly startService: boolean;
  /** `--wait`: until the display can be reached. */
  readonly wait?: boolean;
}

/** What became of one session. */
export interface CreatedSession extends SessionResult {
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
  { agent, session, command, files = [], sources = [] }: WantedSession,
  label: string,
  options: SessionCreateOptions,
): Promise<OutcomeEvent> {
  const step: TellStep = (id, state, detail) => {
    context.emit({ type: 'step', host: label, step: id, state, ...(detail === undefined ? {} : { detail }) });
  };
  step('facts', 'started');
  const remote = await context.connect(agent);
  const { stdout } = await remote.run(readAgentFacts(session));
  const facts = parseAgentFacts(parseRecords(stdout), session);
  const decision = decideSession(facts, session, options, command);
  step('facts', 'done', facts.version === undefined ? undefined : sanitiseLine(facts.version));
  const warn = (warning: Warning): void => {
    context.emit({ type: 'note', level: 'warning', host: label, ...warning });
  };
  decision.warnings.forEach(warn);
  if (decision.kind === 'unchanged') {
    const dropped = notApplied(decision.session, command);
    if (dropped !== undefined) warn(dropped);
    if (options.wait === true) await awaitDisplay(remote, session, { command, version: facts.version }, step);
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
  const act = { ...decision.act, wait: options.wait === true, ...(files.length === 0 ? {} : { files }) };
  await carryOut(remote, act, { command, version: facts.version }, step);
  const from = sources.length === 0 ? '' : ` (${sources.join(', ')})`;
  return { type: 'outcome', host: label, outcome: 'done', message: `${session.id}${from}` };
}

type TellStep = (id: string, state: StepEvent['state'], detail?: string) => void;

interface Circumstances {
  readonly command: TypedCommand;
  readonly version: string | undefined;
}

/** For a session that is there already. Throws what it waits for in vain. */
async function awaitDisplay(
  remote: Remote,
  session: CreateSessionOptions,
  { command, version }: Circumstances,
  step: TellStep,
): Promise<void> {
  step('live', 'started');
  const { code, stdout } = await remote.run(awaitDisplayScript(session));
  const told = parseRecords(stdout);
  const problem = createProblem({ told, code, version }, { session }, command);
  if (problem !== undefined) {
    step('live', 'failed');
    throw problem.error;
  }
  step('live', 'done', displayOf(told));
}

/** "display :1"; a console session need not have one that DCV tells. */
function displayOf(told: readonly ScriptRecord[]): string | undefined {
  const display = told.find(({ name }) => name === 'display')?.value ?? '';
  return display === '' ? undefined : `display ${sanitiseLine(display)}`;
}

/** Runs the act and follows what it tells, as it tells it. Throws what stopped it. */
async function carryOut(
  remote: Remote,
  act: CreateAct,
  { command, version }: Circumstances,
  step: TellStep,
): Promise<void> {
  const told: ScriptRecord[] = [];
  const lives = `still alive after ${TRIAL_SECONDS} s`;
  const read = recordReader((record) => {
    told.push(record);
    if (record.name === 'answering') {
      step('service', 'done', act.startService ? 'started' : 'active');
      step('create', 'started');
    } else if (record.name === 'closed') step('create', 'progress', `${sanitiseLine(record.value)} closed`);
    else if (record.name === 'created') {
      step('create', 'done', act.session.id);
      step('live', 'started');
    } else if (record.name === 'alive') {
      const display = displayOf(told);
      step('live', 'done', display === undefined ? lives : `${lives}, ${display}`);
    }
  });
  step('service', 'started');
  const { code } = await remote.run(createScript(act), {
    ...(act.files === undefined ? {} : { stdin: placedContents(act.files) }),
    onOutput: (stream, text) => {
      if (stream === 'stdout') read(text);
    },
  });
  const problem = createProblem({ told, code, version }, act, command);
  if (problem === undefined) return;
  step(problem.step, 'failed');
  throw problem.error;
}
