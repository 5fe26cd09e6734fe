import { DcvopsError } from '../../errors.ts';
import type { AgentHost, GatewaySettings } from '../../inventory/types.ts';
import { type NginxText, identifier, nginx, path, quoted, sections } from '../nginx-text.ts';
import { type Pin, readPinnable } from '../pin.ts';
import { GATEWAY_DIRECTORY, agentKey } from '../state.ts';

/*
 * `verify_agents`: each agent has a location of its own with its certificate as the only one that is trusted, since
 * nginx takes no variable for that. An address without a pin has no location, and is refused.
 */

/** An agent and the certificate that it has to show. */
export interface PinnedAgent {
  readonly key: string;
  readonly pin: Pin;
  /** Where the certificate lies on the proxy. */
  readonly file: string;
}

/**
 * The agents with their pins, in the given order; undefined where the gateway verifies nothing.
 * @throws DcvopsError `inventory` for an agent without one
 */
export function pinnedAgents(
  gateway: GatewaySettings,
  agents: readonly AgentHost[],
): readonly PinnedAgent[] | undefined {
  if (!gateway.verifyAgents) return undefined;
  const missing = agents.filter((agent) => agent.pinned === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    throw new DcvopsError(
      'inventory',
      `gateway.verify_agents is on, and no certificate is pinned for ${missing.join(', ')}.`,
      { hint: `dcvops agent pin ${missing.join(' ')}` },
    );
  }
  return agents.map((agent) => {
    const key = agentKey(agent);
    const pin = readPinnable(agent.pinned ?? '', agent.name);
    return { key, pin, file: `${GATEWAY_DIRECTORY}/pins/${key}.pem` };
  });
}

/** Where an action is carried out: in its own location, or for a verified agent in that agent's. */
export function places(pinned: readonly PinnedAgent[]): NginxText {
  return nginx`
    # ---- Verified agents
    map $dcv_upstream $dcv_pinned_place {
        default unpinned;
        ${pinned.map(({ key }) => nginx`${identifier(key)} ${identifier(`proxy_${key}`)};`)}
    }
    map $dcv_action $dcv_place {
        default $dcv_action;
        proxy $dcv_pinned_place;
    }
  `;
}

/** The agents' locations, and the refusal of every other address. */
export function pinnedLocations(pinned: readonly PinnedAgent[], proxyAnswer: NginxText): NginxText {
  return sections(
    ...pinned.map(
      ({ key, pin, file }) => nginx`
        location @dcv_${identifier(`proxy_${key}`)} {
            proxy_ssl_verify on;
            proxy_ssl_verify_depth 1;
            proxy_ssl_trusted_certificate ${path(file)};
            proxy_ssl_name ${quoted(pin.name)};
            ${proxyAnswer}
        }
      `,
    ),
    nginx`
      location @dcv_unpinned {
          set $dcv_stage unpinned;
          return 403;
      }
    `,
  );
}
