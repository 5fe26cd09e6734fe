import { randomBytes } from 'node:crypto';
import http2 from 'node:http2';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { STATUS_ENDPOINT } from '../../../src/gateway/ports.ts';
import {
  AUTHORITY,
  CLIENT,
  DEAD_AGENT,
  SILENT_AGENT,
  STRANGER,
  type TestGateway,
  ask,
  startGateway,
} from './gateway.ts';
import { waitFor } from './nginx.ts';

const OWN_PAGE = `https://${AUTHORITY}`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.received();
});

/** Opens a WebSocket as a browser or a native client does; resolves with the status for one that is refused. */
async function openWebSocket(path: string, origin?: string): Promise<WebSocket | number> {
  const socket = await gateway.connect();
  const webSocket = new WebSocket(`wss://${AUTHORITY}${path}`, ['dcv'], {
    createConnection: () => socket,
    ...(origin === undefined ? {} : { origin }),
  });
  return new Promise((resolve, reject) => {
    webSocket.once('open', () => {
      resolve(webSocket);
    });
    webSocket.once('unexpected-response', (_, response) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    webSocket.once('error', reject);
  });
}

async function opened(path: string, origin = OWN_PAGE): Promise<WebSocket> {
  const webSocket = await openWebSocket(path, origin);
  if (typeof webSocket === 'number') throw new Error(`refused: ${webSocket}`);
  return webSocket;
}

describe('what an agent gets', () => {
  it('is the client’s request with the gateway’s headers, and none that a client could forge', async () => {
    await ask(gateway, '/10.150.248.180/x?y=1', {
      headers: {
        Cookie: 'a=b',
        'X-Forwarded-For': '127.0.0.1',
        'X-Real-IP': '127.0.0.1',
        Upgrade: 'h2c',
        'HTTP2-Settings': 'AAMAAABk',
        'X-Own': 'kept',
      },
    });
    const bytes = gateway.received()['agent1'] ?? '';
    expect(bytes.replace(/X-Request-ID: [0-9a-f]{32}/, 'X-Request-ID: ID').split('\r\n')).toEqual([
      'GET /x?y=1 HTTP/1.1',
      `Host: ${AUTHORITY}`,
      `X-Real-IP: ${CLIENT}`,
      `X-Forwarded-For: ${CLIENT}`,
      'X-Forwarded-Proto: https',
      `X-Forwarded-Host: ${AUTHORITY}`,
      'X-Forwarded-Prefix: /10.150.248.180',
      'X-Request-ID: ID',
      'X-DCV-Gateway: 1',
      'Cookie: a=b',
      'X-Own: kept',
      '',
      '',
    ]);
  });

  it.each([
    ['DELETE', '', 204],
    ['DELETE', '{"file":"a"}', 200],
    ['PUT', 'x', 201],
    ['PATCH', 'x', 200],
    ['POST', '', 200],
    ['OPTIONS', '', 204],
    ['HEAD', '', 200],
  ])('is %s with the body "%s" as it was sent', async (method, body, status) => {
    const headers = { 'Content-Length': String(body.length), 'X-Want-Status': String(status) };
    const response = await ask(gateway, '/10.150.248.136/f%2F1?x=1', { method, headers, body });
    expect(response.status).toBe(status);
    const bytes = gateway.received()['agent2'] ?? '';
    expect(bytes.startsWith(`${method} /f%2F1?x=1 HTTP/1.1\r\n`)).toBe(true);
    expect(bytes.endsWith(`\r\n\r\n${body}`)).toBe(true);
  });

  it('is a body of any size, as it was sent', async () => {
    const body = 'x'.repeat(3_000_000);
    const headers = { 'Content-Length': String(body.length) };
    const response = await ask(gateway, '/10.150.248.136/upload', { method: 'PUT', headers, body });
    expect(response.status).toBe(200);
    expect(gateway.received()['agent2']?.endsWith(`\r\n\r\n${body}`)).toBe(true);
  });

  it('is the same over HTTP/2', async () => {
    const socket = await gateway.connect({ alpn: 'h2' });
    const session = http2.connect(OWN_PAGE, { createConnection: () => socket });
    const stream = session.request({ ':path': '/10.150.248.136/a%2Fb?authToken=s3cret' });
    const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
    expect(headers[':status']).toBe(200);
    expect(gateway.received()['agent2']?.split('\r\n')[0]).toBe('GET /a%2Fb?authToken=s3cret HTTP/1.1');
    session.destroy();
  });
});

describe('what a client gets', () => {
  // A Location without the prefix leads to the default agent's page; a cookie without it goes to every agent.
  it.each([
    ['/10.150.248.180/x', '/login', '/10.150.248.180/login'],
    ['/10.150.248.180/x', '/', '/10.150.248.180/'],
    ['/10.150.248.180/x', '/10.150.248.180/login', '/10.150.248.180/login'],
    ['/10.150.248.180/x', `https://${AUTHORITY}/login?a=b`, '/10.150.248.180/login?a=b'],
    ['/10.150.248.180/x', 'https://10.150.248.180:8443/login', '/10.150.248.180/login'],
    ['/10.150.248.180/x', 'https://elsewhere.example/', 'https://elsewhere.example/'],
    ['/10.150.248.180/x', '//elsewhere.example/', '//elsewhere.example/'],
    ['/10.150.248.77/x', '/login', '/10.150.248.77/login'],
    ['/fd00:150::5/x', 'https://[fd00:150::5]:8443/login', '/fd00:150::5/login'],
    ['/%5Bfd00:150::5%5D/x', '/login', '/%5Bfd00:150::5%5D/login'],
    ['/x', '/login', '/login'],
    ['/x', 'https://10.150.248.180:8443/login', '/login'],
  ])('from %s, sent on to %s, is sent to %s', async (target, location, expected) => {
    const headers = { 'X-Want-Status': '302', 'X-Want-Location': location };
    expect((await ask(gateway, target, { headers })).headers['location']).toBe(expected);
  });

  it.each([
    ['/10.150.248.180/x', 'a=b; Path=/; HttpOnly', 'a=b; Path=/10.150.248.180/; HttpOnly'],
    ['/10.150.248.180/x', 'a=b; Path=/deep', 'a=b; Path=/10.150.248.180/deep'],
    [
      '/10.150.248.77/x',
      'a=b; Secure; Path=/; SameSite=Lax',
      'a=b; Secure; Path=/10.150.248.77/; SameSite=Lax',
    ],
    ['/fd00:150::5/x', 'a=b; Path=/', 'a=b; Path=/fd00:150::5/'],
    ['/%5Bfd00:150::5%5D/x', 'a=b; Path=/', 'a=b; Path=/%5Bfd00:150::5%5D/'],
    ['/10.150.248.180/x', 'a=b', 'a=b'],
    ['/x', 'a=b; Path=/', 'a=b; Path=/'],
  ])('from %s, the cookie %s is %s', async (target, cookie, expected) => {
    const response = await ask(gateway, target, { headers: { 'X-Want-Set-Cookie': cookie } });
    expect(response.headers['set-cookie']?.replace('path=', 'Path=')).toBe(expected);
  });

  it('shows which agent answered, keeps its headers, and drops the one that would bind the host name', async () => {
    const { headers } = await ask(gateway, '/10.150.248.180/');
    expect(headers).toMatchObject({
      server: 'dcv',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    });
    expect(headers['strict-transport-security']).toBeUndefined();
  });
});

describe('WebSockets', () => {
  it.each([
    ['/10.150.248.180/auth', 'agent1'],
    ['/10.150.248.136/ws', 'agent2'],
    ['/10.150.248.77/ws', 'unlisted'],
    ['/fd00:150::5/ws', 'six'],
    ['/auth', 'agent1'],
  ])('%s opens at %s with subprotocol dcv, and carries messages both ways', async (path, name) => {
    const webSocket = await openWebSocket(path, OWN_PAGE);
    if (typeof webSocket === 'number') throw new Error(`refused: ${webSocket}`);
    expect(webSocket.protocol).toBe('dcv');
    const messages: Buffer[] = [];
    webSocket.on('message', (data) => messages.push(data as Buffer));
    const large = randomBytes(1_000_000);
    webSocket.send(large);
    await waitFor('both messages are there', () => messages.length === 2);
    expect(messages[0]?.toString()).toBe(name);
    expect(messages[1]?.equals(large)).toBe(true);
    webSocket.close();
    await once(webSocket, 'close');
  });

  // A screen of a large monitor, or a clipboard with a picture, is one message.
  it('carry messages of 16 MB, both ways, as they were sent', async () => {
    const webSocket = await opened('/10.150.248.180/ws');
    const messages: Buffer[] = [];
    webSocket.on('message', (data) => messages.push(data as Buffer));
    const large = randomBytes(16 * 1024 * 1024);
    webSocket.send(large);
    await waitFor('the message is back', () => messages.length === 2, 60_000);
    expect(messages[1]?.equals(large)).toBe(true);
    webSocket.terminate();
  });

  it('begin with the handshake that the client sent, and no other upgrade does', async () => {
    const headers = {
      Connection: 'keep-alive, Upgrade',
      Upgrade: 'WebSocket',
      Origin: OWN_PAGE,
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Protocol': 'dcv, other',
    };
    const socket = await gateway.connect();
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET /10.150.248.180/ws?t=1 HTTP/1.1\r\nHost: ${AUTHORITY}\r\n${lines.join('')}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 [^]*\r\nSec-WebSocket-Protocol: dcv\r\n/);
    const bytes = gateway.received()['agent1'] ?? '';
    expect(bytes.replace(/X-Request-ID: [0-9a-f]{32}/, 'X-Request-ID: ID').split('\r\n')).toEqual([
      'GET /ws?t=1 HTTP/1.1',
      `Host: ${AUTHORITY}`,
      'Upgrade: websocket',
      'Connection: upgrade',
      `X-Real-IP: ${CLIENT}`,
      `X-Forwarded-For: ${CLIENT}`,
      'X-Forwarded-Proto: https',
      `X-Forwarded-Host: ${AUTHORITY}`,
      'X-Forwarded-Prefix: /10.150.248.180',
      'X-Request-ID: ID',
      'X-DCV-Gateway: 1',
      `Origin: ${OWN_PAGE}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Protocol: dcv, other',
      '',
      '',
    ]);
  });

  it.each([
    ['a native client, which sends none', undefined],
    ['the gateway’s own page', OWN_PAGE],
    ['the gateway’s own page, in capitals', OWN_PAGE.toUpperCase().replace('HTTPS', 'https')],
  ])('open for %s', async (_, origin) => {
    const webSocket = await openWebSocket('/10.150.248.180/ws', origin);
    expect(typeof webSocket === 'number' ? webSocket : webSocket.protocol).toBe('dcv');
    if (typeof webSocket !== 'number') webSocket.terminate();
  });

  // Any page that a user visits could otherwise drive that user's desktop.
  it.each([
    'https://elsewhere.example',
    `https://${AUTHORITY}.elsewhere.example`,
    `https://elsewhere.example|${AUTHORITY}`,
    `https://10.213.66.188`,
    `http://${AUTHORITY}`,
    'null',
  ])('are refused for the page %s, and reach no agent', async (origin) => {
    const connections = gateway.connections();
    expect(await openWebSocket('/10.150.248.180/ws', origin)).toBe(403);
    expect(gateway.received()).toEqual({});
    expect(gateway.connections()).toBe(connections);
  });
});

describe('who may connect', () => {
  it('is in access.allow: others are refused before an agent hears of them', async () => {
    const json = await ask(gateway, '/10.150.248.180/', { from: STRANGER });
    expect(json.status).toBe(403);
    expect(json.headers['content-type']).toBe('application/json');
    expect(JSON.parse(json.body)).toMatchObject({
      error: { status: 403, stage: 'access', reason: 'this gateway is not open to your address' },
    });
    const html = await ask(gateway, '/', { from: STRANGER, headers: { Accept: 'text/html,*/*' } });
    expect(html).toMatchObject({ status: 403, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(html.body).toContain('this gateway is not open to your address');
    expect(gateway.received()).toEqual({});
  });

  it.each(['/agent1/', '/10.150.248.180', '/127.0.0.1/', '/10.150.248.256/'])(
    'learns nothing of %s from outside',
    async (target) => {
      const response = await ask(gateway, target, { from: STRANGER });
      expect(response.status).toBe(403);
      expect(response.body).toContain('"stage":"access"');
    },
  );

  it('may ask for /health from anywhere', async () => {
    expect((await ask(gateway, '/health', { from: STRANGER })).status).toBe(200);
  });

  it('includes the proxy itself, where checks through SSH come from', async () => {
    expect((await ask(gateway, '/10.150.248.180/', { from: '127.0.0.1' })).status).toBe(200);
  });
});

describe('errors', () => {
  it('tell an agent that refuses connections from one that does not answer', async () => {
    const headers = { Accept: 'text/html' };
    const [refusing, silent, page] = await Promise.all([
      ask(gateway, `/${DEAD_AGENT}/`),
      ask(gateway, `/${SILENT_AGENT}/`),
      ask(gateway, `/${DEAD_AGENT}/`, { headers }),
    ]);
    expect(refusing.status).toBe(502);
    expect(refusing.body).toContain('"stage":"agent","reason":"agent refused the connection or its TLS');
    expect(silent.status).toBe(504);
    expect(silent.body).toContain('"reason":"agent did not answer in time"');
    expect(page.status).toBe(502);
    expect(page.body).toContain(`<dd>${DEAD_AGENT}</dd>`);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(refusing.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('lead from http to https', async () => {
    const socket = await gateway.dial();
    socket.write(`GET /10.150.248.180/x?y HTTP/1.1\r\nHost: ${AUTHORITY}\r\nConnection: close\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 308 /);
    expect(text).toContain(`Location: ${OWN_PAGE}/10.150.248.180/x?y\r\n`);
  });
});

describe('limits', () => {
  it('stop a client that opens WebSockets without end, and say so', async () => {
    const from = '127.0.0.1'; // a client that no other test is
    const upgrade = `GET /127.0.0.1/ HTTP/1.1\r\nHost: ${AUTHORITY}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`;
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = await gateway.connect({ from });
        let text = '';
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
        socket.write(upgrade.repeat(600));
        await waitFor('600 answers', () => (text.match(/^HTTP\/1\.1 /gm) ?? []).length === 600);
        socket.destroy();
        return text;
      }),
    );
    const statuses = answers.join('').match(/^HTTP\/1\.1 [0-9]+/gm) ?? [];
    expect(new Set(statuses)).toEqual(new Set(['HTTP/1.1 403', 'HTTP/1.1 429']));
    expect(answers.join('')).toContain('"reason":"too many requests"');
  });
});

describe('the access log', () => {
  interface Line {
    readonly uri: string;
    readonly status: string;
    readonly stage: string;
    readonly agent: string;
    readonly ws: string;
    readonly client: string;
  }

  async function linesAbout(mark: string, count: number): Promise<Line[]> {
    const found = (): string[] =>
      gateway
        .accessLog()
        .split('\n')
        .filter((line) => line.includes(mark));
    await waitFor(`${count} log lines with ${mark}`, () => found().length >= count);
    return found().map((line) => JSON.parse(line) as Line);
  }

  // A token in a log is a login for whoever may read logs.
  it('never holds what follows the path, however it is spelt', async () => {
    for (const target of [
      '/10.150.248.180/log-1/?authToken=s3cret',
      '/10.150.248.180/log-1/%3FauthToken=s3cret',
      '/log-1/;authtoken=s3cret',
      '/agent1/log-1/?authToken=s3cret',
      '/10.150.249.1/log-1/?authToken=s3cret',
    ]) {
      await ask(gateway, target);
    }
    const webSocket = await opened('/10.150.248.180/log-1/auth?authToken=s3cret');
    webSocket.close();
    await once(webSocket, 'close');
    const lines = await linesAbout('log-1', 6);
    // nginx's workers write their lines when each pleases.
    expect(lines.map(({ uri, status, stage, ws }) => `${uri} ${status} ${stage} ${ws}`).sort()).toEqual([
      '/10.150.248.180/log-1/?- 200 agent ',
      '/10.150.248.180/log-1/?- 200 agent ',
      '/10.150.248.180/log-1/auth?- 101 agent websocket',
      '/10.150.249.1/log-1/?- 403 deny ',
      '/agent1/log-1/?- 302 named ',
      '/log-1/;?- 200 agent ',
    ]);
    expect(gateway.accessLog()).not.toContain('s3cret');
  });

  it('is one JSON object a line, whatever clients send', async () => {
    await ask(gateway, '/10.150.248.180/log-2/"\\', { headers: { 'User-Agent': '"\\\xff' } });
    await ask(gateway, '/health?log-2');
    const lines = await linesAbout('log-2', 1);
    expect(lines).toHaveLength(1); // and /health, which monitors ask every second, is not logged
    expect(lines[0]).toMatchObject({ status: '200', agent: '10.150.248.180', client: CLIENT });
    const all = gateway.accessLog().trimEnd().split('\n');
    expect(() => all.map((line) => JSON.parse(line) as unknown)).not.toThrow();
  });
});

it('tells the release and its counters on loopback', async () => {
  const answer = async (path: string): Promise<string> => {
    const { address, port } = STATUS_ENDPOINT;
    const socket = await gateway.network.dial({ host: address, port });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: status\r\nConnection: close\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'close');
    return text;
  };
  expect(await answer('/release')).toContain(`"release":"${gateway.releaseId}"`);
  expect(await answer('/stub_status')).toContain('Active connections:');
});
