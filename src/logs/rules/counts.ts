import type { WatchSettings } from '../../inventory/types.ts';
import { isFailedLogin, isHandshake, isUpstreamFailure, servingAgent, tlsFailure } from '../access-facts.ts';
import type { Access } from '../record.ts';
import { createCountRule } from './count-rule.ts';
import type { Rule } from './rule.ts';
import { clientSubject } from './subjects.ts';

/** Answers of 401, 403, 404 and 429 to one client: somebody guesses a password, or looks for what is there. */
export function deniedRule({ denied: threshold, windowMs }: WatchSettings): Rule {
  return createCountRule({
    name: 'denied',
    threshold,
    windowMs,
    subjectOf: ({ access }) =>
      access !== undefined && isDenied(access) ? clientSubject(access.client) : undefined,
    describe: (client, count) => ({
      what: `${client} was refused ${count} times (401, 403, 404, 429)`,
      lookAt: `dcvops logs --client ${client} --status 4xx`,
    }),
  });
}

/** What a browser asks for by itself, also where there is none. */
const ICON = /\/(?:favicon\.ico|apple-touch-icon[^/]*\.png)$/;

function isDenied(access: Access): boolean {
  switch (access.status) {
    case 401:
      return isFailedLogin(access);
    case 404:
      return !ICON.test(access.path);
    case 403:
    case 429:
      return true;
    default:
      return false;
  }
}

/**
 * WebSockets that one client began within the window and that are over already, refused or closed. A desktop's are logged when
 * they close, after hours: so an office that goes home at five is no burst, and neither is a proxy's restart.
 */
export function handshakesRule({ handshakes: threshold, windowMs }: WatchSettings): Rule {
  // a log that tells no durations has those that were opened for hours among them
  const isShort = ({ status, durationMs }: Access): boolean =>
    durationMs === undefined ? status !== 101 : durationMs < windowMs;
  return createCountRule({
    name: 'handshakes',
    threshold,
    windowMs,
    subjectOf: (record) =>
      record.access !== undefined && isHandshake(record) && isShort(record.access)
        ? clientSubject(record.access.client)
        : undefined,
    describe: (client, count) => ({
      what: `${client} began ${count} WebSockets that were refused or closed at once`,
      lookAt: `dcvops logs --client ${client}`,
    }),
  });
}

/** Answers of 502 and 504 in the place of one agent: it does not run, or the proxy cannot reach it. */
export function upstreamFailuresRule({ upstreamFailures: threshold, windowMs }: WatchSettings): Rule {
  return createCountRule({
    name: 'upstream_failures',
    threshold,
    windowMs,
    subjectOf: ({ access }) =>
      access !== undefined && isUpstreamFailure(access) ? servingAgent(access) : undefined,
    describe: (agent, count) => ({
      what: `agent ${agent} did not answer ${count} requests (502, 504)`,
      lookAt: 'dcvops check',
    }),
  });
}

/** TLS handshakes of one client that failed: something else than a browser speaks to the port. */
export function tlsErrorsRule({ tlsErrors: threshold, windowMs }: WatchSettings): Rule {
  return createCountRule({
    name: 'tls_errors',
    threshold,
    windowMs,
    subjectOf: (record) => {
      const failure = tlsFailure(record);
      return failure === undefined ? undefined : clientSubject(failure.client);
    },
    describe: (client, count) => ({
      what: `${client} failed ${count} TLS handshakes`,
      lookAt: `dcvops logs --source error --client ${client}`,
    }),
  });
}
