import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SummaryOptions, formatSummary } from '../../../src/logs/format-summary.ts';
import type { Access, LogRecord } from '../../../src/logs/record.ts';
import { type Summary, createSummary } from '../../../src/logs/summary.ts';
import { createPercentiles } from '../../../src/logs/summary/percentiles.ts';
import { createTally } from '../../../src/logs/summary/tally.ts';
import { createStyle } from '../../../src/report/style.ts';
import { FIRST_DAY_US, normalDays, request, tlsError } from './normal-day.ts';

const SECOND = 1_000_000;
const [AGENT1, AGENT2] = ['10.150.248.180', '10.150.248.136'];

function summaryOf(records: readonly LogRecord[]): Summary {
  const summary = createSummary();
  for (const record of records) summary.add(record);
  return summary.result();
}

/** Requests a second apart. */
function requests(...all: readonly (Partial<Access> & { readonly ws?: string })[]): LogRecord[] {
  return all.map(({ ws, ...access }, index) =>
    request(FIRST_DAY_US + index * SECOND, { client: '10.0.0.1', agent: AGENT1, ...access }, ws),
  );
}

function socket(endSeconds: number, lengthSeconds: number, given: Partial<Access> = {}): LogRecord {
  return request(FIRST_DAY_US + endSeconds * SECOND, {
    client: '10.0.0.1',
    agent: AGENT1,
    path: `/${AGENT1}/ws`,
    status: 101,
    webSocket: true,
    durationMs: lengthSeconds * 1000,
    ...given,
  });
}

describe('a summary', () => {
  it('of nothing is all zeros, and says nothing of what no record told', () => {
    const nothing = { total: 0, names: 0, namesAreAtLeast: false, top: [] };
    expect(summaryOf([])).toEqual({
      firstUs: null,
      lastUs: null,
      requests: 0,
      clients: { count: 0, isAtLeast: false },
      sessions: { count: 0, webSockets: 0, lengthMs: null },
      sentBytes: 0,
      receivedBytes: 0,
      statuses: [],
      statusClasses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, aborted: 0 },
      agents: [],
      slowestAgents: [],
      otherAgentsRequests: 0,
      errors: [],
      refusedAddresses: nothing,
      failedLogins: nothing,
      failedHandshakes: nothing,
      tlsErrors: nothing,
      tlsReasons: nothing,
    });
  });

  it('counts requests, clients, bytes and statuses, and tells from when to when', () => {
    const { firstUs, lastUs, clients, sentBytes, receivedBytes, statuses, statusClasses } = summaryOf(
      requests(
        { client: '10.0.0.1', sentBytes: 100, receivedBytes: 1 },
        { client: '10.0.0.2', sentBytes: 10, receivedBytes: undefined, status: 304 },
        { client: '10.0.0.1', sentBytes: undefined, receivedBytes: 3, status: 502 },
        { status: 0 },
      ),
    );
    expect({ firstUs, lastUs, clients, sentBytes, receivedBytes }).toEqual({
      firstUs: FIRST_DAY_US,
      lastUs: FIRST_DAY_US + 3 * SECOND,
      clients: { count: 2, isAtLeast: false },
      sentBytes: 4110,
      receivedBytes: 4,
    });
    expect(statuses).toEqual([0, 200, 304, 502].map((status) => ({ status, count: 1 })));
    expect(statusClasses).toEqual({ '1xx': 0, '2xx': 1, '3xx': 1, '4xx': 0, '5xx': 1, aborted: 1 });
  });

  it('tells of each agent how much it is used and how fast it is', () => {
    const { agents, slowestAgents } = summaryOf([
      ...requests(
        { agent: AGENT1, durationMs: 10, connectMs: 1 },
        { agent: AGENT1, durationMs: 20, connectMs: 2 },
        { agent: AGENT1, durationMs: 30, connectMs: 9, status: 504, upstreamStatus: 504 },
        { agent: '', upstream: `${AGENT1}:8443, ${AGENT2}:8443`, durationMs: 90 },
        { agent: 'FD00:0::5', upstream: '[fd00::5]:8443', durationMs: undefined, connectMs: undefined },
      ),
      socket(100, 3600),
    ]);
    expect(
      agents.map(({ agent, requests: count, failures, connectMs, responseMs }) => [
        ...[agent, count, failures, connectMs?.p95, responseMs?.p50],
      ]),
    ).toEqual([
      [AGENT1, 4, 1, 9, 20],
      [AGENT2, 1, 0, 1, 90],
      ['fd00::5', 1, 0, undefined, undefined],
    ]);
    expect(agents[0]?.sessions).toMatchObject({ count: 1, webSockets: 1 });
    expect(slowestAgents.map(({ agent }) => agent)).toEqual([AGENT2, AGENT1]);
  });

  it('blames no agent for what the gateway did by itself', () => {
    const { agents, errors } = summaryOf(
      requests(
        { action: 'deny', status: 403, upstream: '' },
        { action: 'maint', status: 503, upstream: '' },
        { action: 'deny', status: 403, upstream: '' },
        { status: 502 },
      ),
    );
    expect(agents.map(({ agent, requests: count }) => [agent, count])).toEqual([[AGENT1, 1]]);
    expect(errors).toEqual([
      { action: 'deny', status: 403, count: 2 },
      { action: 'proxy', status: 502, count: 1 },
      { action: 'maint', status: 503, count: 1 },
    ]);
  });

  it('names refused addresses, clients with wrong passwords, and handshakes that failed', () => {
    const { refusedAddresses, failedLogins, failedHandshakes } = summaryOf(
      requests(
        ...Array.from({ length: 12 }, (_, index) => ({
          agent: `10.9.9.${index}`,
          action: 'deny',
          status: 403,
        })),
        { agent: '10.9.9.7', action: 'deny', status: 403 },
        // a browser asks without a password first
        { status: 401, user: '', upstreamStatus: undefined },
        { status: 401, user: 'admin', upstreamStatus: undefined },
        { status: 403, ws: 'websocket' },
        { status: 101, webSocket: true },
      ),
    );
    expect(refusedAddresses).toMatchObject({ total: 13, names: 12, namesAreAtLeast: false });
    expect(refusedAddresses.top).toHaveLength(10);
    expect(refusedAddresses.top[0]).toEqual({ name: '10.9.9.7', count: 2 });
    expect(failedLogins).toMatchObject({ total: 1, top: [{ name: '10.0.0.1', count: 1 }] });
    expect(failedHandshakes).toMatchObject({ total: 1, top: [{ name: '403', count: 1 }] });
  });

  it.each([
    [
      'SSL_do_handshake() failed (SSL: error:0A00006C:SSL routines::bad key share) while SSL handshaking, client: 10.0.0.9',
      'bad key share',
    ],
    [
      'SSL_do_handshake() failed (SSL: error:0A000416:SSL routines::sslv3 alert certificate unknown:SSL alert number 46) while SSL handshaking, client: 10.0.0.9',
      'sslv3 alert certificate unknown',
    ],
    [
      'peer closed connection in SSL handshake (104: Connection reset by peer) while SSL handshaking, client: 10.0.0.9',
      'peer closed connection in SSL handshake',
    ],
    [
      'SSL_do_handshake() failed (SSL: error:1) while SSL handshaking to upstream, client: 10.0.0.9',
      undefined,
    ],
    [
      'open() "/SSL_do_handshake() failed" failed (2: No such file or directory), client: 10.0.0.9',
      undefined,
    ],
  ])('says why TLS failed: %s', (message, reason) => {
    const { tlsErrors, tlsReasons } = summaryOf([{ ...tlsError(FIRST_DAY_US, '10.0.0.9'), message }]);
    expect(tlsErrors.top).toEqual(reason === undefined ? [] : [{ name: '10.0.0.9', count: 1 }]);
    expect(tlsReasons.top).toEqual(reason === undefined ? [] : [{ name: reason, count: 1 }]);
  });

  it('is plain data: JSON loses nothing of it', () => {
    const summary = summaryOf(normalDays(1, 1));
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it('may be asked for while it grows', () => {
    const summary = createSummary();
    summary.add(socket(10, 5));
    const early = summary.result();
    summary.add(socket(11, 50));
    expect(early.sessions).toEqual({ count: 1, webSockets: 1, lengthMs: { p50: 5017, p95: 5017 } });
    expect(summary.result().sessions).toMatchObject({ count: 1, webSockets: 2 });
  });
});

describe('sessions: a desktop is ten WebSockets', () => {
  it.each<[string, LogRecord[], number]>([
    ['that close together', [socket(100, 99), socket(101, 98), socket(109, 3)], 1],
    ['that close minutes apart are two', [socket(100, 99), socket(161, 3)], 2],
    ['of two clients are two', [socket(100, 99), socket(100, 99, { client: '10.0.0.2' })], 2],
    ['of two browsers are two', [socket(100, 99), socket(100, 99, { userAgent: 'curl' })], 2],
    ['to two agents are two', [socket(100, 99), socket(100, 99, { agent: AGENT2 })], 2],
    ['on /auth are a login, not a session', [socket(3, 2, { path: `/${AGENT1}/auth` }), socket(100, 99)], 1],
    ['that were refused are none', [socket(3, 0, { status: 403, webSocket: false })], 0],
  ])('%s', (_, records, expected) => {
    expect(summaryOf(records).sessions.count).toBe(expected);
  });

  it('that is as long as the longest of them', () => {
    const { lengthMs } = summaryOf([socket(100, 20), socket(101, 99), socket(102, 3)]).sessions;
    expect(lengthMs?.p50).toBeCloseTo(99_000, -3);
    expect(lengthMs?.p95).toBe(lengthMs?.p50);
  });
});

describe('percentiles', () => {
  it('are within 1 % of the exact ones, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 1e9 })), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const percentiles = createPercentiles();
          for (const value of values) percentiles.add(value);
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(share * values.length)) - 1] ?? NaN;
          expect(Math.abs((percentiles.at(share) ?? NaN) - exact)).toBeLessThanOrEqual(exact / 100);
        },
      ),
    );
  });

  it('forget what is taken back', () => {
    const percentiles = createPercentiles();
    percentiles.add(5000);
    percentiles.add(7);
    percentiles.remove(5000);
    expect(percentiles.at(1)).toBe(7);
    percentiles.remove(7);
    expect(percentiles.at(0.5)).toBeNull();
  });
});

describe('a tally: strangers choose the names', () => {
  it('tells no more names apart than its limit, and says so', () => {
    const tally = createTally(3);
    for (const name of ['a', 'b', 'b', 'c', 'd', 'e', 'a', 'b']) tally.add(name);
    expect(tally.ranking(2)).toEqual({
      total: 8,
      names: 3,
      namesAreAtLeast: true,
      top: [
        { name: 'b', count: 3 },
        { name: 'a', count: 2 },
      ],
    });
  });
});

describe('the summary for people', () => {
  const NAMES = new Map([[AGENT2, 'agent2']]);
  const options: SummaryOptions = {
    style: createStyle(false),
    utc: true,
    nameOfAgent: (address) => NAMES.get(address),
  };

  it('says what there is', () => {
    const records = [
      ...requests(
        { durationMs: 12 },
        { agent: AGENT2, durationMs: 900, connectMs: 700 },
        { agent: AGENT2, status: 502, upstreamStatus: 502 },
        { agent: '10.9.9.9', action: 'deny', status: 403, upstream: '' },
      ),
      socket(9000, 8000, { sentBytes: 1_210_000_000, receivedBytes: 4_500_000 }),
      tlsError(FIRST_DAY_US, '10.0.0.9'),
    ];
    expect(formatSummary(summaryOf(records), options)).toBe(
      `2026-11-23 00:00:00 to 2026-11-23 02:30:00 UTC
5 requests from 1 client
1 session ended (1 WebSocket): half of them within 2 h 13 min, 95 % within 2 h 13 min
1.21 GB to clients, 4.5 MB from them
1xx: 1   2xx: 2   4xx: 1 (403: 1)   5xx: 1 (502: 1)

AGENT   ADDRESS         REQUESTS  SESSIONS  LENGTH P50  P95         SENT     RECEIVED  5XX
agent2  10.150.248.136  2         0         -           -           8 kB     0 B       1
-       10.150.248.180  2         1         2 h 13 min  2 h 13 min  1.21 GB  4.5 MB    0

How fast agents answer, the slowest first
AGENT   ADDRESS         RESPONSE P50  P95     CONNECT P95
agent2  10.150.248.136  4 ms          897 ms  700 ms
-       10.150.248.180  12 ms         12 ms   1 ms

Errors
STATUS  ACTION  REQUESTS  MEANING
403     deny    1         an address that the gateway does not serve
502     proxy   1         for an agent that the gateway serves

Addresses that the gateway refused: 1
ADDRESS   COUNT
10.9.9.9  1

TLS handshakes that failed: 1
CLIENT    COUNT
10.0.0.9  1

Why they failed: 1
REASON         COUNT
bad key share  1
`,
    );
  });

  it('fits 100 columns on a normal day', () => {
    const text = formatSummary(summaryOf(normalDays(1, 1)), options);
    const longest = Math.max(...text.split('\n').map((line) => line.length));
    expect(longest).toBeGreaterThan(80);
    expect(longest).toBeLessThanOrEqual(100);
  });

  it('says so when there were no requests', () => {
    expect(formatSummary(summaryOf([]), options)).toBe('no requests\n');
  });

  it('obeys nothing that a log holds', () => {
    const records = requests({ status: 401, user: 'x', client: '\u001b[2J' });
    expect(formatSummary(summaryOf(records), options)).not.toContain('\u001b');
  });
});
