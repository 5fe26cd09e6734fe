import type { AgentHost } from '../../inventory/types.ts';
import {
  NOTHING,
  type NginxText,
  comment,
  endpoint,
  identifier,
  network,
  nginx,
  sections,
} from '../nginx-text.ts';
import { AGENT_PORT } from '../ports.ts';
import { agentKey } from '../state.ts';

/**
 * Where requests go: a block for each agent of the inventory, for connections and TLS sessions that are used again; any
 * other allowed address is dialled directly. Several default agents are a pool.
 */
export function upstreams(agents: readonly AgentHost[], defaults: readonly AgentHost[]): NginxText {
  return sections(
    nginx`
      # ---- Upstreams
      # geo, not map: it compares addresses, whatever their spelling.
      geo $dcv_agent $dcv_known {
          default "";
          ${agents.map((agent) => nginx`${network(agent.host)} ${upstreamName(agent)};`)}
      }
      map $dcv_known $dcv_dial {
          default $dcv_known;
          "" $dcv_address;
      }
      map $dcv_agent $dcv_upstream {
          default $dcv_dial;
          ${defaultUpstream(defaults)}
      }
    `,
    ...agents.map(agentUpstream),
    defaults.length > 1 ? pool(defaults) : NOTHING,
  );
}

// A zone is at least eight memory pages, and some ARM kernels have pages of 64 KiB; what isn't used takes no memory.

function agentUpstream(agent: AgentHost): NginxText {
  return nginx`
    # ${comment(agent.name)}
    upstream ${upstreamName(agent)} {
        zone ${upstreamName(agent)} 512k;
        server ${endpoint(agent.host, AGENT_PORT)} max_fails=0;
        keepalive 8;
    }
  `;
}

const POOL = identifier('dcv_default');

function pool(defaults: readonly AgentHost[]): NginxText {
  return nginx`
    # Paths without an address. A client stays with one agent: its WebSockets have to meet the login that it made.
    upstream ${POOL} {
        zone ${POOL} 512k;
        hash $remote_addr consistent;
        ${defaults.map((agent) => nginx`server ${endpoint(agent.host, AGENT_PORT)} max_fails=2 fail_timeout=10s;`)}
        keepalive 16;
    }
  `;
}

function defaultUpstream([first, ...more]: readonly AgentHost[]): NginxText {
  if (first === undefined) return NOTHING;
  return nginx`"" ${more.length > 0 ? POOL : upstreamName(first)};`;
}

function upstreamName(agent: AgentHost): NginxText {
  return identifier(agentKey(agent));
}
