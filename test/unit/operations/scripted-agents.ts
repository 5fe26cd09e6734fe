import { Readable } from 'node:stream';
import type { DcvopsError } from '../../../src/errors.ts';
import type { AgentHost, Inventory } from '../../../src/inventory/types.ts';
import type { SessionContext } from '../../../src/operations/session/context.ts';
import type { Confirmation } from '../../../src/report/ask.ts';
import type { NoteEvent, OperationEvent } from '../../../src/report/events.ts';
import type { Script } from '../../../src/shell/script.ts';
import type { Conversation, Remote, RunOptions, RunResult } from '../../../src/ssh/remote.ts';

/** What an agent tells in answer to one script, as records; an error is thrown instead. */
export type Answer = readonly (readonly [name: string, value: string])[] | DcvopsError;

/** Agents that answer one script after another as told; what is asked for beyond that is refused. */
export interface ScriptedAgents {
  readonly context: SessionContext;
  readonly agents: readonly AgentHost[];
  readonly events: readonly OperationEvent[];
  readonly questions: readonly Confirmation[];
  /** The scripts that an agent was given. */
  readonly ran: (agent: string) => readonly Script[];
  /** The notes that were emitted, as "HOST: MESSAGE → HINT". */
  readonly notes: () => string[];
}

const INVENTORY = {
  file: 'hosts.yaml',
  gateway: { url: undefined, listen: { address: undefined, port: 8443 } },
  proxies: [{ host: '10.213.66.188' }],
  sessions: { type: 'virtual', user: 'ec2-user', owner: 'ec2-user', id: 'desktop-session' },
} as unknown as Inventory;

/**
 * @param answers by the agents' names
 * @param more what the inventory says of all of them
 * @param yes the answer to each question; undefined: nobody is there to ask
 */
export function scriptedAgents(
  answers: Readonly<Record<string, readonly Answer[]>>,
  { more = {}, yes }: { readonly more?: Partial<AgentHost>; readonly yes?: boolean } = {},
): ScriptedAgents {
  const events: OperationEvent[] = [];
  const questions: Confirmation[] = [];
  const scripts = new Map<string, Script[]>(Object.keys(answers).map((name) => [name, []]));
  const context: SessionContext = {
    inventory: INVENTORY,
    concurrency: 8,
    emit: (event) => events.push(event),
    connect: ({ name }) => Promise.resolve(remoteOf(name, answers[name] ?? [], scripts.get(name) ?? [])),
    confirm: (question) => {
      questions.push(question);
      if (yes === undefined) return Promise.reject(question.refusal ?? new Error('no refusal'));
      return Promise.resolve(yes);
    },
  };
  return {
    context,
    agents: Object.keys(answers).map((name) => ({ name, host: '10.150.248.180', ...more }) as AgentHost),
    events,
    questions,
    ran: (name) => scripts.get(name) ?? [],
    notes: () =>
      events
        .filter((event): event is NoteEvent => event.type === 'note')
        .map(({ host, message, hint }) => `${host ?? ''}: ${message} → ${hint ?? ''}`),
  };
}

/** Ctrl-C comes as soon as a host is talked with: what is begun there then is under way. */
export function interrupting(
  connect: SessionContext['connect'],
  abort: AbortController,
): SessionContext['connect'] {
  return async (host) => {
    const remote = await connect(host);
    const converse: Remote['converse'] = (script) => {
      abort.abort();
      return remote.converse(script);
    };
    return { ...remote, converse };
  };
}

function remoteOf(name: string, answers: readonly Answer[], ran: Script[]): Remote {
  const answerTo = (script: Script): string => {
    const answer = answers[ran.push(script) - 1];
    if (answer === undefined) throw new Error(`${name}: nobody expected "${script.name}"`);
    if (answer instanceof Error) throw answer;
    return answer.map(([key, value]) => `${key}\n|${value.replaceAll('\n', '\n|')}\n.\n`).join('');
  };
  const run = async (script: Script, options?: RunOptions): Promise<RunResult> => {
    const stdout = await Promise.resolve().then(() => answerTo(script));
    options?.onOutput?.('stdout', stdout);
    return { code: 0, stdout, stderr: '' };
  };
  const converse = async (script: Script): Promise<Conversation> => {
    const stdout = await Promise.resolve().then(() => answerTo(script));
    return {
      stdout: Readable.from([Buffer.from(stdout)]),
      write: () => Promise.resolve(),
      end: () => undefined,
      finished: Promise.resolve({ code: 0, stderr: '' }),
    };
  };
  return { name, run, converse } as unknown as Remote;
}
