/* What both of nginx's access logs need. */

/** The part of a request's target before its query. */
export function withoutQuery(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** A request in words: `GET /10.150.248.180/ 200`. */
export function requestInWords(method: string, path: string, status: number): string {
  return method === '' ? `${path} ${status}` : `${method} ${path} ${status}`;
}

const AGENT_IN_PATH =
  /^\/(?:((?:\d{1,3}\.){3}\d{1,3})|([0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})|(?:\[|%5b)([0-9a-f:]{2,39})(?:\]|%5d))(?:\/|$)/i;

/** The agent's address that a path begins with, as the gateway reads it (gateway/config/request.ts); '' for none. */
export function agentOfPath(path: string): string {
  const found = AGENT_IN_PATH.exec(path);
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? '';
}
