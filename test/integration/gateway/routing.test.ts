import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AUTHORITY,
  CLIENT,
  type Protocol,
  type Question,
  type RawResponse,
  type TestGateway,
  ask,
  startGateway,
} from './gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const PROTOCOLS: readonly Protocol[] = ['http/1.1', 'h2'];

/** What reached agents, byte for byte but for the request's id, which is made up by nginx. */
function reached(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(gateway.received()).map(([name, bytes]) => [
      name,
      bytes.replace(/^X-Request-ID: [0-9a-f]{32}\r$/m, 'X-Request-ID: ID\r'),
    ]),
  );
}

/** All that an agent gets of a request without headers of its own. */
function requestFor(path: string, prefix: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${AUTHORITY}`,
    `X-Real-IP: ${CLIENT}`,
    `X-Forwarded-For: ${CLIENT}`,
    'X-Forwarded-Proto: https',
    `X-Forwarded-Host: ${AUTHORITY}`,
    ...(prefix === '' ? [] : [`X-Forwarded-Prefix: ${prefix}`]),
    'X-Request-ID: ID',
    'X-DCV-Gateway: 1',
    '',
    '',
  ].join('\r\n');
}

/** Asks, and expects that nobody but the gateway itself hears of it. */
async function askInVain(target: string, question: Question = {}): Promise<RawResponse> {
  const connections = gateway.connections();
  const response = await ask(gateway, target, question);
  expect(reached()).toEqual({});
  expect(gateway.connections()).toBe(connections);
  return response;
}

// A changed byte breaks DCV's resource paths (base64 in them) and logins (tokens in the query); a changed address is
// somebody else's desktop.
describe.each(PROTOCOLS)('over %s, a path that begins with an agent’s address', (protocol) => {
  it.each([
    ['/10.150.248.180/', 'agent1', '/'],
    ['/10.150.248.136/', 'agent2', '/'],
    ['/10.150.248.77/x', 'unlisted', '/x'],
    ['/10.150.248.180/version', 'agent1', '/version'],
    ['/10.150.248.180/?authToken=s3cret&x=%2F', 'agent1', '/?authToken=s3cret&x=%2F'],
    ['/10.150.248.180/resource/file/ZGVz+aw==/7?token=a/b', 'agent1', '/resource/file/ZGVz+aw==/7?token=a/b'],
    ['/10.150.248.180/a%2Fb%20c', 'agent1', '/a%2Fb%20c'],
    ['/10.150.248.180//double//slash/', 'agent1', '//double//slash/'],
    ['/10.150.248.180/./x', 'agent1', '/./x'],
    ['/10.150.248.180/../10.150.248.136/x', 'agent1', '/../10.150.248.136/x'],
    ['/10.150.248.180/%2e%2e/10.150.248.136/x', 'agent1', '/%2e%2e/10.150.248.136/x'],
    ['/10.150.248.180/a%0d%0aX-Injected:%201', 'agent1', '/a%0d%0aX-Injected:%201'],
    [
      '/10.150.248.180/a%20HTTP/1.1%0d%0a%0d%0aGET%20/second',
      'agent1',
      '/a%20HTTP/1.1%0d%0a%0d%0aGET%20/second',
    ],
    ['/10.150.248.180/a|b', 'agent1', '/a|b'],
    ['/10.150.248.180/{x}$1;$uri', 'agent1', '/{x}$1;$uri'],
    ['/10.150.248.180/#fragment', 'agent1', '/#fragment'],
    ['/10.150.248.180/@10.150.249.1/', 'agent1', '/@10.150.249.1/'],
    ['/fd00:150::5/x', 'six', '/x'],
    ['/[fd00:150::5]/x', 'six', '/x'],
    ['/%5Bfd00:150::5%5D/x', 'six', '/x'],
    ['/FD00:150:0:0::5/x', 'six', '/x'],
    ['/fd00:0150:0000:0000:0000:0000:0000:0005/x', 'six', '/x'],
    ['/::ffff:0a96:f8b4/x', 'agent1', '/x'],
  ])('%s reaches that agent, byte for byte', async (target, agentName, path) => {
    const response = await ask(gateway, target, { protocol });
    expect(response).toMatchObject({ status: 200, headers: { server: 'dcv', 'x-agent': agentName } });
    const prefix = target.slice(0, target.length - path.length);
    expect(reached()).toEqual({ [agentName]: requestFor(path, prefix) });
  });

  it('reaches that agent even with a byte that no URL has, which the agent then refuses', async () => {
    const response = await ask(gateway, '/10.150.248.180/\xff', { protocol });
    expect(response).toMatchObject({ status: 400, headers: { server: 'dcv' } });
    expect(reached()).toEqual({ agent1: requestFor('/\xff', '/10.150.248.180') });
  });
});

describe.each(PROTOCOLS)('over %s, any other path', (protocol) => {
  it.each([
    '/',
    '/?authToken=s3cret',
    '/auth',
    '/js/main.js',
    '/x/10.150.248.136/',
    '//10.150.248.136/x',
    '/10.150.248.136%2Fx',
    '/10.150.248.136;x/',
    '/10.150.248.136@10.150.249.1/',
    '/10.150.248.136\\@10.150.249.1/',
    '/2130706433/',
    '/health/',
    '/AGENT2/',
    '/agent%32/',
  ])('%s reaches the default agent, byte for byte', async (target) => {
    expect((await ask(gateway, target, { protocol })).status).toBe(200);
    expect(reached()).toEqual({ agent1: requestFor(target, '') });
  });
});

// A proxy's request, which only HTTP/1 has: the host in it is none of the gateway's business.
it.each([
  [`https://${AUTHORITY}/10.150.248.180/x`, 'agent1', '/x', '/10.150.248.180'],
  ['http://elsewhere.example/10.150.248.136/x', 'agent2', '/x', '/10.150.248.136'],
  ['http://169.254.169.254/latest/meta-data/', 'agent1', '/latest/meta-data/', ''],
])('in absolute form, %s reaches %s', async (target, agentName, path, prefix) => {
  expect((await ask(gateway, target)).status).toBe(200);
  expect(reached()).toEqual({ [agentName]: requestFor(path, prefix) });
});

describe.each(PROTOCOLS)('over %s, a redirect asks no agent', (protocol) => {
  it.each([
    // Without the slash, DCV's client would look for the agent's files at the default agent.
    ['/10.150.248.180', 308, '/10.150.248.180/'],
    ['/10.150.248.180?x=/y', 308, '/10.150.248.180/?x=/y'],
    ['/fd00:150::5', 308, '/fd00:150::5/'],
    ['/%5Bfd00:150::5%5D', 308, '/%5Bfd00:150::5%5D/'],
    ['/agent2/', 302, '/10.150.248.136/'],
    ['/agent2', 302, '/10.150.248.136/'],
    ['/agent2?x=1', 302, '/10.150.248.136/?x=1'],
    ['/agent2/a%2Fb//c?authToken=s3cret&x=%2F', 302, '/10.150.248.136/a%2Fb//c?authToken=s3cret&x=%2F'],
    ['/six/', 302, '/fd00:150::5/'],
    ['/agent2/%0d%0aX-Injected:%201', 302, '/10.150.248.136/%0d%0aX-Injected:%201'],
  ])('%s', async (target, status, location) => {
    const response = await askInVain(target, { protocol });
    expect(response).toMatchObject({ status, headers: { location } });
    expect(response.headers['x-injected']).toBeUndefined();
  });
});

it('a redirect is all that a WebSocket on a name’s path gets', async () => {
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket', Origin: `https://${AUTHORITY}` };
  const response = await askInVain('/agent2/auth', { headers });
  expect(response).toMatchObject({ status: 302, headers: { location: '/10.150.248.136/auth' } });
});

// Each of these that reaches anything is a way into the private network, or onto the proxy itself.
describe.each(PROTOCOLS)('over %s, a refused request reaches no agent:', (protocol) => {
  it.each([
    // outside of agent_networks
    ['/10.150.249.5/', 403, 'deny'],
    ['/8.8.8.8/', 403, 'deny'],
    ['/fd00:151::5/', 403, 'deny'],
    // this host, by any name
    ['/127.0.0.1/', 403, 'deny'],
    ['/127.0.0.2/', 403, 'deny'],
    ['/0.0.0.0/', 403, 'deny'],
    ['/10.150.248.1/', 403, 'deny'],
    ['/10.213.66.188/', 403, 'deny'],
    ['/::1/', 403, 'deny'],
    ['/[::1]/', 403, 'deny'],
    ['/::ffff:7f00:1/', 403, 'deny'],
    ['/0:0:0:0:0:ffff:7f00:1/', 403, 'deny'],
    ['/64:ff9b::7f00:1/', 403, 'deny'],
    // metadata services
    ['/169.254.169.254/latest/meta-data/', 403, 'deny'],
    ['/::ffff:a9fe:a9fe/', 403, 'deny'],
    ['/fd00:ec2::254/', 403, 'deny'],
    // no host at all
    ['/255.255.255.255/', 403, 'deny'],
    ['/224.0.0.1/', 403, 'deny'],
    ['/fe80::1/', 403, 'deny'],
    ['/:::::/', 403, 'deny'],
    ['/169.254.169.254', 403, 'deny'],
    // an address in a form that other programs would understand otherwise
    ['/10.150.248.256/', 404, 'noaddr'],
    ['/010.150.248.180/', 404, 'noaddr'],
    ['/10.150.248.180./', 404, 'noaddr'],
    ['/10.150.248.180:22/', 404, 'noaddr'],
    ['/10.150.248.180%3a22/', 404, 'noaddr'],
    ['/[fd00:150::5]:22/', 404, 'noaddr'],
    ['/10.1/', 404, 'noaddr'],
    ['/127.1/', 404, 'noaddr'],
    ['/0x7f.0.0.1/', 404, 'noaddr'],
    ['/0x7f.1/', 404, 'noaddr'],
    ['/::ffff:127.0.0.1/', 404, 'noaddr'],
    ['/fd00:150::5%25eth0/', 404, 'noaddr'],
    ['/:fd00:150::5/', 404, 'noaddr'],
    ['/fd00:150::5:/', 404, 'noaddr'],
    ['/[:fd00:150::5]/', 404, 'noaddr'],
    ['/%5Bfd00:150::5:%5D/', 404, 'noaddr'],
  ])('%s: %i %s', async (target, status, stage) => {
    const response = await askInVain(target, { protocol });
    expect(response.status).toBe(status);
    expect(response.body).toContain(`"status":${status},"stage":"${stage}"`);
  });

  it.each([
    ['/10.150.248.180/a%00b', 'GET'],
    ['/10.150.248.180/a b', 'GET'],
    ['/10.150.248.180 /x', 'GET'],
    ['/10.150.248.180/a\tb', 'GET'],
    ['/10.150.248.180/a\x01b', 'GET'],
    ['/10.150.248.180/%zz', 'GET'],
    ['/../10.150.248.136/x', 'GET'],
    ['/..%2f10.150.248.136/x', 'GET'],
    ['*', 'OPTIONS'],
    ['10.150.248.180', 'GET'],
    ['', 'GET'],
  ])('%s with %s', async (target, method) => {
    const { status } = await askInVain(target, { method, protocol });
    expect(status).toBe(400);
  });

  it.each([
    ['10.150.248.180:22', 'CONNECT'],
    ['/10.150.248.180/', 'CONNECT'],
    ['/10.150.248.180/', 'TRACE'],
  ])('%s with %s, by an error that depends on nginx’s version', async (target, method) => {
    const { status } = await askInVain(target, { method, protocol });
    expect([400, 405]).toContain(status);
  });

  it.each([
    ['a loop through another gateway', { 'X-DCV-Gateway': '1' }, 508],
    ['a body of 20 GB', { 'Content-Length': '20000000000' }, 413],
    ['a Host that is none', { Host: 'a b' }, 400],
  ])('%s', async (_, headers, expected) => {
    const { status } = await askInVain('/10.150.248.180/', { method: 'POST', headers, protocol });
    expect(status).toBe(expected);
  });
});

// HTTP/2 compresses headers, and where it has no answer any more nginx ends the connection (0).
it.each<[string, Protocol, number[], string, Record<string, string>]>([
  ['a request line of 20 kB', 'http/1.1', [414], 'a'.repeat(20_000), {}],
  ['a request line of 200 kB', 'h2', [0, 400, 414], 'a'.repeat(200_000), {}],
  ['headers of 80 kB', 'http/1.1', [400], '', { 'X-Large': 'a'.repeat(80_000) }],
  ['headers of 200 kB', 'h2', [0, 400, 431], '', { 'X-Large': 'a'.repeat(200_000) }],
])('%s over %s: %j, and reach no agent', async (_, protocol, expected, path, headers) => {
  const { status } = await askInVain(`/10.150.248.180/${path}`, { headers, protocol });
  expect(expected).toContain(status);
});

it('a request with two lengths reaches no agent', async () => {
  const headers = { 'Content-Length': '1', 'content-length': '2' };
  expect((await askInVain('/10.150.248.180/', { method: 'POST', headers })).status).toBe(400);
});

describe('health', () => {
  it.each(['/health', '/health?x=1', '//health'])(
    '%s tells the release, and asks no agent',
    async (target) => {
      const response = await askInVain(target);
      expect(response.status).toBe(200);
      expect(JSON.parse(response.body)).toEqual({ status: 'ok', release: gateway.releaseId });
      expect(response.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-dcv-release': gateway.releaseId,
      });
    },
  );
});

it('a gateway without a default agent says so', async () => {
  const without = await startGateway({ default: [] });
  try {
    for (const target of ['/', '/auth', '/AGENT1/']) {
      const response = await ask(without, target);
      expect(response.status).toBe(404);
      expect(response.body).toContain('"stage":"nodefault","reason":"no default agent"');
    }
    expect((await ask(without, '/agent1/')).status).toBe(302);
    expect((await ask(without, '/10.150.248.180/')).status).toBe(200);
  } finally {
    await without.stop();
  }
});

it('with networks as wide as can be, what is never an agent stays refused', async () => {
  const wide = await startGateway({ agentNetworks: ['0.0.0.0/0', '::/0'] });
  try {
    for (const address of [
      ...[
        '127.0.0.1',
        '127.9.9.9',
        '0.0.0.0',
        '0.1.2.3',
        '169.254.169.254',
        '100.100.100.200',
        '168.63.129.16',
      ],
      ...['224.0.0.1', '255.255.255.255', '10.213.66.188', '10.150.248.1'],
      ...[
        '::',
        '::1',
        '::7f00:1',
        '::ffff:7f00:1',
        '::ffff:a9fe:a9fe',
        '64:ff9b::a9fe:a9fe',
        '2002:7f00:1::1',
      ],
      // the last one is no address, which geo looks up as 255.255.255.255
      ...['fe80::1', 'ff02::1', 'fd00:ec2::254', 'fd20:ce::254', ':::::'],
    ]) {
      const response = await ask(wide, `/${address}/`);
      expect([address, response.status]).toEqual([address, 403]);
      expect(response.body).toContain('"stage":"deny"');
    }
    expect(wide.connections()).toBe(0);
    // outside of the private network: allowed, dialled, and not there
    expect((await ask(wide, '/203.0.113.9/')).status).toBe(502);
    expect((await ask(wide, '/fd00:150::5/')).status).toBe(200);
  } finally {
    await wide.stop();
  }
});
