import { sessionUrl } from '../../dcv/session/url.ts';
import { DcvopsError } from '../../errors.ts';
import { urlOf } from '../../inventory/endpoints.ts';
import type { AgentHost, Inventory, ProxyHost } from '../../inventory/types.ts';
import type { SessionContext } from './context.ts';
import { type AgentSessions, listAgentSessions } from './list.ts';

/** A session and what people open for it. */
export interface SessionAddress {
  /** The agent's name and address. */
  readonly agent: string;
  readonly address: string;
  readonly id: string;
  readonly url: string;
}

/** The address of an agent's session, whether it is there or not; nobody is asked. Pure. */
export function addressOf(
  inventory: Pick<Inventory, 'gateway' | 'proxies'>,
  agent: AgentHost,
  id: string,
): SessionAddress {
  return { agent: agent.name, address: agent.host, id, url: sessionUrl(inventory, agent, id) };
}

/** The inventory as its URLs are made from one proxy of several: its own address, not what stands before them all. Pure. */
export function throughProxy(inventory: Inventory, proxy: ProxyHost): Inventory {
  if (inventory.proxies.length === 1) return inventory;
  const url = urlOf(proxy.host, inventory.gateway.listen.port);
  return { ...inventory, proxies: [proxy], gateway: { ...inventory.gateway, url } };
}

/**
 * Looks through agents for the one that has a session.
 * @throws DcvopsError `failed` when none has it (it lists what is there) or several do (it names them)
 */
export async function findSession(
  context: Omit<SessionContext, 'confirm'>,
  agents: readonly AgentHost[],
  id: string,
): Promise<SessionAddress> {
  return theOnlyOne(await listAgentSessions(context, agents), id);
}

/** The one session with this id. Pure. @throws DcvopsError as {@link findSession} */
export function theOnlyOne(lists: readonly AgentSessions[], id: string): SessionAddress {
  const found = lists.flatMap(({ agent, address, sessions }) =>
    sessions.filter((session) => session.id === id).map(({ url }) => ({ agent, address, id, url })),
  );
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  if (only === undefined) throw nowhere(lists, id);
  throw new DcvopsError(
    'failed',
    `${found.map(({ agent }) => agent).join(', ')} have a session "${id}" each`,
    {
      hint: found.map(({ agent }) => `dcvops session url ${agent}/${id}`).join('\n'),
    },
  );
}

const MOST_SHOWN = 20;

function nowhere(lists: readonly AgentSessions[], id: string): DcvopsError {
  const there = lists.flatMap(({ agent, sessions }) => sessions.map((session) => `${agent}/${session.id}`));
  const silent = lists.filter(({ problem }) => problem !== undefined).map(({ agent }) => agent);
  const some = there.slice(0, MOST_SHOWN).join(', ') + (there.length > MOST_SHOWN ? ', …' : '');
  return new DcvopsError(
    'failed',
    [
      `no agent has a session "${id}"`,
      there.length === 0 ? 'there are no sessions' : `there are ${some}`,
      ...(silent.length === 0 ? [] : [`not known of ${silent.join(', ')}`]),
    ].join('; '),
    { hint: 'dcvops session list' },
  );
}
