import pLimit from 'p-limit';
import { type AgentFacts, parseFactsOf } from '../../dcv/agent-facts.ts';
import { parsePersistState } from '../../dcv/persist/facts.ts';
import { fingerprintOf, persistedFiles } from '../../dcv/persist/files.ts';
import { createProblem } from '../../dcv/session/create-outcome.ts';
import { createMissingScript } from '../../dcv/session/create.ts';
import { type SessionDecision, type Warning, decideSession } from '../../dcv/session/decide.ts';
import { parseSessions } from '../../dcv/session/parse.ts';
import { accountsOf, declaredCommand, readRestoreFacts } from '../../dcv/session/restore-facts.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost, DeclaredSession } from '../../inventory/types.ts';
import { type Confirm, confirmOrThrow } from '../../report/ask.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';
import type { SessionContext } from './context.ts';
import type { SessionResult } from './targets.ts';

export interface RestoreOptions {
  /** Tell what is missing, and create nothing. */
  readonly dryRun: boolean;
  /** Start a stopped dcvserver without asking. */
  readonly startService: boolean;
}

/**
 * Creates the declared sessions that are missing: agents side by side, those of one agent in one script. What is there
 * stays as it is, also where it differs: that is told as a failure. An outcome is emitted for each session.
 */
export async function restoreSessions(
  context: SessionContext,
  agents: readonly AgentHost[],
  options: RestoreOptions,
): Promise<SessionResult[]> {
  const limit = pLimit(context.concurrency);
  const questions = pLimit(1); // people answer one at a time
  const confirm: Confirm = (question) => questions(() => context.confirm(question));
  const declared = agents.filter(({ sessions = [] }) => sessions.length > 0);
  tellUndeclared(context, agents);
  const results = await Promise.all(
    declared.map((agent) => limit(() => restoreAgent({ ...context, confirm }, agent, options))),
  );
  return results.flat();
}

function tellUndeclared({ emit, inventory }: SessionContext, agents: readonly AgentHost[]): void {
  const without = agents.filter(({ sessions = [] }) => sessions.length === 0).map(({ name }) => name);
  const [first] = without;
  if (first === undefined) return;
  const some = without.slice(0, 8).join(', ') + (without.length > 8 ? ', …' : '');
  emit({
    type: 'note',
    level: 'info',
    message: `no sessions are declared for ${some}`,
    hint: howToDeclare(inventory.file, first),
  });
}

/** What to write into the inventory for an agent to have a session. Pure. */
export function howToDeclare(file: string, agent: string): string {
  return `in ${file}: sessions: { declared: [{ agents: [${agent}], id: desk }] }`;
}

/** What is to become of one declared session. */
type Plan = { readonly session: DeclaredSession } & (
  { readonly decision: SessionDecision } | { readonly error: unknown }
);

async function restoreAgent(
  context: SessionContext,
  agent: AgentHost,
  options: RestoreOptions,
): Promise<SessionResult[]> {
  const { sessions = [] } = agent;
  const tell = (session: DeclaredSession, outcome: OutcomeEvent): SessionResult => {
    context.emit(outcome);
    const { message, hint } = outcome;
    const { name, host } = agent;
    return { agent: name, address: host, id: session.id, outcome: outcome.outcome, message, hint };
  };
  try {
    const remote = await context.connect(agent);
    const records = parseRecords((await remote.run(readRestoreFacts(sessions))).stdout);
    const facts = parseFactsOf(records, accountsOf(sessions));
    tellPersisted(context, agent, records);
    const warn = warnOnce(context, agent);
    const plans = sessions.map((session) => planFor(facts, agent, session));
    plans.forEach(warn);
    const outcomes = options.dryRun
      ? plans.map((plan) => foreseen(plan, agent))
      : await carryOut(context, remote, agent, { facts, plans, warn, startService: options.startService });
    return sessions.flatMap((session, index) => {
      const outcome = outcomes[index];
      return outcome === undefined ? [] : [tell(session, outcome)];
    });
  } catch (error) {
    // one that concerns the whole agent is told once
    const outcome = outcomeOf(error, agent.name);
    context.emit(outcome);
    const { message, hint } = outcome;
    return sessions.map(({ id }) => ({
      ...{ agent: agent.name, address: agent.host, id },
      ...{ outcome: outcome.outcome, message, hint },
    }));
  }
}

function tellPersisted({ emit }: SessionContext, agent: AgentHost, records: readonly ScriptRecord[]): void {
  const state = parsePersistState(records, fingerprintOf(persistedFiles(agent.sessions ?? [])));
  if (state === 'absent' || state === 'current') return;
  const message = {
    outdated: 'the sessions that it creates by itself are not those of the inventory any more',
    disabled: 'dcvops-sessions.service is disabled: no session comes back by itself',
    failed: 'dcvops-sessions.service failed when it last ran',
  }[state];
  const hint = `dcvops session persist ${agent.name}`;
  emit({ type: 'note', level: 'warning', host: agent.name, message, hint });
}

const NOTHING_ALLOWED = { replace: false, endSessions: false };

function planFor(facts: AgentFacts, agent: AgentHost, session: DeclaredSession): Plan {
  try {
    const command = declaredCommand(agent.name, session);
    return { session, decision: decideSession(facts, session, NOTHING_ALLOWED, command) };
  } catch (error) {
    return { session, error };
  }
}

/** Tells what is to be known of a plan's session. What several sessions have in common is told once. */
function warnOnce({ emit }: SessionContext, { name }: AgentHost): (plan: Plan) => void {
  const told = new Set<string>();
  const warn = (warning: Warning): void => {
    if (told.has(warning.message)) return;
    told.add(warning.message);
    emit({ type: 'note', level: 'warning', host: name, ...warning });
  };
  return (plan) => {
    if ('decision' in plan) plan.decision.warnings.forEach(warn);
  };
}

/** What would become of a session. */
function foreseen(plan: Plan, agent: AgentHost): OutcomeEvent {
  const there = settled(plan, agent);
  if (there !== undefined) return there;
  const message = `${plan.session.id} is missing; it would be created`;
  return { type: 'outcome', host: labelOf(plan.session, agent), outcome: 'done', message };
}

/** The outcome of a session for which nothing has to be done, or nothing can be. */
function settled(plan: Plan, agent: AgentHost): OutcomeEvent | undefined {
  const host = labelOf(plan.session, agent);
  if ('error' in plan) return outcomeOf(plan.error, host);
  if (plan.decision.kind === 'create') return undefined;
  return { type: 'outcome', host, outcome: 'unchanged', message: `${plan.session.id} is there` };
}

interface Restoration {
  readonly facts: AgentFacts;
  readonly plans: readonly Plan[];
  readonly warn: (plan: Plan) => void;
  readonly startService: boolean;
}

async function carryOut(
  context: SessionContext,
  remote: Remote,
  agent: AgentHost,
  { facts, plans, warn, startService }: Restoration,
): Promise<OutcomeEvent[]> {
  const missing = plans.filter((plan) => settled(plan, agent) === undefined);
  if (missing.length === 0) return plans.flatMap((plan) => settled(plan, agent) ?? []);
  const stopped = facts.service === 'stopped' && facts.sessions === undefined;
  if (stopped && !startService) {
    await confirmOrThrow(context.confirm, {
      text: `dcvserver is stopped on ${agent.name}. Start it?`,
      flag: '--start-service',
      refusal: new DcvopsError('failed', 'dcvserver is stopped. Nothing changed.', {
        host: agent.name,
        hint: `dcvops session restore ${agent.name} --start-service`,
      }),
    });
  }
  const script = createMissingScript(
    missing.map(({ session }) => session),
    stopped,
  );
  const { code, stdout } = await remote.run(script);
  const told = bySession(parseRecords(stdout));
  return plans.map(
    (plan) =>
      settled(plan, agent) ??
      restored(agent, plan.session, {
        ...{ facts, code, warn },
        told: [...told.common, ...(told.of.get(plan.session.id) ?? [])],
      }),
  );
}

/** What a script told of the agent before it came to sessions, and of each session. */
interface Told {
  readonly common: readonly ScriptRecord[];
  readonly of: ReadonlyMap<string, readonly ScriptRecord[]>;
}

/** A record `session` begins what is told of one; a session's turn comes again when it is watched. Pure. */
function bySession(records: readonly ScriptRecord[]): Told {
  const common: ScriptRecord[] = [];
  const of = new Map<string, ScriptRecord[]>();
  let current = common;
  for (const record of records) {
    if (record.name === 'session') {
      current = of.get(record.value) ?? [];
      of.set(record.value, current);
    } else current.push(record);
  }
  return { common, of };
}

interface Restored extends Pick<Restoration, 'facts' | 'warn'> {
  readonly told: readonly ScriptRecord[];
  /** The script's exit code. */
  readonly code: number;
}

function restored(
  agent: AgentHost,
  session: DeclaredSession,
  { facts, told, code, warn }: Restored,
): OutcomeEvent {
  const there = told.find(({ name }) => name === 'there');
  if (there !== undefined) {
    // it came meanwhile: a dcvserver that was just starting, and made it by itself
    const now = { ...facts, sessions: parseSessions(there.value) };
    const plan = planFor(now, agent, session);
    warn(plan);
    const outcome = settled(plan, agent);
    if (outcome !== undefined) return outcome;
  }
  const host = labelOf(session, agent);
  const command = declaredCommand(agent.name, session);
  const problem = createProblem({ told, code, version: facts.version }, { session }, command);
  if (problem !== undefined) return outcomeOf(problem.error, host);
  return { type: 'outcome', host, outcome: 'done', message: `${session.id} created` };
}

/** The agent's name, with the id where it has several sessions. */
function labelOf({ id }: DeclaredSession, { name, sessions = [] }: AgentHost): string {
  return sessions.length > 1 ? `${name}/${id}` : name;
}
