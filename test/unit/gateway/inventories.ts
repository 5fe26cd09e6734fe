import { DEFAULTS } from '../../../src/inventory/defaults.ts';
import type {
  AccessSettings,
  AgentHost,
  GatewaySettings,
  Inventory,
  ProxyHost,
} from '../../../src/inventory/types.ts';
import { resolveWatch } from '../../../src/inventory/watch-settings.ts';
import type { NginxFacts, Version } from '../../../src/gateway/nginx-facts.ts';
import type { RenderInput } from '../../../src/gateway/rendered.ts';

const SSH = {
  port: undefined,
  user: 'ec2-user',
  key: undefined,
  jump: undefined,
  knownHosts: undefined,
  hostKeys: 'strict',
} as const;
const POSITION = { file: 'inventory/hosts.yaml', line: 1 };

export function agent(name: string, host: string, changes: Partial<AgentHost> = {}): AgentHost {
  return {
    role: 'agent',
    adHoc: false,
    name,
    host,
    tags: [],
    ssh: SSH,
    position: POSITION,
    state: 'in-service',
    access: { allow: 'any', deny: [] },
    ...changes,
  };
}

export function proxy(host = '10.213.66.188'): ProxyHost {
  return { role: 'proxy', name: 'gateway', host, tags: [], ssh: SSH, position: POSITION };
}

/** What differs from the gateway that most people have. */
export interface GatewayChanges extends Partial<Omit<GatewaySettings, 'access'>> {
  readonly access?: Partial<AccessSettings>;
}

/** Who may connect, by default the networks of the example inventory. */
export function accessSettings(changes: Partial<AccessSettings> = {}): AccessSettings {
  return {
    allow: ['10.213.0.0/16'],
    deny: [],
    realIpFrom: [],
    basic: false,
    rate: DEFAULTS.rate,
    ...changes,
  };
}

export function gatewaySettings({ access, ...changes }: GatewayChanges = {}): GatewaySettings {
  return {
    listen: { address: undefined, port: 8443 },
    url: undefined,
    tls: {
      kind: 'files',
      certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
      key: '/etc/dcv-connection-gateway/certs/dcv.key',
    },
    default: [],
    defaultBy: 'proxy',
    weights: new Map(),
    agentNetworks: ['10.150.248.0/24'],
    access: accessSettings(access),
    verifyAgents: false,
    portal: false,
    workerConnections: 16384,
    ...changes,
  };
}

/** An nginx as Debian or nginx.org build it. */
export function nginxFacts(version: Version, changes: Partial<NginxFacts> = {}): NginxFacts {
  return {
    version,
    openssl: [3, 0, 19],
    modules: { ssl: true, http2: true, stubStatus: true, realip: true },
    hasIPv6: true,
    ownAddresses: ['127.0.0.1', '::1', '10.213.66.188', '10.150.248.1'],
    ...changes,
  };
}

/** Two agents, one of them the default: the inventory that most people have. */
export function twoAgents(changes: GatewayChanges = {}): RenderInput {
  const agents = [agent('agent1', '10.150.248.180'), agent('agent2', '10.150.248.136')];
  return {
    gateway: gatewaySettings({ default: agents.slice(0, 1), ...changes }),
    agents,
    proxy: proxy(),
    sessionId: 'desktop-session',
    nginx: nginxFacts([1, 22, 1]),
  };
}

/** The whole inventory of one proxy and these agents. */
export function inventoryWith(
  only: ProxyHost,
  agents: readonly AgentHost[],
  gateway: GatewaySettings,
): Inventory {
  return {
    file: 'inventory/hosts.yaml',
    proxies: [only],
    agents,
    gateway,
    sessions: { type: 'virtual', user: 'ec2-user', owner: 'ec2-user', id: 'desktop-session' },
    agentDefaults: only.ssh,
    logs: [],
    watch: resolveWatch(),
  };
}
