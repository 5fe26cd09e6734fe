import { readAddress } from '../inventory/addresses.ts';
import type { Access, LogRecord } from './record.ts';

/*
 * What a request to the gateway comes to, for everything that counts requests.
 */

/** Asked for a WebSocket, whether it got one or not. */
export function isHandshake({ access, fields }: LogRecord): boolean {
  return access !== undefined && (access.webSocket || fields['ws'] === 'websocket');
}

/**
 * Somebody gave a wrong password. A 401 without a user is no failed login: every browser asks without a password first, and
 * then shows its window.
 */
export function isFailedLogin({ status, user, upstreamStatus }: Access): boolean {
  return status === 401 && (user !== '' || upstreamStatus === 401);
}

/** No agent answered: nginx could not connect, or waited in vain. */
export function isUpstreamFailure({ status }: Access): boolean {
  return status === 502 || status === 504;
}

/** An agent answered, whatever it said. Logs without the agent's status (combined) tell by nginx's own. */
export function isAnswered(access: Access): boolean {
  if (isUpstreamFailure(access)) return false;
  if (access.upstreamStatus !== undefined) return true;
  return access.action === '' && access.status > 100 && access.status < 400;
}

/** The agent that a request was for, as the URL had it, canonical; '' for none. */
export function askedAgent({ agent }: Access): string {
  if (!agent.includes(':')) return agent;
  const reading = readAddress(agent);
  return 'value' in reading ? reading.value : agent;
}

/** The agent that a request was passed to; of several that nginx tried, the last. Undefined when it was passed to none. */
export function servingAgent(access: Access): string | undefined {
  const { action, upstream } = access;
  if (action !== '' && action !== 'proxy') return undefined;
  const asked = askedAgent(access);
  if (asked !== '') return asked;
  // `10.0.0.5:8443, 10.0.0.6:8443`, and ` : ` after an internal redirect
  const last = /(?:^|[ ,])\[?([0-9a-f.:]+?)\]?:\d+$/i.exec(upstream)?.[1];
  return last === undefined || last === '' ? undefined : last;
}

/**
 * nginx's words for a client's TLS handshake that failed. Most are of level info (ngx_ssl_connection_error), which an
 * error_log of level warn does not hold.
 */
const TLS_FAILURE =
  /^(?:SSL_do_handshake\(\) failed|peer closed connection in SSL handshake|client sent plain HTTP request to HTTPS port)/;

/** `(SSL: error:0A00006C:SSL routines::bad key share)`; a function may stand between the two colons, more behind the reason. */
const REASON = /\(SSL: error:[^:)]*:[^:)]*:[^:)]*:([^:)]+)/;

/** A client's TLS handshake that failed: whose, and in OpenSSL's words why. Undefined for every other record. */
export function tlsFailure({
  access,
  message,
  fields,
}: LogRecord): { client: string; reason: string } | undefined {
  const failure = access === undefined ? TLS_FAILURE.exec(message)?.[0] : undefined;
  const client = fields['client'];
  // between the gateway and an agent it is the agent's failure: a 502
  if (
    failure === undefined ||
    typeof client !== 'string' ||
    message.includes('SSL handshaking to upstream')
  ) {
    return undefined;
  }
  const reason = REASON.exec(message)?.[1];
  return { client, reason: reason ?? failure };
}
