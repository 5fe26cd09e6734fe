import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { AUTHORITY, type TestGateway, ask, startGateway } from './gateway.ts';
import { makeCertificate } from './nginx.ts';

/** An hour without a byte, in a shorter form; nothing else of the configuration is changed. */
function impatient(config: string): string {
  const changed = config.replace('proxy_read_timeout 1h;', 'proxy_read_timeout 2s;');
  expect(changed).not.toBe(config);
  return changed;
}

const AGENT = '10.150.248.90';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({}, [AGENT], impatient);
  const files = makeCertificate(gateway.network.directory, 'talker', 'DNS:agent');
  const agent = createServer(
    { cert: readFileSync(files.certificate), key: readFileSync(files.key) },
    () => undefined, // an answer that never comes
  );
  new WebSocketServer({ server: agent }).on('connection', (webSocket, request) => {
    if (request.url === '/agent-talks') talkOn(webSocket);
  });
  await gateway.network.listen(AGENT, 8443, (socket) => agent.emit('connection', socket));
});
afterAll(() => gateway.stop());

/** Says something all the time to which nobody answers: a pong that was not asked for (RFC 6455, 5.5.3). */
function talkOn(webSocket: WebSocket): void {
  const timer = setInterval(() => {
    webSocket.pong();
  }, 100);
  webSocket.once('close', () => {
    clearInterval(timer);
  });
}

async function open(path: string): Promise<WebSocket> {
  const socket = await gateway.connect();
  const webSocket = new WebSocket(`wss://${AUTHORITY}/${AGENT}${path}`, { createConnection: () => socket });
  await once(webSocket, 'open');
  return webSocket;
}

// A desktop that somebody only looks at sends in one direction for hours.
it.concurrent('a WebSocket lives while either side says something, and ends when neither does', async () => {
  const agentTalks = await open('/agent-talks');
  const clientTalks = await open('/client-talks');
  talkOn(clientTalks);
  // Opened last and ended first: by then, the others have had one side silent for longer than is allowed.
  const silent = await open('/nobody-talks');
  const [code] = (await once(silent, 'close')) as [number];
  expect(code).toBe(1006); // cut, not closed by the agent
  expect([agentTalks.readyState, clientTalks.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  agentTalks.terminate();
  clientTalks.terminate();
});

it.concurrent('a request that the agent never answers ends with 504, and says so', async () => {
  const response = await ask(gateway, `/${AGENT}/never`);
  expect(response.status).toBe(504);
  expect(response.body).toContain('"reason":"agent did not answer in time"');
});
