import type { AgentHost, GatewaySettings } from '../../inventory/types.ts';
import {
  NOTHING,
  type NginxText,
  address,
  comment,
  endpoint,
  identifier,
  nginx,
  plainPath,
} from '../nginx-text.ts';
import { AGENT_PORT } from '../ports.ts';
import { STATE_FILES, agentKey } from '../state.ts';

/** A default agent, and its share of the clients beside the others'. */
export interface Member {
  readonly agent: AgentHost;
  readonly weight: number;
}

/** What a path without an address leads to. */
export type DefaultRoute =
  | { readonly kind: 'none' }
  /** This one agent. Its marks are looked up at each request, so its state is no matter of the configuration. */
  | { readonly kind: 'agent'; readonly agent: AgentHost }
  /** One of those that are in service; a client stays with its agent. At least one. */
  | { readonly kind: 'pool'; readonly members: readonly Member[] }
  /** A pool of which no agent is in service. */
  | { readonly kind: 'nobody' }
  /** `/` leads the browser to the path of one of these. Their marks are looked up at each request. */
  | { readonly kind: 'redirect'; readonly members: readonly Member[] };

/** What the inventory asks for, the agents by name: their order in the inventory doesn't matter. Pure. */
export function defaultRoute(
  gateway: Pick<GatewaySettings, 'default' | 'defaultBy' | 'weights'>,
): DefaultRoute {
  const members = gateway.default
    .map((agent) => ({ agent, weight: gateway.weights.get(agent.name) ?? 1 }))
    .sort((a, b) => (a.agent.name < b.agent.name ? -1 : 1));
  const [only] = members;
  if (only === undefined) return { kind: 'none' };
  if (gateway.defaultBy === 'redirect') return { kind: 'redirect', members };
  if (members.length === 1) return { kind: 'agent', agent: only.agent };
  const inService = members.filter(({ agent }) => agent.state === 'in-service');
  return inService.length === 0 ? { kind: 'nobody' } : { kind: 'pool', members: inService };
}

/** The pool's servers. They lie with the state: who is down is no part of a release. */
export const POOL_FILE = `${STATE_FILES}/pool.conf`;

/** The pool's name in nginx's configuration. */
export const POOL = identifier('dcv_default');

/** The block of a pool, without its servers. */
export function poolUpstream(route: DefaultRoute): NginxText {
  if (route.kind !== 'pool') return NOTHING;
  return nginx`
    # Paths without an address. A client stays with one agent: its WebSockets have to meet the login that it made.
    upstream ${POOL} {
        zone ${POOL} 512k;
        hash $remote_addr consistent;
        include ${plainPath(POOL_FILE)};
        keepalive 16;
    }
  `;
}

/** The servers of a pool, none of them marked; undefined where there is no pool. */
export function poolServers(route: DefaultRoute): string | undefined {
  if (route.kind !== 'pool') return undefined;
  const servers = route.members.map(
    ({ agent, weight }) =>
      nginx`server ${endpoint(agent.host, AGENT_PORT)} weight=${weight} max_fails=2 fail_timeout=10s;  # ${comment(agentKey(agent))}`,
  );
  return (
    nginx`
    # The agents of the gateway's pool. "down" is written and taken away by "dcvops health apply".
    ${servers}
  `.toString() + '\n'
  );
}

const SERVER_LINE = /^(server [^;]*?)( down)?;(  # (dcv_\w+))$/gm;

/**
 * The servers of a pool, those of these agents marked `down` and no others. Should that be all of them, none is: an agent
 * that may be dead serves better than none. Pure.
 * @param text as {@link poolServers} wrote it, whatever is marked in it; lines of another kind stay as they are
 * @param down {@link agentKey}s
 */
export function markPool(text: string, down: ReadonlySet<string>): string {
  const keys = poolKeys(text);
  const marked = keys.every((key) => down.has(key)) ? new Set<string>() : down;
  return text.replace(
    SERVER_LINE,
    (_, server: string, _down: string | undefined, tail: string, key: string) =>
      `${server}${marked.has(key) ? ' down' : ''};${tail}`,
  );
}

/** The {@link agentKey}s of a pool's servers. Pure. */
export function poolKeys(text: string): string[] {
  return [...text.matchAll(SERVER_LINE)].map((match) => match[4] ?? '');
}

/** Those of them that it passes by. Pure. */
export function markedInPool(text: string): string[] {
  return [...text.matchAll(SERVER_LINE)].flatMap(([, , down, , key = '']) =>
    down === undefined ? [] : [key],
  );
}

/** So many agents are tried by chance, so that the clients of one that is out don't all go to the same other one. */
const PICKS = 3;

/** Chooses agents for a client, the same for the same address: by their weights, and others should those be out. */
export function pickMaps(route: DefaultRoute): NginxText {
  if (route.kind !== 'redirect') return NOTHING;
  const { members } = route;
  return nginx`
    # ---- Which agent "/" leads to
    ${picks(members).map(
      (pick, index) => nginx`
        split_clients "${index + 1}$remote_addr" ${pick} {
            ${shares(members)}
        }
      `,
    )}
    map $dcv_pick $dcv_pick_address {
        default "";
        ${members.map(({ agent }) => nginx`${identifier(agentKey(agent))} "${address(agent.host)}";`)}
    }
  `;
}

/** A file for each agent that has any mark. */
const OUT_FILES = `${STATE_FILES}/out`;

/**
 * Redirects to the first choice that no mark takes out: those made by chance, then all in a row. A variable is read once a
 * request, so each choice by chance has its own.
 */
export function pickAnswer(members: readonly Member[]): NginxText {
  const [first = NOTHING, ...others] = [
    ...picks(members),
    ...members.map(({ agent }) => identifier(agentKey(agent))),
  ];
  const isOut = nginx`if (-f ${plainPath(OUT_FILES)}/$dcv_pick)`;
  return nginx`
    open_file_cache off;
    set $dcv_pick ${first};
    ${others.map((other) => nginx`${isOut} { set $dcv_pick ${other}; }`)}
    set $dcv_stage nodefault;
    ${isOut} { return 503; }
    set $dcv_stage pick;
    add_header Cache-Control no-store always;
    return 302 /$dcv_pick_address/$is_args$args;
  `;
}

function picks(members: readonly Member[]): NginxText[] {
  const count = Math.min(PICKS, members.length);
  return Array.from({ length: count }, (_, index) => nginx`$dcv_pick_${index + 1}`);
}

/** nginx knows hundredths of a percent; the last one gets what is left. */
function shares(members: readonly Member[]): NginxText[] {
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  return members.map(({ agent, weight }, index) => {
    const percent = Math.max(0.01, Math.floor((weight / total) * 10_000) / 100).toFixed(2);
    const share = index === members.length - 1 ? nginx`*` : nginx`${Number(percent)}%`;
    return nginx`${share} ${identifier(agentKey(agent))};`;
  });
}
