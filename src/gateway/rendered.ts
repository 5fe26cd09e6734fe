import type { AgentHost, GatewaySettings, ProxyHost } from '../inventory/types.ts';
import type { LogFiles } from './config/logs.ts';
import type { NginxFacts } from './nginx-facts.ts';

/** What a proxy's gateway is rendered from. */
export interface RenderInput {
  readonly gateway: GatewaySettings;
  readonly agents: readonly AgentHost[];
  readonly proxy: ProxyHost;
  /** The session that the portal's links open. */
  readonly sessionId: string;
  /** What the proxy reported. */
  readonly nginx: NginxFacts;
  /** Only tests have other files and another address than `LOG_FILES` and `STATUS_ENDPOINT`. */
  readonly logFiles?: LogFiles;
  readonly statusEndpoint?: { readonly address: string; readonly port: number };
}

/** A file of a release. */
export interface RenderedFile {
  /** Where it goes on the proxy. */
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** A release, rendered. */
export interface RenderedGateway {
  /** 12 hex digits: the same for the same content. */
  readonly releaseId: string;
  /** The content of the gateway's configuration file. */
  readonly config: string;
  /** All files of the release, the configuration among them. */
  readonly files: readonly RenderedFile[];
}
