import type { AgentHost } from './types.ts';

/**
 * The path that opens a session through the gateway: with the slash that the viewer's own relative addresses need, and
 * the session's id in the fragment, which no proxy sees.
 */
export function sessionPath(agent: Pick<AgentHost, 'host'>, id: string): string {
  return `/${agent.host}/#${encodeURIComponent(id)}`;
}
