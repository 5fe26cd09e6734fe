import { DcvopsError } from '../../errors.ts';
import {
  type NginxFacts,
  type Version,
  nginxFactsScript,
  parseNginxFacts,
} from '../../gateway/nginx-facts.ts';
import { renderGateway } from '../../gateway/render.ts';
import type { RenderedGateway } from '../../gateway/rendered.ts';
import type { Inventory, ProxyHost } from '../../inventory/types.ts';
import type { Remote } from '../../ssh/remote.ts';

/** What is assumed of a proxy that isn't asked: Debian 12's versions. */
export const ASSUMED_NGINX: Version = [1, 22, 1];
export const ASSUMED_OPENSSL: Version = [3, 0, 0];

/** An nginx that nobody was asked about, with everything compiled in. */
export function assumedFacts(
  version: Version = ASSUMED_NGINX,
  openssl: Version = ASSUMED_OPENSSL,
): NginxFacts {
  return {
    version,
    openssl,
    modules: { ssl: true, http2: true, stubStatus: true, realip: true },
    hasIPv6: true,
    ownAddresses: [],
  };
}

/**
 * Reads what a rendering depends on from the proxy, in one round trip. Nothing there is changed.
 * @throws DcvopsError `failed` when nginx isn't installed
 */
export async function readNginxFacts(remote: Remote): Promise<NginxFacts> {
  const { stdout } = await remote.run(nginxFactsScript);
  const facts = parseNginxFacts(stdout);
  if (facts !== undefined) return facts;
  throw new DcvopsError('failed', 'nginx is not installed', {
    host: remote.name,
    hint: 'dcvops deploy --prepare-host\nor, to see what would be deployed: dcvops render --offline',
  });
}

/** Renders a proxy's gateway as `deploy` would. */
export function renderFor(inventory: Inventory, proxy: ProxyHost, nginx: NginxFacts): RenderedGateway {
  const { gateway, agents, sessions } = inventory;
  return renderGateway({ gateway, agents, proxy, sessionId: sessions.id, nginx });
}
