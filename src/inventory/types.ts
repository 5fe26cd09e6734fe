import type { SshSettings } from '../ssh/settings.ts';

/** The inventory as the operations use it: validated, defaults filled in, names resolved. Times are in seconds. */
export interface Inventory {
  /** The file it was read from, as the user named it. */
  readonly file: string;
  readonly proxies: readonly ProxyHost[];
  readonly agents: readonly AgentHost[];
  readonly gateway: GatewaySettings;
  readonly sessions: SessionDefaults;
  /** What SSH needs for an agent that the inventory does not name: `session create 10.150.248.7`. */
  readonly agentDefaults: SshSettings;
  /** The operator's own sources of logs. */
  readonly logs: readonly LogSource[];
  readonly watch: WatchSettings;
}

/** Where something stands in the inventory file, for messages: `inventory/hosts.yaml:7`. */
export interface Position {
  readonly file: string;
  readonly line: number;
}

interface HostCommon {
  readonly name: string;
  /** The address to reach it by: an IP address, or for a proxy a host name as well. */
  readonly host: string;
  readonly tags: readonly string[];
  readonly ssh: SshSettings;
  readonly position: Position;
}

export interface ProxyHost extends HostCommon {
  readonly role: 'proxy';
}

/** A DCV server. `host` is an IP address, canonical (RFC 5952 for IPv6): it is part of the URL. */
export interface AgentHost extends HostCommon {
  readonly role: 'agent';
  /** True for an address that was typed and is not in the inventory. */
  readonly adHoc: boolean;
  readonly state: AgentState;
  /** The certificate that it has to show, as PEM; absent where none is pinned, or `gateway.verify_agents` is off. */
  readonly pinned?: string;
  /** Who of those whom the gateway lets in may reach this agent. Canonical CIDRs. */
  readonly access: { readonly allow: 'any' | readonly string[]; readonly deny: readonly string[] };
  /** Below which path DCV serves its pages (`web-url-path` in dcv.conf), without a slash at the end; absent for `/`. */
  readonly webUrlPath?: string;
  /** The sessions that are to be there; absent where none are declared. */
  readonly sessions?: readonly DeclaredSession[];
}

/** A session as the inventory has it, with what it leaves out filled in. Ids are unique on an agent. */
export interface DeclaredSession {
  readonly id: string;
  readonly type: 'virtual' | 'console';
  /** The user that a virtual session runs as; a console session has no use for it. */
  readonly user: string;
  readonly owner: string;
  readonly name?: string;
  /** Absolute, on the agent. */
  readonly permissionsFile?: string;
  /** On the agent; `%home%` is the user's home. */
  readonly storageRoot?: string;
  readonly gl?: 'on' | 'off';
  readonly maxConcurrentClients?: number;
  /** Absolute, on the agent. */
  readonly init?: string;
}

/**
 * draining: no new clients by the default route, while its own path goes on. maintenance: the gateway answers 503 in
 * its place.
 */
export type AgentState = 'in-service' | 'draining' | 'maintenance';

export type Host = ProxyHost | AgentHost;

export interface GatewaySettings {
  readonly listen: { readonly address: string | undefined; readonly port: number };
  /** What people open, without a slash at the end; undefined: `https://PROXY:PORT`. */
  readonly url: string | undefined;
  readonly tls:
    | { readonly kind: 'files'; readonly certificate: string; readonly key: string }
    | { readonly kind: 'self-signed'; readonly certificate: string; readonly key: string };
  /** Agents that answer paths without an address; several make a pool. In the inventory's order, whatever their state. */
  readonly default: readonly AgentHost[];
  /** proxy: the gateway passes such a path on. redirect: it leads the browser to the path of one of these agents. */
  readonly defaultBy: 'proxy' | 'redirect';
  /** Shares of the default agents, by name: 1 to 100. An agent that is missing here has 1. */
  readonly weights: ReadonlyMap<string, number>;
  /** Canonical CIDRs; an agent outside of them is refused by the gateway. */
  readonly agentNetworks: readonly string[];
  readonly access: AccessSettings;
  /** Each agent's certificate has to be the one that was pinned; addresses without a pin are refused. */
  readonly verifyAgents: boolean;
  /** Is there a page at `/portal/`? */
  readonly portal: boolean;
  /** nginx's worker_connections that the host should have at least. */
  readonly workerConnections: number;
}

/** Who may connect. Networks are canonical CIDRs. */
export interface AccessSettings {
  readonly allow: 'any' | readonly string[];
  /** Wins over `allow`. */
  readonly deny: readonly string[];
  /** Whose X-Forwarded-For is believed. */
  readonly realIpFrom: readonly string[];
  /** Is a name and a password asked for (HTTP Basic)? The users are state of the proxies. */
  readonly basic: boolean;
  readonly rate: 'off' | RateLimits;
}

/** What one client's address may do. */
export interface RateLimits {
  /** A second. */
  readonly requests: number;
  /** WebSocket handshakes a second. */
  readonly handshakes: number;
  /** Requests and WebSockets that are open at the same time. */
  readonly connections: number;
}

export interface SessionDefaults {
  readonly type: 'virtual' | 'console';
  readonly user: string;
  readonly owner: string;
  readonly id: string;
}

/** Logs that the operator wants read: files of a host, or a unit's part of its journal. */
export type LogSource = {
  /** Never one of the built-in sources. */
  readonly name: string;
  /** Names of the hosts that have it, in the inventory's order. */
  readonly hosts: readonly string[];
} & (
  | {
      readonly kind: 'file';
      /** Absolute; `*` and `?` are globs, everything else is letters, digits and `. _ - + = @`. */
      readonly path: string;
      readonly format: LogFileFormat;
    }
  | {
      readonly kind: 'unit';
      /** With its type: `dcvserver.service`. */
      readonly unit: string;
      readonly format: 'journal';
    }
);

export type LogFileFormat = 'nginx-json' | 'nginx-combined' | 'nginx-error' | 'dcv' | 'text';

/** How much in one window is anomalous; 0 and false are rules that are off. `logs-schema.ts` says what each counts. */
export interface WatchSettings {
  readonly windowMs: number;
  readonly denied: number;
  readonly agents: number;
  readonly handshakes: number;
  readonly upstreamFailures: number;
  readonly tlsErrors: number;
  readonly newNetworks: boolean;
  readonly outside: boolean;
}
