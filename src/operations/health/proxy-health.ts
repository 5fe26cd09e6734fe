import { markPool } from '../../gateway/config/default-agents.ts';
import { chooseMarks } from '../../gateway/health/choose-marks.ts';
import type { Judgement } from '../../gateway/health/judge-agent.ts';
import { reloadWait } from '../../gateway/health/reload-pace.ts';
import { type AgentHealth, isSettled, observe } from '../../gateway/health/thresholds.ts';
import { type AgentMark, agentKey } from '../../gateway/state.ts';
import type { AgentOrder, ProxyMarks } from '../../gateway/state-script.ts';
import type { AgentHost, ProxyHost } from '../../inventory/types.ts';
import { setMarks } from '../apply-state.ts';
import { askAgents } from './ask-agents.ts';
import { changePool } from './change-pool.ts';
import type { HealthContext, HealthEvent, HealthOptions } from './types.ts';

/** One proxy's watch over the agents. */
export interface ProxyHealth {
  /** Asks every agent in service once. @returns whether further answers could change anything */
  readonly look: () => Promise<{ readonly settled: boolean }>;
  /** Brings the marks, and the pool when it may be reloaded, to what the looks gave. */
  readonly act: () => Promise<Acted>;
}

export interface Acted {
  readonly asked: number;
  /** What was marked, put back or spared with this act; in a dry run, what would be. */
  readonly agents: readonly Extract<HealthEvent, { type: 'health' }>[];
  readonly pool: 'unchanged' | 'changed' | { readonly waitSeconds: number };
}

/**
 * Watches the agents from one proxy. What is known of them begins with the marks on the host; who is out of service there
 * is not asked, whatever the inventory said when this began.
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

  async function look(): Promise<{ settled: boolean }> {
    const remote = await context.connect(proxy);
    const found = await setMarks(context, proxy, [], 'read');
    marks = found;
    const serving = agents.filter((agent) => !isOutOfService(found.after.get(agentKey(agent))));
    last = await askAgents(context, remote, serving, options);
    for (const agent of serving) {
      const before = known.get(agent.name) ?? { down: isDown(found, agent), contrary: 0 };
      const { verdict } = last.get(agent.name) ?? { verdict: 'unknown' };
      known.set(agent.name, observe(before, verdict, options));
    }
    return {
      settled: serving.every(({ name }) => isSettled(known.get(name) ?? { down: false, contrary: 0 })),
    };
  }

  async function act(): Promise<Acted> {
    const found = marks ?? (await setMarks(context, proxy, [], 'read'));
    const out = new Set(
      agents.filter((agent) => isOutOfService(found.after.get(agentKey(agent)))).map(({ name }) => name),
    );
    const dead = new Set([...known].filter(([, { down }]) => down).map(([name]) => name));
    const choice = chooseMarks(agents, dead, out, defaults);
    const changing = agents.filter(
      (agent) => last.has(agent.name) && isDown(found, agent) !== choice.down.includes(agent),
    );
    const orders = changing.map((agent): AgentOrder => ({
      agent,
      state: 'keep',
      health: choice.down.includes(agent) ? 'down' : 'up',
    }));
    const event = (agent: AgentHost, state: 'down' | 'up' | 'spared'): Acted['agents'][number] => ({
      type: 'health',
      host: proxy.name,
      agent: agent.name,
      address: agent.host,
      state,
      reason: last.get(agent.name)?.reason ?? '',
    });
    const told = [
      // a mark that is taken from an agent that is dead is told below
      ...changing
        .filter((agent) => !choice.spared.includes(agent))
        .map((agent) => event(agent, choice.down.includes(agent) ? 'down' : 'up')),
      ...choice.spared.map((agent) => event(agent, 'spared')),
    ];
    marks = orders.length === 0 || options.dryRun ? found : await setMarks(context, proxy, orders, 'ordered');
    return { asked: last.size, agents: told, pool: await follow(marks) };
  }

  async function follow({ pool, after, lastReload, now }: ProxyMarks): Promise<Acted['pool']> {
    if (pool === undefined || pool === markPool(pool, new Set(after.keys()))) return 'unchanged';
    const waitSeconds = options.now ? 0 : reloadWait(lastReload, now);
    if (waitSeconds > 0 || options.dryRun) return { waitSeconds };
    await changePool(context, proxy);
    return 'changed';
  }

  return { look, act };
}

function isDown({ after }: ProxyMarks, agent: AgentHost): boolean {
  return after.get(agentKey(agent)) === 'down';
}

function isOutOfService(mark: AgentMark | undefined): boolean {
  return mark === 'maintenance' || mark === 'draining';
}
