import type { Access, LogRecord } from '../../../src/logs/record.ts';

/** 2026-11-25 12:49:13.123456 UTC. */
export const SAMPLE_TIME_US = Date.UTC(2026, 10, 25, 12, 49, 13, 123) * 1000 + 456;

/** A line of an agent's server log, but for what is given. */
export function sampleRecord(given: Partial<LogRecord> = {}): LogRecord {
  return {
    timeUs: SAMPLE_TIME_US,
    level: 'info',
    component: 'frontend-handler',
    message: 'Client connected',
    fields: {},
    access: undefined,
    host: 'agent1',
    source: 'dcv',
    file: '/var/log/dcv/server.log',
    raw: given.message ?? 'Client connected',
    ...given,
  };
}

/** A page that a client got from agent1 through the gateway, but for what is given. */
export function sampleAccess(given: Partial<Access> = {}): LogRecord {
  return sampleRecord({
    level: undefined,
    component: undefined,
    message: 'GET /index.html 200',
    host: 'gateway',
    source: 'access',
    file: '/var/log/nginx/dcv-access.log',
    access: {
      client: '10.213.0.10',
      user: '',
      method: 'GET',
      path: '/10.150.248.180/index.html',
      status: 200,
      agent: '10.150.248.180',
      upstream: '10.150.248.180:8443',
      action: 'proxy',
      stage: 'agent',
      webSocket: false,
      durationMs: 12,
      connectMs: 1,
      upstreamStatus: 200,
      sentBytes: 4500,
      receivedBytes: 0,
      limited: undefined,
      userAgent: 'Mozilla/5.0',
      ...given,
    },
  });
}
