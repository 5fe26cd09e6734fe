import packageJson from '../../../package.json' with { type: 'json' };
import { fingerprintOf, persistedFiles } from '../../dcv/persist/files.ts';
import {
  FACTS_FORMAT,
  type FactSet,
  type InventoryFacts,
  type WantedSession,
} from '../../doctor/facts/fleet.ts';
import type {
  AgentHost,
  DeclaredSession,
  Host,
  Inventory,
  ProxyHost,
  SessionDefaults,
} from '../../inventory/types.ts';
import type { Pool } from '../../ssh/pool.ts';
import { readHosts } from './hosts.ts';
import { readOperator } from './operator.ts';
import { lookAtGateways, lookAtPaths } from './paths.ts';
import { rememberFailures } from './remember-failures.ts';

/** What a survey works with. */
export interface SurveyContext {
  readonly inventory: Inventory;
  readonly pool: Pick<Pool, 'connect' | 'route' | 'connectTimeoutMs'>;
  readonly concurrency: number;
  readonly env: NodeJS.ProcessEnv;
  /** For each host's script as a whole, in milliseconds; undefined: a minute. */
  readonly factsTimeoutMs?: number | undefined;
  /** Who may sign the gateway's certificate, in PEM. */
  readonly roots: readonly string[];
  /** Told as the work goes on: "2 of 3 hosts". */
  readonly onProgress?: (text: string) => void;
}

/** Hosts that are asked, and the ways that are gone. */
export interface Scope {
  readonly hosts: readonly Host[];
  readonly proxies: readonly ProxyHost[];
  readonly agents: readonly AgentHost[];
}

/**
 * What belongs to these hosts: the way to an agent leads through every proxy, so proxies are asked with it; with proxies
 * alone, the ways to all agents are gone, but the agents themselves are not asked. Pure.
 */
export function scopeOf(inventory: Inventory, chosen: readonly Host[]): Scope {
  const agents = chosen.filter((host) => host.role === 'agent');
  const proxies = chosen.filter((host) => host.role === 'proxy');
  if (agents.length === 0) return { hosts: proxies, proxies, agents: inventory.agents };
  const through = proxies.length === 0 ? inventory.proxies : proxies;
  return { hosts: [...through, ...agents], proxies: through, agents };
}

/**
 * Finds out everything that the checks want to know, in one go: hosts by one script each, this machine, and the ways to the
 * agents as a browser goes them. Changes nothing anywhere; never fails for what is wrong with a host.
 */
export async function survey(context: SurveyContext, scope: Scope): Promise<FactSet> {
  const { inventory, pool } = context;
  // one that could not be reached for its facts is not tried again for its ways
  const connect = rememberFailures((host) => pool.connect(host));
  const onHost = countHosts(scope.hosts.length, context.onProgress);
  const waysContext = { inventory, connect, roots: context.roots };
  const gatewaysSeen = lookAtGateways(waysContext, scope.proxies);
  const [operator, hosts, gateways, paths] = await Promise.all([
    readOperator(inventory, pool, context.env),
    readHosts({ ...context, pool: { ...pool, connect }, onHost }, scope.hosts),
    gatewaysSeen,
    gatewaysSeen.then((seen) => lookAtPaths(waysContext, seen, scope.proxies, scope.agents)),
  ]);
  return {
    format: FACTS_FORMAT,
    dcvops: packageJson.version,
    collectedAt: new Date().toISOString(),
    inventory: inventoryFactsOf(inventory, scope.agents),
    operator,
    hosts,
    gateways,
    paths,
  };
}

/** Tells how many hosts are over; what is still waited for after the last one are the ways. */
function countHosts(all: number, tell: SurveyContext['onProgress']): () => void {
  let over = 0;
  const say = (): void => tell?.(over < all ? `${over} of ${all} hosts` : 'the ways to the desktops');
  say();
  return () => {
    over += 1;
    say();
  };
}

function wantedSession({ id, type, user, owner }: SessionDefaults): WantedSession {
  return { id, type, ...(type === 'virtual' ? { user } : {}), owner };
}

function declaredOf(
  sessions: readonly DeclaredSession[],
): NonNullable<InventoryFacts['agents'][number]['declared']> {
  return {
    sessions: sessions.map(wantedSession),
    fingerprint: fingerprintOf(persistedFiles(sessions)),
  };
}

/** @param chosen agents that were asked for, those among them that the inventory does not name, too */
function inventoryFactsOf(inventory: Inventory, chosen: readonly AgentHost[]): InventoryFacts {
  const { gateway, sessions } = inventory;
  const address = ({ name, host }: Host): { name: string; address: string } => ({ name, address: host });
  const unnamed = chosen.filter((agent) => agent.adHoc);
  return {
    file: inventory.file,
    proxies: inventory.proxies.map(address),
    agents: [...inventory.agents, ...unnamed].map((agent) => ({
      ...address(agent),
      ...(agent.state === 'in-service' ? {} : { state: agent.state }),
      ...(agent.pinned === undefined ? {} : { pinned: agent.pinned }),
      ...ownLists(agent),
      ...(agent.webUrlPath === undefined ? {} : { webUrlPath: agent.webUrlPath }),
      ...(agent.sessions === undefined ? {} : { declared: declaredOf(agent.sessions) }),
    })),
    gateway: {
      address: gateway.listen.address,
      port: gateway.listen.port,
      url: gateway.url,
      certificate: gateway.tls.certificate,
      key: gateway.tls.key,
      selfSigned: gateway.tls.kind === 'self-signed',
      default: gateway.default.map((agent) => agent.name),
      agentNetworks: [...gateway.agentNetworks],
      ...listsOf(gateway.access),
      realIpFrom: [...gateway.access.realIpFrom],
      workerConnections: gateway.workerConnections,
      verifyAgents: gateway.verifyAgents,
    },
    session: wantedSession(sessions),
  };
}

function ownLists({ access }: AgentHost): Pick<InventoryFacts['agents'][number], 'access'> {
  return access.allow === 'any' && access.deny.length === 0 ? {} : { access: listsOf(access) };
}

function listsOf({ allow, deny }: AgentHost['access']): { allow: string[]; deny: string[] } {
  return { allow: allow === 'any' ? ['any'] : [...allow], deny: [...deny] };
}
