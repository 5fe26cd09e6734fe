import type { AgentHost, GatewaySettings } from '../../inventory/types.ts';
import { NOTHING, type NginxText, nginx } from '../nginx-text.ts';
import { closedAgents } from './access.ts';

/**
 * Room for the names of variables, where settings add some to those of every gateway: in its own default of 1024 buckets
 * of 64 bytes, nginx can't place them all and warns. Left out where that is enough, since a host's nginx.conf may have
 * these directives, which nginx takes only once.
 */
export function roomForVariables(
  { access, defaultBy, portal }: GatewaySettings,
  agents: readonly AgentHost[],
): NginxText {
  const adds = [
    access.basic,
    access.realIpFrom.length > 0,
    defaultBy === 'redirect',
    portal,
    closedAgents(agents).length > 0,
  ];
  if (!adds.includes(true)) return NOTHING;
  return nginx`
    variables_hash_max_size 8192;
    variables_hash_bucket_size 128;
  `;
}
