import { readAgentNetwork, readClientNetwork, withPort } from './addresses.ts';
import { checked, distinct, value } from './checked.ts';
import { DEFAULTS } from './defaults.ts';
import { readListen, readUrl } from './endpoints.ts';
import type { InventoryFile } from './schema.ts';
import type { AccessSettings, AgentHost, GatewaySettings } from './types.ts';

/* The `gateway` section between the file and the settings that the operations use, both ways. */

type GatewaySection = InventoryFile['gateway'];
type AgentEntry = NonNullable<InventoryFile['agents']>[number];

/** An agent that answers paths without an address, as written: its name, and its share of the clients. */
export interface DefaultMember {
  readonly name: string;
  readonly weight: number;
}

/** Makes the gateway's settings of its section, which has passed every check. */
export function resolveGateway(written: GatewaySection, agents: readonly AgentHost[]): GatewaySettings {
  const { by, members } = readDefault(written.default);
  return {
    listen: value(readListen(written.listen ?? DEFAULTS.listen)),
    url: written.url === undefined ? undefined : value(readUrl(written.url)),
    tls: resolveTls(written.tls),
    default: members.map(({ name }) => checked(agents.find((agent) => agent.name === name))),
    defaultBy: by,
    weights: new Map(members.map(({ name, weight }) => [name, weight])),
    agentNetworks:
      written.agent_networks === undefined
        ? agents.map(({ host }) => `${host}/${host.includes(':') ? 128 : 32}`)
        : distinct(written.agent_networks, readAgentNetwork),
    access: resolveAccess(written.access),
    verifyAgents: written.verify_agents ?? false,
    portal: written.portal ?? false,
    workerConnections: written.worker_connections ?? DEFAULTS.workerConnections,
  };
}

/** Reads `gateway.default` in each of its forms. */
export function readDefault(written: GatewaySection['default']): {
  readonly by: GatewaySettings['defaultBy'];
  readonly members: readonly DefaultMember[];
} {
  if (written === undefined || typeof written === 'string' || Array.isArray(written)) {
    return { by: 'proxy', members: membersOf(written) };
  }
  const { pool, redirect } = written;
  return redirect === undefined
    ? { by: 'proxy', members: membersOf(pool) }
    : { by: 'redirect', members: membersOf(redirect) };
}

type SeveralAgents = string | readonly (string | { agent: string; weight?: number | undefined })[];

function membersOf(written: SeveralAgents | undefined): DefaultMember[] {
  const list = written === undefined ? [] : typeof written === 'string' ? [written] : written;
  return list.map((one) =>
    typeof one === 'string' ? { name: one, weight: 1 } : { name: one.agent, weight: one.weight ?? 1 },
  );
}

function resolveTls(written: GatewaySection['tls']): GatewaySettings['tls'] {
  const {
    self_signed: selfSigned,
    certificate,
    key,
  } = written === 'self-signed' ? { self_signed: true } : (written ?? {});
  return selfSigned === true
    ? {
        kind: 'self-signed',
        certificate: certificate ?? DEFAULTS.selfSignedCertificate,
        key: key ?? DEFAULTS.selfSignedKey,
      }
    : {
        kind: 'files',
        certificate: certificate ?? DEFAULTS.certificate,
        key: key ?? DEFAULTS.certificateKey,
      };
}

function resolveAccess(written: GatewaySection['access']): AccessSettings {
  const { rate } = written;
  return {
    ...networks(written.allow, written.deny),
    realIpFrom: distinct(written.real_ip_from ?? [], readClientNetwork),
    basic: written.basic ?? false,
    rate:
      rate === 'off' || rate === false
        ? 'off'
        : {
            requests: rate?.requests ?? DEFAULTS.rate.requests,
            handshakes: rate?.handshakes ?? DEFAULTS.rate.handshakes,
            connections: rate?.connections ?? DEFAULTS.rate.connections,
          },
  };
}

/** Who may reach an agent; everyone whom the gateway lets in where the agent says nothing. */
export function resolveAgentAccess(written: AgentEntry['access']): AgentHost['access'] {
  return networks(written?.allow ?? 'any', written?.deny);
}

function networks(
  allow: 'any' | readonly string[],
  deny: readonly string[] | undefined,
): AgentHost['access'] {
  return {
    allow: allow === 'any' ? 'any' : distinct(allow, readClientNetwork),
    deny: distinct(deny ?? [], readClientNetwork),
  };
}

/** The section as it could stand in a file, defaults included: resolving it gives the same settings. */
export function showGateway(gateway: GatewaySettings): GatewaySection {
  const { listen, url, tls, access } = gateway;
  return {
    listen: listen.address === undefined ? listen.port : withPort(listen.address, listen.port),
    ...(url === undefined ? {} : { url }),
    tls: {
      ...(tls.kind === 'self-signed' ? { self_signed: true } : {}),
      certificate: tls.certificate,
      key: tls.key,
    },
    ...showDefault(gateway),
    agent_networks: [...gateway.agentNetworks],
    access: {
      ...showNetworks(access),
      ...(access.realIpFrom.length === 0 ? {} : { real_ip_from: [...access.realIpFrom] }),
      basic: access.basic,
      rate: access.rate === 'off' ? 'off' : { ...access.rate },
    },
    verify_agents: gateway.verifyAgents,
    portal: gateway.portal,
    worker_connections: gateway.workerConnections,
  };
}

function showDefault({ default: agents, defaultBy, weights }: GatewaySettings): Partial<GatewaySection> {
  if (agents.length === 0) return {};
  const members = agents.map(({ name }) => {
    const weight = weights.get(name) ?? 1;
    return weight === 1 ? name : { agent: name, weight };
  });
  const [only] = members;
  const shown = members.length === 1 && typeof only === 'string' ? only : members;
  return { default: defaultBy === 'redirect' ? { redirect: shown } : shown };
}

/** An agent's `access`; undefined where it adds nothing to the gateway's. */
export function showAgentAccess(access: AgentHost['access']): AgentEntry['access'] {
  return access.allow === 'any' && access.deny.length === 0 ? undefined : showNetworks(access);
}

function showNetworks({ allow, deny }: AgentHost['access']): {
  allow: 'any' | string[];
  deny?: string[];
} {
  return {
    allow: allow === 'any' ? 'any' : [...allow],
    ...(deny.length === 0 ? {} : { deny: [...deny] }),
  };
}
