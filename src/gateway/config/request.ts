import { URL_WORDS } from '../../inventory/names.ts';
import type { AgentHost } from '../../inventory/types.ts';
import {
  NOTHING,
  type NginxText,
  address,
  network,
  nginx,
  pathSegment,
  plainPath,
  sections,
} from '../nginx-text.ts';
import { AGENT_PORT } from '../ports.ts';
import type { DefaultRoute } from './default-agents.ts';

/** Paths that the gateway has an answer of its own for. */
export interface OwnPaths {
  /** `/` leads the browser elsewhere: to an agent's path, or to the portal. */
  readonly front: boolean;
  readonly portal: boolean;
}

/** The maps that take a request apart. They read the raw request target, and nothing else does. */
export function requestParsing(agents: readonly AgentHost[], own: OwnPaths, route: DefaultRoute): NginxText {
  const below = agents.some(({ webUrlPath }) => webUrlPath !== undefined);
  return sections(
    nginx`
      # ---- The request, taken apart
      # Everything comes from $request_uri, which stays as the client sent it: an encoded slash, line end or dot segment
      # stays encoded, and the address that is checked is the address that is dialled. For the same reason there is no
      # rewrite here and no numbered capture, and a named capture is used only in the map that sets it.

      # The agent's address, if the path begins with one. IPv4: four decimal octets without leading zeros; IPv6:
      # /fd00::5/, /[fd00::5]/ or /%5Bfd00::5%5D/, without the lone colon at an end that nginx would take.
      map $request_uri $dcv_agent {
          default "";
          "~^/(?<dcv_m4>(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9]))(?:[/?]|$)" $dcv_m4;
          "~*^/(?<dcv_m6>(?!:[^:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?<![^:]:))(?:[/?]|$)" $dcv_m6;
          "~*^/(?:\[|%5b)(?<dcv_m6b>(?!:[^:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?<![^:]:))(?:\]|%5d)(?:[/?]|$)" $dcv_m6b;
      }

      # The first segment as the client wrote it, and what follows it, query included.
      map $request_uri $dcv_segment {
          default "";
          "~^(?<dcv_ms>/[^/?]+)" $dcv_ms;
      }
      map $request_uri $dcv_tail {
          default "";
          "~^/[^/?]+(?<dcv_mt>/.*)$" $dcv_mt;
      }

      # Below which path an agent appears to the client, what the agent itself is asked for, and where.
      map $dcv_agent $dcv_prefix {
          default $dcv_segment;
          "" "";
      }
      ${below ? ownPathMaps(agents, route) : NOTHING}
      map $dcv_agent $dcv_path {
          default ${below ? nginx`"$dcv_below$dcv_tail"` : nginx`$dcv_tail`};
          "" ${below ? nginx`"$dcv_below$request_uri"` : nginx`$request_uri`};
      }
      map $dcv_agent $dcv_address {
          default "$dcv_agent:${AGENT_PORT}";
          "~:" "[$dcv_agent]:${AGENT_PORT}";
      }

      # Meant as an address but not one (10.0.0.256, 10.0.0.5:22, 0x7f.1): refused, never given to the default agent.
      map $dcv_segment $dcv_address_like {
          default no;
          "~^/[0-9.]*\.[0-9.]*$" yes;
          "~*^/[0-9][0-9a-fx]*\.[0-9a-fx.]*$" yes;
          "~:" yes;
          "~*(?:\[|\]|%5b|%5d|%3a)" yes;
      }

      # nginx before 1.21.1 lets spaces and control characters through, in the target and in the Host header.
      map "$request_method|$request_uri" $dcv_target {
          default ok;
          "~[\x00-\x20\x7f]" bad;
          "~^(?:CONNECT|TRACE)\|" bad;
          ${own.front ? nginx`"~^(?:GET|HEAD)\|/(?:\?|$)" front;` : NOTHING}
          ${own.portal ? nginx`"~^[^|]*\|/portal(?:[/?]|$)" portal;` : NOTHING}
      }
      map $http_host $dcv_host {
          default "";
          "" $host;
          "~^(?<dcv_mh>[A-Za-z0-9.:_\[\]-]+)$" $dcv_mh;
      }
      map $dcv_host $dcv_request {
          default $dcv_target;
          "" bad;
      }
    `,
    // the inventory has no such names; one that came from elsewhere is reached by its address only
    agentNames(agents.filter((agent) => !URL_WORDS.includes(agent.name.toLowerCase()))),
  );
}

/**
 * `$dcv_below`: the path below which an agent serves its pages (`web_url_path`), empty for most; `$dcv_returned`: what an
 * agent's own paths begin with. geo, not map: it compares addresses, whatever their spelling.
 */
function ownPathMaps(agents: readonly AgentHost[], route: DefaultRoute): NginxText {
  const byDefault = route.kind === 'agent' ? route.agent.webUrlPath : undefined;
  return nginx`
    geo $dcv_agent $dcv_own_path {
        default "";
        ${agents.map(({ host, webUrlPath }) =>
          webUrlPath === undefined ? NOTHING : nginx`${network(host)} "${plainPath(webUrlPath)}";`,
        )}
    }
    map $dcv_agent $dcv_below {
        default $dcv_own_path;
        "" "${byDefault === undefined ? NOTHING : plainPath(byDefault)}";
    }
    map $dcv_below $dcv_returned {
        default $dcv_below;
        "" $dcv_prefix;
    }
  `;
}

/** `/agent1/…`: the address to redirect to. Only looked up where the path holds no address. */
function agentNames(agents: readonly AgentHost[]): NginxText {
  return nginx`
    # The inventory's names lead to the agents' addresses; upper and lower case count.
    map $dcv_segment $dcv_by_name {
        default "";
        ${agents.map((agent) => nginx`${pathSegment(agent.name)} "${address(agent.host)}";`)}
    }
    map $dcv_agent $dcv_named {
        default "";
        "" $dcv_by_name;
    }
    map $dcv_tail $dcv_named_tail {
        default $dcv_tail;
        "" "/$is_args$args";
    }
  `;
}
