import type { AgentHost } from '../inventory/types.ts';
import { canonicalAddress } from './addresses.ts';

/*
 * What changes on a proxy without a deploy: who may log in, which agents are down or in maintenance. It lies below
 * /etc/nginx, where SELinux lets nginx read and where `nginx -t` of a candidate sees it, outside of every release, of
 * drift and of rollback. nginx's workers look for these files at each request, so most changes need no reload.
 */

/** Everything that nginx reads of a gateway beside its configuration file: `pages` of the release, and `state`. */
export const GATEWAY_DIRECTORY = '/etc/nginx/dcv-gateway';

/** State, never part of a release. Root's, 0755; what is secret in it is 0640 and nginx's group's. */
export const STATE_FILES = `${GATEWAY_DIRECTORY}/state`;

/** Why the gateway treats an agent otherwise than in service; a file `STATE_FILES/MARK/KEY` says so for one agent. */
export type AgentMark = 'maintenance' | 'draining' | 'down';

export const AGENT_MARKS: readonly AgentMark[] = ['maintenance', 'draining', 'down'];

/**
 * An agent's name in nginx's configuration and in the names of its state files: `dcv_10_150_248_180`. The colons of
 * IPv6 become underscores too, which keeps canonical addresses apart.
 */
export function agentKey(agent: Pick<AgentHost, 'host'>): string {
  return `dcv_${canonicalAddress(agent.host).replace(/[.:]/g, '_')}`;
}

/** The address in an {@link agentKey}: four decimal numbers are IPv4. Pure. */
export function addressOfKey(key: string): string {
  const parts = key.replace(/^dcv_/, '').split('_');
  const isIPv4 = parts.length === 4 && parts.every((part) => /^[0-9]+$/.test(part));
  return parts.join(isIPv4 ? '.' : ':');
}
