import type { AgentFacts } from '../dcv/agent-facts.ts';
import type { DiskFacts } from '../doctor/facts/system.ts';
import type { ErrorCode } from '../errors.ts';
import type { AgentState } from '../inventory/types.ts';

/* What hosts tell for the fleet at a glance, and what is made of it. What is undefined was not told. */

/** What is true of any host. */
export interface SystemFigures {
  /** Of the last minute, divided by the number of processors. */
  readonly load: number | undefined;
  readonly memoryUsedPercent: number | undefined;
  /** The file systems of the folders that matter, each once. */
  readonly disks: readonly DiskFacts[];
  /** Folders whose file system does not answer: a share whose server is gone. */
  readonly silentFolders: readonly string[];
}

/** `absent`: nginx is not installed, or systemd does not know it and it does not run. */
export type NginxState = 'active' | 'starting' | 'stopped' | 'failed' | 'absent';

export interface ProxyFigures extends SystemFigures {
  readonly nginx: NginxState;
  /** The gateway's file on disk; undefined: there is none. */
  readonly file: { readonly releaseId: string | undefined } | undefined;
  /** Connections that are open to the gateway's port (a desktop has several), and from how many addresses they come. */
  readonly connections: number | undefined;
  readonly clients: number | undefined;
  /** The agents that are marked down there, as `agentKey` names them. */
  readonly down: readonly string[];
}

export interface AgentFigures extends SystemFigures, Pick<AgentFacts, 'service' | 'sessions' | 'silence'> {
  /** Is DCV there? */
  readonly installed: boolean;
}

/** A host's answer, or why there is none. */
export type Reading<Figures> =
  | { readonly ok: true; readonly figures: Figures }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
    };

/** How a gateway answers, asked from this machine or through SSH from its own host. */
export type GatewaySight =
  | {
      readonly way: 'direct' | 'tunnel';
      readonly elapsedMs: number;
      /** The release that answers; undefined: it is not a gateway of dcvops. */
      readonly releaseId: string | undefined;
      readonly certificateEnds: Date;
    }
  | { readonly way: 'none'; readonly reason: string };

/** How an agent answers through one gateway. */
export interface PathStatus {
  readonly proxy: string;
  readonly way: 'direct' | 'tunnel';
  readonly ok: boolean;
  /** What was seen, in a few words: "200 from DCV". */
  readonly detail: string;
  readonly elapsedMs: number;
}

/** `error`: people cannot work. `warning`: it will come to that. */
export type Level = 'error' | 'warning' | 'fine';

export interface Problem {
  /** Stable name of what is wrong, for programs: `service`, `disk`. */
  readonly kind: string;
  readonly level: Exclude<Level, 'fine'>;
  readonly message: string;
  /** What to type next; several lines are several steps. */
  readonly next: string;
}

interface HostStatusCommon {
  readonly name: string;
  readonly address: string;
  /** Of its worst problem. */
  readonly level: Level;
  /** The worst first. */
  readonly problems: readonly Problem[];
  /** Per processor. */
  readonly load: number | undefined;
  readonly memoryUsedPercent: number | undefined;
  /** The fullest. */
  readonly disk: { readonly mount: string; readonly usedPercent: number } | undefined;
}

export interface ProxyStatus extends HostStatusCommon {
  readonly role: 'proxy';
  readonly nginx: NginxState | undefined;
  /** On disk; where that is not known, the one that answers. */
  readonly release: string | undefined;
  /** Is what is on disk what answers? */
  readonly live: boolean | undefined;
  readonly connections: number | undefined;
  readonly clients: number | undefined;
  /** Whole days until the certificate that is served ends; negative when it has ended. */
  readonly certificateDays: number | undefined;
  readonly way: 'direct' | 'tunnel' | 'none';
  readonly elapsedMs: number | undefined;
}

export interface AgentStatus extends HostStatusCommon {
  readonly role: 'agent';
  /** As the inventory has it. */
  readonly state: AgentState;
  /** The proxies on which it is marked down: they pass it by. */
  readonly downOn: readonly string[];
  readonly dcvserver: AgentFigures['service'] | undefined;
  readonly sessions: number | undefined;
  /** People connected to its sessions. */
  readonly connected: number | undefined;
  /** Through each gateway that could be asked. */
  readonly paths: readonly PathStatus[];
}

export type HostStatus = ProxyStatus | AgentStatus;

/** All hosts at one moment, problems first. */
export interface FleetStatus {
  readonly at: Date;
  readonly hosts: readonly HostStatus[];
}
