import { describe, expect, it } from 'vitest';
import type { HttpAnswer, Probe, WebSocketAnswer } from '../../../src/gateway/probe.ts';
import {
  agentRow,
  defaultRow,
  forbiddenRow,
  http2Row,
  outOfReachRow,
  redirectRow,
  webSocketRow,
} from '../../../src/operations/check-rows.ts';
import { agent } from '../gateway/inventories.ts';

const AGENT = agent('agent1', '10.150.248.180');

function http(
  status: number,
  server: string | undefined,
  refusal?: [stage: string, reason: string],
): Probe<HttpAnswer> {
  return {
    answered: true,
    elapsedMs: 12,
    status,
    server,
    refusal: refusal === undefined ? undefined : { stage: refusal[0], reason: refusal[1] },
  };
}

const SILENT: Probe<never> = {
  answered: false,
  elapsedMs: 10_000,
  stage: 'request',
  reason: 'no answer in 10 s',
};

// A row that blames the wrong side sends somebody to the wrong host.
describe('an agent’s row says where the fault is', () => {
  it.each<[string, Probe<HttpAnswer>, boolean, RegExp, string | undefined]>([
    ['DCV answers', http(200, 'dcv'), true, /^200 from DCV$/, undefined],
    ['nothing comes back', SILENT, false, /^no answer in 10 s$/, undefined],
    [
      'the agent refuses',
      http(502, 'nginx', ['agent', 'x']),
      false,
      /^502: the agent refuses the connection/,
      'dcvops service status agent1',
    ],
    [
      'the agent is silent',
      http(504, 'nginx', ['agent', 'x']),
      false,
      /^504: the agent does not answer the gateway: it is down, or a firewall/,
      'dcvops service status agent1',
    ],
    [
      'the live release is older',
      http(403, 'nginx', ['deny', 'x']),
      false,
      /^403: the live release/,
      'dcvops deploy',
    ],
    [
      'this machine is outside',
      http(403, 'nginx', ['access', 'x']),
      false,
      /^403: gateway\.access\.allow/,
      'add your network to gateway.access.allow, then: dcvops deploy',
    ],
    [
      'DCV does not take the host name',
      http(403, 'dcv'),
      false,
      /allowed-http-host-regex/,
      'dcvops dcv config get agent1 security/allowed-http-host-regex security/allowed-ws-origin-regex',
    ],
    [
      'DCV serves its pages below another path than the inventory says',
      http(404, 'dcv'),
      false,
      /^404 from DCV: .* web_url_path$/,
      'dcvops dcv config get agent1 connectivity/web-url-path',
    ],
    [
      'something else listens there',
      http(200, 'Apache'),
      false,
      /^200 from Apache, which is not DCV$/,
      undefined,
    ],
    [
      'a refusal that is not known',
      http(429, 'nginx', ['access', 'too many requests']),
      false,
      /^429: too many requests$/,
      undefined,
    ],
    ['DCV has trouble', http(500, 'dcv'), false, /^500 from DCV$/, undefined],
  ])('%s', (_, answer, ok, detail, hint) => {
    const row = agentRow(AGENT, answer);
    expect(row).toMatchObject({ name: 'agent agent1', ok, hint });
    expect(row.detail).toMatch(detail);
  });
});

describe('the other rows', () => {
  it('the default route is its agents’, or a refusal where there is none', () => {
    expect(defaultRow([AGENT], http(200, 'dcv'))).toMatchObject({ ok: true });
    expect(defaultRow([AGENT], http(502, 'nginx', ['agent', 'x']))).toMatchObject({
      ok: false,
      hint: 'dcvops service status agent1',
    });
    expect(defaultRow([], http(404, 'nginx', ['nodefault', 'x']))).toMatchObject({ ok: true });
    expect(defaultRow([], http(200, 'dcv'))).toMatchObject({ ok: false, hint: 'dcvops deploy' });
  });

  it('of a pool, each agent is asked for the path of its pages, which is not the inventory’s', () => {
    const other = agent('agent2', '10.150.248.136', { webUrlPath: '/desk' });
    expect(defaultRow([AGENT, other], http(404, 'dcv'))).toMatchObject({
      ok: false,
      hint:
        'dcvops dcv config get agent1 connectivity/web-url-path\n' +
        'dcvops dcv config get agent2 connectivity/web-url-path',
    });
    // the gateway's own 404 says nothing of DCV
    expect(defaultRow([AGENT], http(404, 'nginx', ['nodefault', 'x'])).hint).toBe('dcvops deploy');
  });

  it('the default route leads to one of its agents, where it redirects', () => {
    const other = agent('agent2', '10.150.248.136');
    const found = (location: string): Probe<HttpAnswer> => ({
      ...{ answered: true, elapsedMs: 12, status: 302, server: 'nginx', refusal: undefined },
      location,
    });
    expect(redirectRow([AGENT, other], found('/10.150.248.136/'))).toMatchObject({
      ok: true,
      detail: 'leads to agent2',
    });
    expect(redirectRow([AGENT], found('/10.150.248.136/'))).toMatchObject({
      ok: false,
      hint: 'dcvops deploy',
    });
    expect(redirectRow([AGENT], http(503, 'nginx', ['nodefault', 'x']))).toMatchObject({ ok: false });
    expect(redirectRow([AGENT], SILENT)).toMatchObject({ ok: false });
  });

  it('an agent in maintenance has to be answered for by the gateway', () => {
    const resting = agent('agent1', '10.150.248.180', { state: 'maintenance' });
    expect(agentRow(resting, http(503, 'nginx', ['maintenance', 'x']))).toMatchObject({
      ok: true,
      detail: '503: in maintenance, as the inventory says',
    });
    expect(agentRow(resting, http(200, 'dcv'))).toMatchObject({ ok: false, hint: 'dcvops deploy' });
    expect(agentRow(AGENT, http(503, 'nginx', ['maintenance', 'x']))).toMatchObject({ ok: false });
  });

  it('a WebSocket has to open with subprotocol dcv', () => {
    const answer = (status: number, subprotocol?: string): Probe<WebSocketAnswer> => ({
      answered: true,
      elapsedMs: 1,
      status,
      server: 'dcv',
      refusal: undefined,
      subprotocol,
    });
    expect(webSocketRow(AGENT, answer(101, 'dcv'))).toMatchObject({ ok: true, name: 'websocket agent1' });
    expect(webSocketRow(AGENT, answer(101))).toMatchObject({
      ok: false,
      detail: 'open, but with subprotocol none instead of dcv',
    });
    expect(webSocketRow(AGENT, answer(403)).detail).toMatch(/allowed-ws-origin-regex/);
    expect(webSocketRow(AGENT, answer(404))).toMatchObject({ ok: false, detail: 'no upgrade: 404' });
    expect(webSocketRow(AGENT, SILENT)).toMatchObject({ ok: false });
  });

  it('a forbidden address has to be refused by the gateway itself', () => {
    expect(forbiddenRow('192.0.2.1', http(403, 'nginx', ['deny', 'x']))).toMatchObject({ ok: true });
    // 403 from whatever answers there means that it was reached
    expect(forbiddenRow('192.0.2.1', http(403, 'dcv'))).toMatchObject({ ok: false });
    expect(forbiddenRow('192.0.2.1', http(504, 'nginx', ['agent', 'x']))).toMatchObject({ ok: false });
  });

  it('HTTP/2 has to be offered and to work', () => {
    const answered = { answered: true, elapsedMs: 1 } as const;
    expect(http2Row({ ...answered, offered: true, status: 200 })).toMatchObject({ ok: true });
    expect(http2Row({ ...answered, offered: false, status: undefined })).toMatchObject({ ok: false });
    expect(http2Row({ ...answered, offered: true, status: 500 })).toMatchObject({ ok: false });
  });

  it('a gateway out of reach tells both ways that were tried, and the way on that SSH knows', () => {
    const ssh = { message: 'host key unknown; not logged in', hint: 'dcvops trust gateway' };
    expect(outOfReachRow('gateway', 'connection refused', ssh)).toMatchObject({
      detail: 'no answer from here (connection refused), nor through SSH (host key unknown; not logged in)',
      hint: 'dcvops trust gateway',
    });
    expect(outOfReachRow('gateway', 'x', { message: 'y', hint: undefined }).hint).toBe(
      'dcvops service status gateway',
    );
  });
});
