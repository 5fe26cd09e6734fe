import { describe, expect, it } from 'vitest';
import { parseNginxJson } from '../../../../src/logs/formats/nginx-json.ts';

const UTC = { utcOffsetMinutes: 0 };

const REQUEST = {
  ts: '2026-11-25T12:49:13+00:00',
  msec: 1764074953.123,
  id: 'f3b1c3f0a1b2c3d4e5f60718293a4b5c',
  pid: 1234,
  client: '10.213.4.7',
  user: 'jane',
  method: 'GET',
  uri: '/10.150.248.180/main.js?-',
  status: '200',
  action: 'proxy',
  stage: 'agent',
  agent: '10.150.248.180',
  ws: '',
  upstream: '10.150.248.180:8443',
  up_status: '200',
  up_connect: '0.002',
  up_sent: '812',
  time: 0.013,
  sent: 12800,
  limit_req: 'PASSED',
  limit_conn: '',
  ua: 'Mozilla/5.0',
};

function request(more: object) {
  return parseNginxJson(JSON.stringify({ ...REQUEST, ...more }), UTC);
}

describe("the gateway's access log", () => {
  it('is understood in full', () => {
    expect(request({})).toEqual({
      timeUs: 1764074953123000,
      level: 'info',
      component: undefined,
      message: 'GET /10.150.248.180/main.js 200',
      fields: REQUEST,
      access: {
        client: '10.213.4.7',
        user: 'jane',
        method: 'GET',
        path: '/10.150.248.180/main.js',
        status: 200,
        agent: '10.150.248.180',
        upstream: '10.150.248.180:8443',
        action: 'proxy',
        stage: 'agent',
        webSocket: false,
        durationMs: 13,
        connectMs: 2,
        upstreamStatus: 200,
        sentBytes: 12800,
        receivedBytes: 812,
        limited: undefined,
        userAgent: 'Mozilla/5.0',
      },
    });
  });

  it.each([
    ['a desktop that was open', { status: '101', ws: 'websocket' }, { status: 101, webSocket: true }],
    ['an answer 101 to something else', { status: '101', ws: '' }, { webSocket: false }],
    ['an aborted HTTP/2 stream', { status: '000' }, { status: 0 }],
    [
      'a request that went nowhere',
      { upstream: '', up_status: '', up_connect: '', up_sent: '' },
      { upstream: '', upstreamStatus: undefined, connectMs: undefined, receivedBytes: undefined },
    ],
    [
      'a second try',
      { upstream: 'a:1, b:2', up_status: '502, 200', up_connect: '-, 0.004', up_sent: '0, 7' },
      { upstream: 'a:1, b:2', upstreamStatus: 200, connectMs: 4, receivedBytes: 7 },
    ],
    ['a redirect within nginx', { up_status: '502 : 200', up_connect: '0.001 : 0.005' }, { connectMs: 5 }],
    ['an agent that was not connected to', { up_status: '502', up_connect: '-' }, { connectMs: undefined }],
    ['a refusal by a limit', { limit_req: 'PASSED', limit_conn: 'REJECTED' }, { limited: 'REJECTED' }],
    ['a delay by a limit', { limit_req: 'DELAYED' }, { limited: 'DELAYED' }],
    ['a dry run of a limit', { limit_req: 'REJECTED_DRY_RUN' }, { limited: undefined }],
    [
      'keys of another version',
      { action: undefined, time: undefined },
      { action: '', durationMs: undefined },
    ],
    ['values of another type', { user: 7, status: null, up_status: [] }, { user: '', status: 0 }],
  ])('tells of %s', (_what, more, access) => {
    expect(request(more).access).toMatchObject(access);
  });

  it.each([
    ['200', 'info'],
    ['101', 'info'],
    ['499', 'info'],
    ['000', 'info'],
    ['404', 'warn'],
    ['502', 'error'],
  ])('takes status %s for %s', (status, level) => {
    expect(request({ status }).level).toBe(level);
  });
});

describe('JSON lines of other programs', () => {
  it.each<[string, object]>([
    [
      '{"time":"2026-11-25T12:49:13.5Z","level":"WARN","msg":"hello","component":"x"}',
      { timeUs: 1795610953500000, level: 'warn', message: 'hello', component: 'x' },
    ],
    ['{"ts":1764074953.25,"message":"m"}', { timeUs: 1764074953250000, message: 'm', level: undefined }],
    ['{"time":1764074953123,"level":50,"msg":"m"}', { timeUs: 1764074953123000, level: 'error' }],
    ['{"timestamp":1764074953123456789,"level":4}', { timeUs: 1764074953123457, level: 'warn' }],
    ['{"@timestamp":"soon","level":{},"msg":7}', { timeUs: undefined, level: undefined }],
    [
      '{"a":{"b":[1]},"c":null}',
      { fields: { a: '{"b":[1]}', c: null }, message: '{"a":{"b":[1]},"c":null}' },
    ],
    ['{}', { message: '{}', fields: {} }],
  ])('%s', (line, entry) => {
    expect(parseNginxJson(line, UTC)).toMatchObject({ ...entry, access: undefined });
  });

  it.each(['{"msec":1,', '{', '[1]', 'null', '"text"', 'plain', '{"a":1}}'])('takes %j for text', (line) => {
    expect(parseNginxJson(line, UTC)).toMatchObject({ message: line, access: undefined });
  });

  it('is not stopped by JSON that is nested a hundred thousand times', () => {
    const line = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(() => parseNginxJson(line, UTC)).not.toThrow();
  });
});
