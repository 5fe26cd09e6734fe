import { type Hash, createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { type FSWatcher, readFileSync, watch, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import path from 'node:path';
import type tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY, type TestGateway, ask, startGateway } from './gateway.ts';
import { makeCertificate } from './nginx.ts';

const MB = 1_000_000;
const AGENT = '10.150.248.90';
const FILE = randomBytes(MB);

/** What happens at the agent: `received` with a count of bytes, `blocked` when its answer can't be sent on. */
const events = new EventEmitter();
/** The hash of the last upload, as the agent got it. */
let receivedHash = '';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({}, [AGENT]);
  const files = makeCertificate(gateway.network.directory, 'files', 'DNS:agent');
  const agent = createServer(
    { cert: readFileSync(files.certificate), key: readFileSync(files.key) },
    (request, response) => {
      if (request.method === 'PUT') void receive(request, response);
      else if (request.url === '/large') void pour(response);
      else sendPart(request, response);
    },
  );
  await gateway.network.listen(AGENT, 8443, (socket) => agent.emit('connection', socket));
});
afterAll(() => gateway.stop());

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    events.emit('received', bytes);
  }
  receivedHash = hash.digest('hex');
  response.end();
}

async function pour(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Length': 50 * MB });
  for (let part = 0; part < 50; part += 1) {
    if (response.write(FILE)) continue;
    events.emit('blocked');
    await once(response, 'drain');
  }
  response.end();
}

function sendPart(request: IncomingMessage, response: ServerResponse): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (first === undefined || last === undefined || request.headers['if-range'] === '"old"') {
    response.writeHead(200, { 'Accept-Ranges': 'bytes', 'Content-Length': FILE.length });
    response.end(FILE);
  } else if (Number(first) >= FILE.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${FILE.length}` });
    response.end();
  } else {
    const part = FILE.subarray(Number(first), Number(last) + 1);
    response.writeHead(206, { 'Content-Range': `bytes ${first}-${last}/${FILE.length}` });
    response.end(part);
  }
}

/** Notes every file that nginx makes for what passes through: it unlinks them at once, so none is ever to be seen. */
async function temporaryFilesOf(job: () => Promise<void>): Promise<string[]> {
  const made: string[] = [];
  const watched = ['client_body', 'proxy'].map((kind) => {
    const directory = path.join(gateway.network.directory, 'temp', kind);
    const watcher = watch(directory, (_, name) => {
      if (name === 'last') watcher.emit('last');
      else made.push(`${kind}/${String(name)}`);
    });
    return { directory, watcher };
  });
  await job();
  await Promise.all(watched.map(({ directory, watcher }) => reachesTheEnd(directory, watcher)));
  return made;
}

/** Events come in order: once that of a file made now is there, so are all before it. */
async function reachesTheEnd(directory: string, watcher: FSWatcher): Promise<void> {
  const last = once(watcher, 'last');
  writeFileSync(path.join(directory, 'last'), '');
  await last;
  watcher.close();
}

/** The most memory that any of nginx's processes ever had, in kB. */
function peakMemory(): number {
  const main = readFileSync(path.join(gateway.network.directory, 'nginx.pid'), 'utf8').trim();
  const workers = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8').trim().split(' ');
  const peaks = workers.map((worker) => {
    const [, peak = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${worker}/status`, 'utf8')) ?? [];
    return Number(peak);
  });
  return Math.max(...peaks);
}

async function send(socket: tls.TLSSocket, data: Buffer | string): Promise<void> {
  if (!socket.write(data)) await once(socket, 'drain');
}

// DCV's client uploads whole folders. What a gateway collects first fills its disk, and the user sees no progress.
describe('an upload', () => {
  it.each([
    ['of 200 MB', 200, 'Content-Length: 200000000'],
    ['of 20 MB whose length nobody knows', 20, 'Transfer-Encoding: chunked'],
  ])('%s passes as it comes: no file, no memory', { timeout: 120_000 }, async (_, megabytes, header) => {
    const socket = await gateway.connect();
    const sent = createHash('sha256');
    const before = peakMemory();
    let answer = '';
    const files = await temporaryFilesOf(async () => {
      socket.write(
        `PUT /${AGENT}/upload HTTP/1.1\r\nHost: ${AUTHORITY}\r\nConnection: close\r\n${header}\r\n\r\n`,
      );
      const chunked = header.endsWith('chunked');
      await sendPartOf(socket, sent, chunked);
      // Nothing more is sent before this has arrived: a gateway that waits for the whole would wait for ever.
      await arrived(MB);
      for (let part = 1; part < megabytes; part += 1) await sendPartOf(socket, sent, chunked);
      if (chunked) await send(socket, '0\r\n\r\n');
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
      await once(socket, 'close');
    });
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(receivedHash).toBe(sent.digest('hex'));
    expect(files).toEqual([]);
    expect(peakMemory() - before).toBeLessThan(16_000);
  });

  async function sendPartOf(socket: tls.TLSSocket, hash: Hash, chunked: boolean): Promise<void> {
    hash.update(FILE);
    if (chunked) await send(socket, `${FILE.length.toString(16)}\r\n`);
    await send(socket, FILE);
    if (chunked) await send(socket, '\r\n');
  }

  async function arrived(bytes: number): Promise<void> {
    for (;;) {
      const [count] = (await once(events, 'received')) as [number];
      if (count >= bytes) return;
    }
  }
});

describe('a download', () => {
  it('of 50 MB waits with the agent, not in a file, while its client does not read', async () => {
    const socket = await gateway.connect();
    const before = peakMemory();
    let received = 0;
    const files = await temporaryFilesOf(async () => {
      const blocked = once(events, 'blocked');
      socket.pause();
      socket.write(`GET /${AGENT}/large HTTP/1.1\r\nHost: ${AUTHORITY}\r\nConnection: close\r\n\r\n`);
      await blocked;
      socket.on('data', (chunk: Buffer) => (received += chunk.length));
      socket.resume();
      await once(socket, 'close');
    });
    expect(received).toBeGreaterThan(50 * MB);
    expect(files).toEqual([]);
    expect(peakMemory() - before).toBeLessThan(16_000);
  });

  // A download that broke off goes on where it ended; with the wrong bytes the file is broken.
  it.each([
    [{ Range: 'bytes=0-99' }, 206, 'bytes 0-99/1000000', [0, 100]],
    [{ Range: 'bytes=999990-999999' }, 206, 'bytes 999990-999999/1000000', [999_990, MB]],
    [{ Range: 'bytes=0-99', 'If-Range': '"new"' }, 206, 'bytes 0-99/1000000', [0, 100]],
    [{ Range: 'bytes=0-99', 'If-Range': '"old"' }, 200, undefined, [0, MB]],
    [{ Range: 'bytes=1000000-1000001' }, 416, 'bytes */1000000', [0, 0]],
    [{}, 200, undefined, [0, MB]],
  ])('with %j is answered as the agent answers: %i %s', async (headers, status, range, [from, to]) => {
    const response = await ask(gateway, `/${AGENT}/file`, { headers });
    expect(response.status).toBe(status);
    expect(response.headers['content-range']).toBe(range);
    const body = response.headers['transfer-encoding'] === 'chunked' ? unchunk(response.body) : response.body;
    expect(Buffer.from(body, 'latin1').equals(FILE.subarray(from, to))).toBe(true);
  });

  function unchunk(body: string): string {
    const [, size = '', rest = ''] = /^([0-9a-f]+)\r\n(.*)$/s.exec(body) ?? [];
    const length = parseInt(size, 16);
    return length > 0 ? rest.slice(0, length) + unchunk(rest.slice(length + 2)) : '';
  }
});
