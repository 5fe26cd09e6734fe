import type { Host, Inventory } from '../../inventory/types.ts';

/** What a bundle holds and what it does not, for programs and for whoever reads the bundle: `manifest.json`. */
export interface Manifest {
  /** Of this file's own form. */
  readonly format: 1;
  readonly dcvops: string;
  /** UTC, ISO 8601. */
  readonly created: string;
  /** "anna@laptop". */
  readonly askedBy: string;
  readonly limits: Limits;
  readonly inventory: InventorySummary;
  /** Those that were asked for, in that order. */
  readonly hosts: readonly HostEntry[];
}

export interface Limits {
  /** Bytes of the whole bundle before it is compressed, as the hosts sent it. */
  readonly maxBytes: number;
  readonly maxBytesPerHost: number;
  readonly maxBytesPerFile: number;
  readonly journalLines: number;
}

export interface HostEntry {
  readonly name: string;
  readonly address: string;
  readonly role: Host['role'];
  /** `incomplete`: it was lost, or failed, half-way; `missing`: there is nothing of it. */
  readonly state: 'complete' | 'incomplete' | 'missing';
  /** Why it is not complete. */
  readonly reason: string | undefined;
  readonly pieces: readonly PieceEntry[];
  readonly leftOut: readonly LeftOutEntry[];
}

export interface PieceEntry {
  /** The file in the bundle. */
  readonly name: string;
  /** The file on the host, or the command. */
  readonly source: string;
  /** Of the file in the bundle. */
  readonly bytes: number;
  readonly sha256: string;
  /** The beginning is missing: so many bytes of it, as they were on the host. */
  readonly cut: boolean;
  readonly cutBytes: number;
  /** Of a command; 124: it took too long and was ended. */
  readonly exitCode: number | undefined;
  /** When the file was written last, UTC. */
  readonly modified: string | undefined;
}

export interface LeftOutEntry {
  readonly source: string;
  readonly reason: string;
}

/** The fleet, as far as a support case needs it: no key files, no known_hosts, no certificates' places. */
export interface InventorySummary {
  readonly proxies: readonly HostSummary[];
  readonly agents: readonly HostSummary[];
  readonly gateway: {
    readonly listen: string;
    readonly url: string | undefined;
    readonly tls: 'files' | 'self-signed';
    readonly default: readonly string[];
    readonly agentNetworks: readonly string[];
    readonly access: 'any' | readonly string[];
  };
}

export interface HostSummary {
  readonly name: string;
  readonly host: string;
  readonly tags: readonly string[];
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly jump: string | undefined;
}

export function summariseInventory({ proxies, agents, gateway }: Inventory): InventorySummary {
  const { address, port } = gateway.listen;
  return {
    proxies: proxies.map(summariseHost),
    agents: agents.map(summariseHost),
    gateway: {
      listen: `${address ?? '*'} port ${port}`,
      url: gateway.url,
      tls: gateway.tls.kind,
      default: gateway.default.map(({ name }) => name),
      agentNetworks: gateway.agentNetworks,
      access: gateway.access.allow,
    },
  };
}

function summariseHost({ name, host, tags, ssh }: Host): HostSummary {
  return { name, host, tags, port: ssh.port, user: ssh.user, jump: ssh.jump };
}

/** As it stands in the bundle. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
