import { AGENT_PORT } from '../gateway/ports.ts';
import type { AgentFacts } from './facts/agent.ts';

/* What dcv.conf means where it sets nothing: the defaults of the Administrator Guide's parameter reference. */

type Conf = AgentFacts['conf'];

/** The TCP port of the web side, `connectivity/web-port`; DCV takes its default for what is no port. */
export function webPort(conf: Conf): number {
  return integer(conf, 'connectivity/web-port') ?? AGENT_PORT;
}

/** Where dcvserver listens for browsers: `web-listen-endpoints`, whose entries may name a port of their own. */
export function webEndpoints(conf: Conf): { readonly address: string; readonly port: number }[] {
  const port = webPort(conf);
  const entries = stringList(conf['connectivity/web-listen-endpoints']) ?? ['0.0.0.0', '::'];
  return entries.map((entry) => endpoint(entry, port));
}

/** `0.0.0.0`, `::`, `0.0.0.0:8443`, `[::]:8443` */
function endpoint(entry: string, port: number): { readonly address: string; readonly port: number } {
  const [, bracketed, plain, own] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return {
    address: bracketed ?? plain ?? entry,
    port: own === undefined ? port : Number(own),
  };
}

/** The path below which everything is served, `/` unless `web-url-path` says otherwise. */
export function webUrlPath(conf: Conf): string {
  const path = conf['connectivity/web-url-path'] ?? '';
  return path === '' ? '/' : path;
}

/** Which `Host` headers DCV takes, and which pages may open its WebSockets. */
export function hostPattern(conf: Conf): string {
  return conf['security/allowed-http-host-regex'] ?? '^.+$';
}

export function originPattern(conf: Conf): string {
  return conf['security/allowed-ws-origin-regex'] ?? '^https://.+$';
}

/** How viewers log in: by the account's password, not at all, or with a token that a verifier knows. */
export function loginMode(conf: Conf): 'system' | 'none' | 'token' {
  if (conf['security/authentication'] === 'none') return 'none';
  return (conf['security/auth-token-verifier'] ?? '') === '' ? 'system' : 'token';
}

/** A limit that counts from 1; undefined where there is none (0, -1, not set). */
export function limit(conf: Conf, key: string): number | undefined {
  const value = integer(conf, key);
  return value === undefined || value < 1 ? undefined : value;
}

export function flag(conf: Conf, key: string): boolean {
  return conf[key] === 'true';
}

function integer(conf: Conf, key: string): number | undefined {
  const text = conf[key];
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** `['a', "b"]`; undefined for anything else, for which DCV takes its default. */
function stringList(text: string | undefined): string[] | undefined {
  const inside = /^\s*\[(.*)\]\s*$/s.exec(text ?? '')?.[1];
  if (inside === undefined) return undefined;
  return [...inside.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
}
