import pLimit from 'p-limit';
import { decidePersist, diffOfPersisted, diffOfRemoved } from '../../dcv/persist/decide.ts';
import { type PersistFacts, parsePersisted, readPersisted } from '../../dcv/persist/facts.ts';
import { PERSIST_UNIT, persistedFiles } from '../../dcv/persist/files.ts';
import { installScript, removeScript } from '../../dcv/persist/scripts.ts';
import { placedContents } from '../../dcv/session/place-file.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import { parseRecords } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';
import type { SessionContext } from './context.ts';
import { howToDeclare } from './restore.ts';

export interface PersistOptions {
  /** Show what would change, and change nothing. */
  readonly dryRun: boolean;
}

/** What became of one agent. */
export interface PersistResult {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  /** The sessions that it creates by itself from now on. */
  readonly sessions: readonly string[];
  readonly outcome: OutcomeEvent['outcome'];
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * Has agents create their declared sessions by themselves whenever dcvserver starts, and now. Side by side; an outcome for
 * each. What is the same already is left alone.
 */
export function persistSessions(
  context: SessionContext,
  agents: readonly AgentHost[],
  options: PersistOptions,
): Promise<PersistResult[]> {
  return onEach(context, agents, (agent) => persistOn(context, agent, options));
}

/** Takes that away again. Sessions stay until dcvserver ends. */
export function unpersistSessions(
  context: SessionContext,
  agents: readonly AgentHost[],
  options: PersistOptions,
): Promise<PersistResult[]> {
  return onEach(context, agents, (agent) => unpersistOn(context, agent, options));
}

type Ended = Pick<OutcomeEvent, 'outcome' | 'message'> & { readonly sessions: readonly string[] };

function onEach(
  { concurrency, emit }: SessionContext,
  agents: readonly AgentHost[],
  work: (agent: AgentHost) => Promise<Ended>,
): Promise<PersistResult[]> {
  const limit = pLimit(concurrency);
  return Promise.all(
    agents.map((agent) =>
      limit(async () => {
        const base = { agent: agent.name, address: agent.host };
        try {
          const { sessions, outcome, message } = await work(agent);
          emit({ type: 'outcome', host: agent.name, outcome, message });
          return { ...base, sessions, outcome, message, hint: undefined };
        } catch (error) {
          const event = outcomeOf(error, agent.name);
          emit(event);
          const { outcome, message, hint } = event;
          return { ...base, sessions: [], outcome, message, hint };
        }
      }),
    ),
  );
}

async function persistOn(
  context: SessionContext,
  agent: AgentHost,
  { dryRun }: PersistOptions,
): Promise<Ended> {
  const { sessions = [] } = agent;
  const ids = sessions.map(({ id }) => id);
  if (ids.length === 0) {
    throw new DcvopsError('failed', 'no sessions are declared for it. Nothing changed.', {
      host: agent.name,
      hint: howToDeclare(context.inventory.file, agent.name),
    });
  }
  const remote = await context.connect(agent);
  const facts = await factsOf(remote);
  if (!facts.installed) {
    throw new DcvopsError('failed', 'DCV is not installed. Nothing changed.', {
      host: agent.name,
      hint: 'install nice-dcv-server, nice-xdcv and nice-dcv-web-viewer there',
    });
  }
  const decision = decidePersist(facts, persistedFiles(sessions));
  const come = `${ids.join(', ')} ${ids.length === 1 ? 'comes' : 'come'} back whenever dcvserver starts`;
  if (decision.kind === 'unchanged') return { sessions: ids, outcome: 'unchanged', message: come };
  if (dryRun) {
    for (const diff of diffOfPersisted(agent.name, facts.files, decision.files)) context.emit(diff);
    return { sessions: [], outcome: 'done', message: `dry run: ${come}. Nothing changed.` };
  }
  const { stdout } = await remote.run(installScript(decision.files), {
    stdin: placedContents(decision.files),
  });
  const ran = installed(agent, stdout);
  return { sessions: ids, outcome: 'done', message: ran ? come : `${come}; it does not run now` };
}

async function factsOf(remote: Remote): Promise<PersistFacts> {
  return parsePersisted(parseRecords((await remote.run(readPersisted())).stdout));
}

/**
 * Whether the unit ran.
 * @throws DcvopsError `failed` for what kept it from that
 */
function installed({ name }: AgentHost, stdout: string): boolean {
  const told = new Map(parseRecords(stdout).map((record) => [record.name, record.value]));
  const journal = `dcvops exec --sudo ${name} -- journalctl --unit=${PERSIST_UNIT} --lines=30 --no-pager`;
  const failed = told.get('run-failed');
  if (failed !== undefined) {
    const said = failed
      .split('\n')
      .find((line) => /was not created|ended at once|does not answer/.test(line));
    throw new DcvopsError(
      'failed',
      `the sessions come back whenever dcvserver starts, but not all could be created now: ${sanitiseLine(said ?? 'the unit failed').slice(0, 300)}`,
      { host: name, hint: journal },
    );
  }
  if (told.has('ran') || told.has('not-run')) return told.has('ran');
  const path = told.get('not-placed');
  const why =
    path === undefined
      ? `systemd did not take ${PERSIST_UNIT}: ${sanitiseLine(told.get('not-enabled') ?? 'the script ended early').slice(0, 300)}`
      : `${sanitiseLine(path)} could not be written`;
  throw new DcvopsError('failed', why, { host: name, hint: journal });
}

async function unpersistOn(
  context: SessionContext,
  agent: AgentHost,
  { dryRun }: PersistOptions,
): Promise<Ended> {
  const remote = await context.connect(agent);
  const nothing = 'no sessions come back by themselves';
  if (dryRun) {
    const { files } = await factsOf(remote);
    for (const diff of diffOfRemoved(agent.name, files)) context.emit(diff);
    if (files.size === 0) return { sessions: [], outcome: 'unchanged', message: nothing };
    return { sessions: [], outcome: 'done', message: `dry run: ${nothing}. Nothing changed.` };
  }
  const told = parseRecords((await remote.run(removeScript())).stdout);
  if (told.some(({ name }) => name === 'absent')) {
    return { sessions: [], outcome: 'unchanged', message: nothing };
  }
  if (told.some(({ name }) => name === 'removed')) {
    return { sessions: [], outcome: 'done', message: `${nothing} any more; those that run go on` };
  }
  const notStopped = told.find(({ name }) => name === 'not-stopped')?.value;
  if (notStopped !== undefined) {
    const said = sanitiseLine(notStopped).slice(0, 300);
    throw new DcvopsError('failed', `${PERSIST_UNIT} does not stop: ${said}. Nothing was taken away.`, {
      host: agent.name,
      hint: `dcvops exec --sudo ${agent.name} -- systemctl status ${PERSIST_UNIT} --no-pager`,
    });
  }
  const path = told.find(({ name }) => name === 'not-removed')?.value ?? PERSIST_UNIT;
  throw new DcvopsError('failed', `${sanitiseLine(path)} could not be taken away`, {
    host: agent.name,
    hint: `dcvops exec --sudo ${agent.name} -- ls -la ${sanitiseLine(path)}`,
  });
}
