import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import path from 'node:path';
import pLimit from 'p-limit';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { AUTHORITY, CLIENT, STRANGER, type TestGateway, ask, startGateway } from './gateway.ts';
import { waitFor } from './nginx.ts';

let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

const AGENT1 = '/10.150.248.180';

/** Asks for so many files at once, as a browser does, on one HTTP/2 connection; resolves with each one's status. */
async function loadFiles(from: TestGateway, count: number, client = CLIENT): Promise<number[]> {
  const socket = await from.connect({ from: client, alpn: 'h2' });
  const session = http2.connect(`https://${AUTHORITY}`, { createConnection: () => socket });
  const statuses = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const stream = session.request({ ':authority': AUTHORITY, ':path': `${AGENT1}/js/${index}.js` });
      const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
      stream.resume();
      await once(stream, 'end');
      return Number(headers[':status']);
    }),
  );
  session.destroy();
  return statuses;
}

/** Opens a WebSocket and leaves it open; resolves with the status of its handshake. */
async function openWebSocket(to: TestGateway): Promise<number> {
  const socket = await to.connect();
  const webSocket = new WebSocket(`wss://${AUTHORITY}${AGENT1}/ws`, { createConnection: () => socket });
  return new Promise((resolve, reject) => {
    webSocket.once('open', () => {
      resolve(101);
    });
    webSocket.once('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
    });
    webSocket.once('error', reject);
  });
}

const counted = (statuses: readonly number[]): Record<string, number> =>
  statuses.reduce<Record<string, number>>(
    (counts, status) => ({ ...counts, [status]: (counts[status] ?? 0) + 1 }),
    {},
  );

/**
 * Files come from nginx itself, behind the limits: thousands at once are more than an agent of this test can take.
 * WebSockets go to agents.
 */
const serveFiles = (config: string): string =>
  config.replace(
    'proxy_pass https://',
    'if ($dcv_upgrade = "") { return 200 "a file"; }\n        proxy_pass https://',
  );

// A limit that is too low shows as broken desktops on Monday at nine, and nobody thinks of the gateway.
it('the default limits let 50 people behind one address open their desktops at once', async () => {
  const open = (gateway = await startGateway({}, [], serveFiles));
  // the agent, a program of this test, can't greet more than so many at a time
  const greeted = pLimit(20);
  const people = Array.from({ length: 50 }, async () => {
    const files = await loadFiles(open, 100);
    const webSockets = Array.from({ length: 10 }, () => greeted(() => openWebSocket(open)));
    return [...files, ...(await Promise.all(webSockets))];
  });
  expect(counted((await Promise.all(people)).flat())).toEqual({ 200: 5_000, 101: 500 });
});

it('a small rate answers 429 to who exceeds it, and another one is in force after a reload', async () => {
  const limited = (gateway = await startGateway(
    {
      access: {
        allow: ['10.213.0.0/16', `${STRANGER}/32`],
        rate: { requests: 1, handshakes: 1, connections: 100 },
      },
    },
    [],
    serveFiles,
  ));
  const counts = counted(await loadFiles(limited, 60));
  // ten seconds' worth at once, and one more for each second that passes
  expect(counts[200]).toBeGreaterThanOrEqual(10);
  expect(counts[429]).toBeGreaterThan(0);
  expect((counts[200] ?? 0) + (counts[429] ?? 0)).toBe(60);

  const headers = { Accept: 'text/html' };
  const asked = await Promise.all(Array.from({ length: 20 }, () => ask(limited, `${AGENT1}/`, { headers })));
  const refused = asked.find(({ status }) => status === 429);
  expect(refused?.headers['content-type']).toMatch(/^text\/html/);
  expect(refused?.body).toContain('too many requests');

  // who does not exceed it hears nothing of it
  expect(counted(await loadFiles(limited, 5, STRANGER))).toEqual({ 200: 5 });

  // nginx refuses some changes of a zone that is in use after it reported a good reload; this is none of them
  const { directory } = limited.network;
  const file = path.join(directory, 'gateway.conf');
  const raised = readFileSync(file, 'utf8')
    .replaceAll('rate=1r/s', 'rate=1000r/s')
    .replaceAll('burst=10 ', 'burst=10000 ')
    .replaceAll(limited.releaseId, 'ffffffffffff');
  writeFileSync(file, raised);
  process.kill(Number(readFileSync(path.join(directory, 'nginx.pid'), 'utf8')), 'SIGHUP');
  let inARow = 0;
  await waitFor('the new rate is in force', async () => {
    const { body } = await ask(limited, '/health');
    inARow = body.includes('ffffffffffff') ? inARow + 1 : 0;
    return inARow === 3;
  });
  expect(counted(await loadFiles(limited, 60))).toEqual({ 200: 60 });
  expect(readFileSync(path.join(directory, 'error.log'), 'utf8')).not.toMatch(/\[(?:emerg|alert)\]/);
});
