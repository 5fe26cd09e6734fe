import { DcvopsError } from '../../errors.ts';
import type { AgentHost, GatewaySettings } from '../../inventory/types.ts';
import { NOTHING, type NginxText, identifier, nginx, path, quoted } from '../nginx-text.ts';
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

/** The refusal of addresses without a pin. */
export const UNPINNED = 'unpinned';

/** Where an action is carried out: in its own location, or for a verified agent in that agent's. */
export function places(pinned: readonly PinnedAgent[] | undefined): NginxText {
  if (pinned === undefined) return NOTHING;
  return nginx`
    # ---- Verified agents
    map $dcv_upstream $dcv_pinned_place {
        default ${identifier(UNPINNED)};
        ${pinned.map(({ key }) => nginx`${identifier(key)} ${placeOf(key)};`)}
    }
    map $dcv_action $dcv_place {
        default $dcv_action;
        proxy $dcv_pinned_place;
    }
  `;
}

/** A location for each agent, which dials it and takes no other certificate than its own. */
export function pinnedLocations(
  pinned: readonly PinnedAgent[],
  directives: readonly NginxText[],
): NginxText[] {
  return pinned.map(
    ({ key, pin, file }) => nginx`
      location @dcv_${placeOf(key)} {
          proxy_ssl_verify on;
          proxy_ssl_verify_depth 1;
          proxy_ssl_trusted_certificate ${path(file)};
          proxy_ssl_name ${quoted(pin.name)};
          ${directives}
      }
    `,
  );
}

function placeOf(key: string): NginxText {
  return identifier(`proxy_${key}`);
}
