import { isInside } from '../inventory/addresses.ts';
import type { AccessLists, GatewayDescription } from './describe.ts';

/** Who could reach more than before; all empty or false where nobody could. */
export interface WiderAccess {
  /** The gateway was for some networks, or for who has a password, and is for everybody now. */
  readonly toEverybody: boolean;
  /** Networks that may connect, too. */
  readonly networks: readonly string[];
  /** The same for single agents, of those that were there before: "10.213.7.0/24 (to agent1)". */
  readonly agents: readonly string[];
  /** Nobody is asked for a password any more. */
  readonly withoutLogin: boolean;
  /** Networks whose word about a client's address is taken, too. */
  readonly believed: readonly string[];
}

/**
 * Compares who may connect in two releases: by a wider allow, by a deny that is gone, without a login, or by what is said
 * of them. An agent that is no longer named
 * counts as long as the gateway serves its address. Pure.
 */
export function widerAccess(before: GatewayDescription, after: GatewayDescription): WiderAccess {
  const networks = more(before, after);
  const withoutLogin = before.asksLogin && !after.asksLogin;
  return {
    toEverybody: networks.includes('any') || (withoutLogin && after.allow.includes('any')),
    networks,
    agents: before.agents.flatMap((agent) => {
      const now = after.agents.find(({ address }) => address === agent.address) ?? unnamed(agent, after);
      const added = now === undefined ? [] : more(agent, now);
      return added.map((network) => `${inWords(network)} (to ${agent.name})`);
    }),
    withoutLogin,
    believed: after.realIpFrom.filter((network) => !before.realIpFrom.some((other) => holds(other, network))),
  };
}

/** An address that is served without having lists of its own. */
function unnamed(agent: { address: string }, after: GatewayDescription): AccessLists | undefined {
  const isServed = after.agentNetworks.some((network) => isInside(agent.address, network));
  return isServed ? { allow: ['any'], deny: [] } : undefined;
}

/** What the second lists let in and the first did not. A network of which only a part is new counts as a whole. */
function more(before: AccessLists, after: AccessLists): string[] {
  const allowed = after.allow.filter((network) => !before.allow.some((other) => holds(other, network)));
  const noLongerDenied = before.deny.flatMap((network) =>
    after.allow.some((other) => holds(other, network))
      ? [network]
      : after.allow.filter((other) => holds(network, other)),
  );
  return [...new Set([...allowed, ...noLongerDenied])].filter(
    (network) => !after.deny.some((other) => holds(other, network)),
  );
}

function holds(outer: string, inner: string): boolean {
  if (outer === 'any' || inner === 'any') return outer === 'any';
  return isInside(inner, outer);
}

function inWords(network: string): string {
  return network === 'any' ? 'everybody whom the gateway lets in' : network;
}
