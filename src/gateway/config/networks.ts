import { DcvopsError } from '../../errors.ts';
import { isInside } from '../../inventory/addresses.ts';
import { NEVER_AGENTS } from '../../inventory/never-agents.ts';
import type { AgentHost, GatewaySettings, ProxyHost } from '../../inventory/types.ts';
import { canonicalAddress, canonicalNetwork } from '../addresses.ts';
import { NOTHING, type NginxText, comment, network, nginx } from '../nginx-text.ts';
import { AGENT_PORT } from '../ports.ts';

export interface AllowListInput {
  readonly gateway: GatewaySettings;
  readonly agents: readonly AgentHost[];
  readonly proxy: ProxyHost;
  /** The proxy's own addresses, as it reports them. */
  readonly ownAddresses: readonly string[];
}

/**
 * The allow-list: which addresses the gateway connects to at all. To geo, the smallest network decides.
 * @throws DcvopsError `inventory` for an agent network or an agent that is never served
 */
export function allowList(input: AllowListInput): NginxText {
  const allowed = unique(input.gateway.agentNetworks.map(canonicalNetwork));
  for (const entry of allowed) refuseIfNever(entry, 'gateway.agent_networks');
  for (const agent of input.agents) refuseIfNever(canonicalNetwork(agent.host), `agent ${agent.name}`);
  const own = ownAddressesInside(allowed, input);
  return nginx`
    # ---- The agents that may be reached
    # geo parses the address itself. Where networks overlap, the smallest decides.
    geo $dcv_agent $dcv_allow {
        default 0;
        # the inventory's agent_networks
        ${allowed.flatMap(halves).map((entry) => nginx`${network(entry)} 1;`)}
        # never, however wide those are
        ${NEVER_AGENTS.map((never) => nginx`${network(never.network)} 0;  # ${comment(never.what)}`)}
        ${own.length === 0 ? NOTHING : nginx`# this gateway itself`}
        ${own.map((entry) => nginx`${network(entry)} 0;`)}
    }
  `;
}

/** To geo, the network of everything is the default, which is there already. */
function halves(entry: string): string[] {
  if (entry === '0.0.0.0/0') return ['0.0.0.0/1', '128.0.0.0/1'];
  return entry === '::/0' ? ['::/1', '8000::/1'] : [entry];
}

/**
 * The gateway's own addresses, of which only those need a line that the networks would allow: so a new container bridge
 * on the proxy doesn't change the release. DCV may run on the proxy itself when the gateway has a port of its own.
 */
function ownAddressesInside(allowed: readonly string[], input: AllowListInput): string[] {
  const servedHere =
    input.gateway.listen.port === AGENT_PORT ? [] : input.agents.map((agent) => canonicalAddress(agent.host));
  const candidates = [...input.ownAddresses, input.proxy.host, input.gateway.listen.address ?? ''];
  return unique(candidates.flatMap(addressOrNothing))
    .filter((own) => allowed.some((entry) => isInside(own, entry)))
    .filter((own) => !NEVER_AGENTS.some((never) => isInside(own, never.network)))
    .filter((own) => !servedHere.includes(own));
}

/** A proxy may be given by its host name; then what the host reports has to do. */
function addressOrNothing(text: string): string[] {
  try {
    return [canonicalAddress(text)];
  } catch {
    return [];
  }
}

function refuseIfNever(candidate: string, where: string): void {
  const never = NEVER_AGENTS.find((entry) => isInside(candidate, entry.network));
  if (never === undefined) return;
  throw new DcvopsError(
    'inventory',
    `${where}: ${candidate} is in ${never.network} (${never.what}), which the gateway never serves.`,
  );
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
