import pLimit from 'p-limit';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost, AgentState, GatewaySettings, Inventory } from '../../inventory/types.ts';
import type { Confirmation } from '../../report/ask.ts';
import type { NoteEvent, OutcomeEvent } from '../../report/events.ts';
import { applyAgentStates } from '../gateway/apply-state.ts';
import { deploy } from '../gateway/deploy.ts';
import { refuseOpenDesktops } from '../gateway/open-desktops.ts';
import { type AgentContext, type AgentOptions, carryOutEdit, planInventory } from './context.ts';
import { reachesAgent } from './probe.ts';

export interface StateOptions extends AgentOptions {
  /** Deploys where a pool has to change, without a question. */
  readonly deploy: boolean;
}

/**
 * Sets agents' state in the inventory and has every proxy follow at once, without a reload. A pool changes by a deploy,
 * after a yes, which is asked for first. A proxy that can't be reached is told; the next deploy brings it in line.
 * @throws DcvopsError, nothing changed: `inventory` where the file has to be edited by hand, `failed` where the deploy
 *   would be refused
 */
export async function setAgentStates(
  context: AgentContext,
  agents: readonly AgentHost[],
  state: AgentState,
  options: StateOptions,
): Promise<void> {
  const changing = agents.filter((agent) => agent.state !== state);
  const plan = await planInventory(
    context,
    changing.map(({ name }) => ({ kind: 'set-state', name, state })),
  );
  const followsByDeploy = !options.dryRun && changesPool(plan.inventory.gateway, changing);
  const deploys = followsByDeploy && (await wantsDeploy(context, changing, options));
  if (deploys) {
    // the deploy itself tells of agents that could not be asked
    await refuseOpenDesktops(
      { ...context, inventory: plan.inventory, emit: () => undefined },
      DEPLOY_OPTIONS,
    );
  }
  const inventory = await carryOutEdit(context, plan, options);
  for (const note of lastOnes(context.inventory, plan.inventory)) context.emit(note);
  if (inventory === undefined) return;
  for (const agent of agents) context.emit(stateOutcome(agent, state, inventory.file));

  const { proxies } = inventory;
  const outcomes = await applyAgentStates(context, proxies, inventory, 'ordered');
  if (deploys) {
    // it ends with outcomes of its own, and says again what keeps a proxy from following
    await deploy({ ...context, inventory }, proxies, DEPLOY_OPTIONS);
    return;
  }
  if (followsByDeploy) context.emit(poolStays(changing));
  for (const outcome of outcomes) context.emit(withHint(outcome));
  if (state === 'maintenance') await findUnknown({ ...context, inventory }, agents, outcomes);
}

/** A release that was deployed before the agent was added finds no mark of it, and would go on to serve it. */
async function findUnknown(
  context: AgentContext,
  agents: readonly AgentHost[],
  outcomes: readonly OutcomeEvent[],
): Promise<void> {
  const { inventory, connect, emit } = context;
  const way = { inventory, connect, roots: await context.roots() };
  const reached = inventory.proxies.filter(({ name }) =>
    outcomes.some(({ host, outcome }) => host === name && (outcome === 'done' || outcome === 'unchanged')),
  );
  const limit = pLimit(ASKED_AT_ONCE);
  await Promise.all(
    reached.flatMap((proxy) =>
      agents.map((agent) =>
        limit(async () => {
          if (!(await reachesAgent(way, proxy, agent))) return;
          emit({
            type: 'note',
            level: 'warning',
            host: proxy.name,
            message: `${agent.name} is served still: the live release does not know it`,
            hint: `dcvops deploy ${proxy.name}`,
          });
        }),
      ),
    ),
  );
}

const ASKED_AT_ONCE = 8;

const DEPLOY_OPTIONS = {
  dryRun: false,
  takeOver: false,
  force: false,
  allowOpen: false,
  prepareHost: false,
  lockWaitSeconds: 60,
  confirmSeconds: 30,
  batch: { count: 1 },
  allOrNothing: false,
} as const;

const WHAT_IT_MEANS: Readonly<Record<AgentState, string>> = {
  'in-service': 'in service',
  draining: 'draining: no new clients by the default route; its own path and open desktops go on',
  maintenance: 'in maintenance: the gateway answers 503 in its place',
};

function stateOutcome(agent: AgentHost, state: AgentState, file: string): OutcomeEvent {
  const unchanged = agent.state === state;
  return {
    type: 'outcome',
    host: agent.name,
    outcome: unchanged ? 'unchanged' : 'done',
    message: unchanged
      ? `is ${WHAT_IT_MEANS[state]}; ${file} says so already`
      : `${WHAT_IT_MEANS[state]} (${file})`,
  };
}

function withHint(outcome: OutcomeEvent): OutcomeEvent {
  if (outcome.outcome === 'done' || outcome.outcome === 'unchanged') return outcome;
  return {
    ...outcome,
    message: `${outcome.message.replace(/\.?$/, '.')} The inventory is changed; this proxy has to follow.`,
    hint: [...(outcome.hint === undefined ? [] : [outcome.hint]), `dcvops deploy ${outcome.host}`].join('\n'),
  };
}

/** A warning when nobody of the default agents is left in service, and somebody was. Pure. */
export function lastOnes(before: Pick<Inventory, 'gateway'>, after: Pick<Inventory, 'gateway'>): NoteEvent[] {
  if (!before.gateway.default.some(isInService) || after.gateway.default.some(isInService)) return [];
  const names = after.gateway.default.map(({ name }) => name);
  return [
    {
      type: 'note',
      level: 'warning',
      message: `no default agent is in service any more: paths without an address get 503. /ADDRESS/ works as before`,
      hint: `dcvops agent resume ${names[0] ?? 'AGENT'}`,
    },
  ];
}

function isInService({ state }: AgentHost): boolean {
  return state === 'in-service';
}

/** Is a pool's list of servers another one now? A single default agent and a redirect are looked up at each request. Pure. */
export function changesPool(
  gateway: Pick<GatewaySettings, 'default' | 'defaultBy'>,
  changed: readonly AgentHost[],
): boolean {
  if (gateway.defaultBy === 'redirect' || gateway.default.length < 2) return false;
  return gateway.default.some(({ name }) => changed.some((agent) => agent.name === name));
}

async function wantsDeploy(
  { confirm }: AgentContext,
  changing: readonly AgentHost[],
  options: StateOptions,
): Promise<boolean> {
  if (options.deploy) return true;
  return confirmOrNot(confirm, {
    text: `${namesOf(changing)}: the pool of gateway.default changes by a deploy, which cuts no desktop. Deploy, too?`,
    flag: '--deploy',
  });
}

function poolStays(changed: readonly AgentHost[]): NoteEvent {
  return {
    type: 'note',
    level: 'warning',
    message: `${namesOf(changed)}: the pool of gateway.default is as it was until the next deploy`,
    hint: 'dcvops deploy',
  };
}

function namesOf(agents: readonly AgentHost[]): string {
  return agents.map(({ name }) => name).join(', ');
}

/** No terminal to ask on means no: what was asked for is done, and what is left is told. */
async function confirmOrNot(confirm: AgentContext['confirm'], question: Confirmation): Promise<boolean> {
  try {
    return await confirm(question);
  } catch (error) {
    if (error instanceof DcvopsError && error.code === 'usage') return false;
    throw error;
  }
}
