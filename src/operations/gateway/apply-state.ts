import { DcvopsError } from '../../errors.ts';
import { inventoryOrders } from '../../gateway/agent-marks.ts';
import {
  type AgentOrder,
  type MarksScope,
  type ProxyMarks,
  encodeOrders,
  marksScript,
  parseMarks,
} from '../../gateway/state-script.ts';
import { agentKey } from '../../gateway/state.ts';
import type { AgentHost, Inventory, ProxyHost } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { parseRecords } from '../../shell/records.ts';
import { outcomeOf } from '../outcome.ts';
import type { GatewayContext } from './context.ts';

/** How long a deploy that is under way is waited for, in seconds. */
const LOCK_WAIT_SECONDS = 20;

/**
 * Brings what proxies know of the agents to what the inventory says: who is in maintenance, who takes no new clients. One
 * round trip each, side by side, no reload. Emits nothing.
 * @param scope `all` also forgets agents that are not in the inventory, which is for who deploys: the live release may
 *   serve their addresses still
 * @returns an outcome for each proxy: `done`, `unchanged`, or why it could not be
 */
export async function applyAgentStates(
  context: Pick<GatewayContext, 'connect' | 'who'>,
  proxies: readonly ProxyHost[],
  inventory: Pick<Inventory, 'agents'>,
  scope: 'all' | 'ordered',
): Promise<OutcomeEvent[]> {
  return Promise.all(
    proxies.map(async (proxy) => {
      try {
        const marks = await setMarks(context, proxy, inventoryOrders(inventory.agents), scope);
        const changes = describeChanges(marks, inventory.agents);
        return {
          type: 'outcome' as const,
          host: proxy.name,
          outcome: changes === undefined ? ('unchanged' as const) : ('done' as const),
          message: changes ?? 'knows the agents’ states already; unchanged',
        };
      } catch (error) {
        return outcomeOf(error, proxy.name);
      }
    }),
  );
}

/**
 * Sets a proxy's marks, or only reads them.
 * @throws DcvopsError `failed` where another deploy is at work or the host can't write; those of the connection
 */
export async function setMarks(
  { connect, who }: Pick<GatewayContext, 'connect' | 'who'>,
  proxy: ProxyHost,
  orders: readonly AgentOrder[],
  scope: MarksScope,
): Promise<ProxyMarks> {
  const remote = await connect(proxy);
  const script = marksScript({ who, lockWaitSeconds: LOCK_WAIT_SECONDS, scope });
  const { code, stdout, stderr } = await remote.run(script, { stdin: encodeOrders(orders) });
  const records = parseRecords(stdout);
  const marks = code === 0 ? parseMarks(records) : undefined;
  if (marks !== undefined) return marks;
  const [problem] = records.filter(({ name }) => name === 'failed' || name === 'locked');
  const said = problem?.value.trim() ?? stderr.trim().split('\n').at(-1) ?? '';
  throw problem?.name === 'locked'
    ? new DcvopsError('failed', `another deploy is at work: ${said}. No agent was marked.`, {
        host: proxy.name,
        hint: 'wait until it has ended, then the same command again',
      })
    : new DcvopsError('failed', `the agents could not be marked: ${said === '' ? `exit ${code}` : said}`, {
        host: proxy.name,
        hint: 'dcvops doctor',
      });
}

/** "agent1 maintenance, agent2 in service again"; undefined where nothing changed. Pure. */
export function describeChanges(
  { before, after }: Pick<ProxyMarks, 'before' | 'after'>,
  agents: readonly AgentHost[],
): string | undefined {
  const names = new Map(agents.map((agent) => [agentKey(agent), agent.name]));
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => before.get(key) !== after.get(key),
  );
  if (changed.length === 0) return undefined;
  return changed
    .map((key) => {
      const name = names.get(key) ?? `${key} (not in the inventory)`;
      return `${name} ${after.get(key) ?? (names.has(key) ? 'in service again' : 'forgotten')}`;
    })
    .join(', ');
}
