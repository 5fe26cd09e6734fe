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
import { type DefaultRoute, POOL, poolUpstream } from './default-agents.ts';

/**
 * Where requests go: a block for each agent of the inventory, for connections and TLS sessions that are used again; any
 * other allowed address is dialled directly. Several default agents are a pool.
 */
export function upstreams(agents: readonly AgentHost[], route: DefaultRoute): NginxText {
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
          ${defaultUpstream(route)}
      }
      ${byDefault(route)}
    `,
    ...agents.map(agentUpstream),
    poolUpstream(route),
  );
}

// A zone is at least eight memory pages, and some ARM kernels have pages of 64 KiB; what isn't used takes no memory.

function agentUpstream(agent: AgentHost): NginxText {
  return nginx`
    # ${comment(agent.name)}
    upstream ${upstreamName(agent)} {
        zone ${upstreamName(agent)} 512k;
        server ${endpoint(agent.host, AGENT_PORT)} max_fails=0;
        keepalive 32;
    }
  `;
}

/** The one default agent, for requests that name no address: its draining is no matter of its own path. */
function byDefault(route: DefaultRoute): NginxText {
  if (route.kind !== 'agent') return NOTHING;
  return nginx`
    map $dcv_agent $dcv_by_default {
        default "";
        "" $dcv_upstream;
    }
  `;
}

function defaultUpstream(route: DefaultRoute): NginxText {
  if (route.kind === 'agent') return nginx`"" ${upstreamName(route.agent)};`;
  return route.kind === 'pool' ? nginx`"" ${POOL};` : NOTHING;
}

function upstreamName(agent: AgentHost): NginxText {
  return identifier(agentKey(agent));
}
