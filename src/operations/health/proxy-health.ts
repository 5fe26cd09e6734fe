import { markPool } from '../../gateway/config/default-agents.ts';
import { chooseMarks } from '../../gateway/health/choose-marks.ts';
import type { Judgement } from '../../gateway/health/judge-agent.ts';
import { reloadWait } from '../../gateway/health/reload-pace.ts';
import { type AgentHealth, type Verdict, isSettled, observe } from '../../gateway/health/thresholds.ts';
import type { AgentOrder, ProxyMarks } from '../../gateway/state-script.ts';
import { agentKey } from '../../gateway/state.ts';
import type { AgentHost, ProxyHost } from '../../inventory/types.ts';
import { setMarks } from '../gateway/apply-state.ts';
import { askAgents } from './ask-agents.ts';
import { changePool } from './change-pool.ts';
import type { HealthContext, HealthEvent, HealthOptions } from './types.ts';

/** One proxy's watch over the agents: a look, the marks, then the pool. */
export interface ProxyHealth {
  /**
   * Asks every agent in service once.
   * @returns those of which further answers could change what is known
   */
  readonly look: () => Promise<{ readonly unsure: readonly Unsure[] }>;
  /** Brings the marks to what the looks gave. */
  readonly mark: () => Promise<Marked>;
  /**
   * Has the pool follow the marks, when nginx may be reloaded.
   * @throws DcvopsError as `changePool`; the marks stay, and the next call tries again
   */
  readonly follow: () => Promise<Pool>;
}

/** An agent of which nobody can say yet whether it is dead. */
export interface Unsure {
  readonly agent: string;
  /** Its last answer. */
  readonly reason: string;
}

export interface Marked {
  readonly asked: number;
  /** What was marked, put back or spared now; in a dry run, what would be. */
  readonly agents: readonly Extract<HealthEvent, { type: 'health' }>[];
}

export type Pool = 'unchanged' | 'changed' | { readonly waitSeconds: number };

/**
 * Watches the agents from one proxy. What is known of them begins with the marks on the host, and anew where somebody else
 * changes those; who is out of service there is not asked, whatever the inventory said when this began.
 */
export function createProxyHealth(
  context: HealthContext,
  proxy: ProxyHost,
  options: HealthOptions,
): ProxyHealth {
  const { agents, gateway } = context.inventory;
  const defaults = new Set(gateway.default.map(({ name }) => name));
  const known = new Map<string, AgentHealth>();
  let marks: ProxyMarks | undefined;
  let last = new Map<string, Judgement>();

  const read = (): Promise<ProxyMarks> => setMarks(context, proxy, [], 'read');

  async function look(): Promise<{ unsure: readonly Unsure[] }> {
    const remote = await context.connect(proxy);
    const found = await read();
    for (const agent of agents) {
      const changed = marks !== undefined && isDown(marks, agent) !== isDown(found, agent);
      // a maintenance ends with an agent that is another one, and other watches have their own thresholds
      if (changed || isOutOfService(found, agent)) known.delete(agent.name);
    }
    marks = found;
    const serving = agents.filter((agent) => !isOutOfService(found, agent));
    last = await askAgents(context, remote, serving, options);
    for (const agent of serving) {
      const before = known.get(agent.name) ?? { down: isDown(found, agent), contrary: 0 };
      known.set(agent.name, observe(before, verdictOf(agent), options));
    }
    return { unsure: serving.filter(isUnsure).map(({ name }) => ({ agent: name, reason: reasonOf(name) })) };
  }

  async function mark(): Promise<Marked> {
    const found = marks ?? (await read());
    const out = new Set(agents.filter((agent) => isOutOfService(found, agent)).map(({ name }) => name));
    const dead = new Set([...known].filter(([, { down }]) => down).map(([name]) => name));
    const choice = chooseMarks(agents, dead, out, defaults);
    const changing = agents.filter((agent) =>
      choice.down.includes(agent)
        ? // one that was spared until now may answer again
          !isDown(found, agent) && verdictOf(agent) === 'dead'
        : last.has(agent.name) && isDown(found, agent),
    );
    const orders = changing.map((agent): AgentOrder => ({
      agent,
      state: 'keep',
      health: choice.down.includes(agent) ? 'down' : 'up',
    }));
    const event = (agent: AgentHost, state: 'down' | 'up' | 'spared'): Marked['agents'][number] => ({
      type: 'health',
      host: proxy.name,
      agent: agent.name,
      address: agent.host,
      state,
      reason: reasonOf(agent.name),
    });
    const told = [
      // a mark that is taken from an agent that is dead is told below
      ...changing
        .filter((agent) => !choice.spared.includes(agent))
        .map((agent) => event(agent, choice.down.includes(agent) ? 'down' : 'up')),
      ...choice.spared.map((agent) => event(agent, 'spared')),
    ];
    marks = orders.length === 0 || options.dryRun ? found : await setMarks(context, proxy, orders, 'ordered');
    return { asked: last.size, agents: told };
  }

  async function follow(): Promise<Pool> {
    const { pool, after, lastReload, now } = marks ?? (await read());
    if (pool === undefined || pool === markPool(pool, new Set(after.keys()))) return 'unchanged';
    const waitSeconds = options.now ? 0 : reloadWait(lastReload, now);
    if (waitSeconds > 0 || options.dryRun) return { waitSeconds };
    await changePool(context, proxy);
    return 'changed';
  }

  function verdictOf({ name }: AgentHost): Verdict {
    return last.get(name)?.verdict ?? 'unknown';
  }

  function reasonOf(name: string): string {
    return last.get(name)?.reason ?? '';
  }

  function isUnsure({ name }: AgentHost): boolean {
    const health = known.get(name);
    return health !== undefined && !isSettled(health);
  }

  return { look, mark, follow };
}

function isDown({ after }: ProxyMarks, agent: AgentHost): boolean {
  return after.get(agentKey(agent)) === 'down';
}

function isOutOfService({ after }: ProxyMarks, agent: AgentHost): boolean {
  const mark = after.get(agentKey(agent));
  return mark === 'maintenance' || mark === 'draining';
}
