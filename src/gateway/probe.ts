import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type ServedCertificate, servedCertificate } from './certificate.ts';
import { type GatewayTarget, type Probe, probe } from './probe-connection.ts';

export { type GatewayTarget, type Probe, dialDirectly } from './probe-connection.ts';

/*
 * Questions to a running gateway, from the client's side. Each opens a connection of its own, ends it, and answers within
 * its deadline; what goes wrong is an answer too, never an exception.
 */

export interface HealthAnswer {
  readonly status: number;
  /** The release that answers; undefined when something else than a gateway of dcvops does. */
  readonly release: string | undefined;
  readonly certificate: ServedCertificate;
  /** `TLSv1.3` */
  readonly tlsVersion: string;
}

/** An HTTP answer, as far as a probe looks at it. */
export interface HttpAnswer {
  readonly status: number;
  /** The Server header: `dcv` from an agent, `nginx` from the gateway itself. */
  readonly server: string | undefined;
  /** Where a redirect leads, as it was written. */
  readonly location?: string;
  /** Set when the answer is an error of the gateway itself. */
  readonly refusal: GatewayRefusal | undefined;
}

/** Why the gateway itself answered with an error. */
export interface GatewayRefusal {
  /** Where the request ended: `access`, `deny`, `noaddr`, `nodefault`, `origin`, `agent`. */
  readonly stage: string;
  readonly reason: string;
}

export interface WebSocketAnswer extends HttpAnswer {
  /** What was agreed on; undefined when there was no upgrade, or no subprotocol was chosen. */
  readonly subprotocol: string | undefined;
}

export interface Http2Answer {
  /** False where TLS did not agree on HTTP/2; then nothing was asked. */
  readonly offered: boolean;
  readonly status: number | undefined;
}

/** Asks `/health` for the live release; shows the certificate that is served. */
export function probeHealth(target: GatewayTarget): Promise<Probe<HealthAnswer>> {
  return probe(target, 'http/1.1', async (socket) => {
    const { status, body } = await get(socket, target, '/health');
    return {
      status,
      release: text(at(parseJson(body), 'release')),
      certificate: servedCertificate(socket),
      tlsVersion: socket.getProtocol() ?? 'unknown',
    };
  });
}

/** Asks for a path: `/version` is answered by the default agent. */
export function probePath(target: GatewayTarget, path: string): Promise<Probe<HttpAnswer>> {
  return probe(target, 'http/1.1', async (socket) => httpAnswer(await get(socket, target, path)));
}

/** Asks an agent for its version, through the gateway. */
export function probeAgent(target: GatewayTarget, address: string): Promise<Probe<HttpAnswer>> {
  return probePath(target, `/${address}/version`);
}

/** Asks for an address that has to be refused: a good gateway answers 403 itself, stage `deny`. */
export function probeForbidden(target: GatewayTarget, address: string): Promise<Probe<HttpAnswer>> {
  return probePath(target, `/${address}/`);
}

/** Asks `/health` over HTTP/2. */
export function probeHttp2(target: GatewayTarget): Promise<Probe<Http2Answer>> {
  return probe(target, 'h2', async (socket) => {
    if (socket.alpnProtocol !== 'h2') return { offered: false, status: undefined };
    return { offered: true, status: await getOverHttp2(socket, target, '/health') };
  });
}

/**
 * Opens a WebSocket to an agent's `/auth`, as DCV's web client does from the gateway's own page, and closes it again.
 * @param origin another page than the gateway's own, which has to be refused with 403
 */
export function probeAgentWebSocket(
  target: GatewayTarget,
  address: string,
  origin = new URL(target.url).origin,
): Promise<Probe<WebSocketAnswer>> {
  return probe(target, 'http/1.1', (socket) => openWebSocket(socket, target, `/${address}/auth`, origin));
}

interface HttpResponse {
  readonly status: number;
  readonly server: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

/** No answer that a probe reads is longer; of a longer one the beginning will do. */
const MAX_BODY_BYTES = 64 * 1024;

function get(socket: TLSSocket, target: GatewayTarget, path: string): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const request = http.get({ ...requestOptions(socket, target, path), headers: headers(target) });
    request.once('error', reject);
    request.once('response', (response) => {
      readResponse(response).then(resolve, reject);
    });
  });
}

function openWebSocket(
  socket: TLSSocket,
  target: GatewayTarget,
  path: string,
  origin: string,
): Promise<WebSocketAnswer> {
  const key = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    const request = http.get({
      ...requestOptions(socket, target, path),
      headers: {
        ...headers(target),
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        Origin: origin,
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Protocol': 'dcv',
        'Sec-WebSocket-Key': key,
      },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      readResponse(response).then((answer) => {
        resolve({ ...httpAnswer(answer), subprotocol: undefined });
      }, reject);
    });
    request.once('upgrade', (response, upgraded) => {
      if (response.headers['sec-websocket-accept'] !== acceptFor(key)) {
        reject(new Error('the answer to the upgrade is not a WebSocket server’s'));
        return;
      }
      const answer = {
        status: 101,
        server: text(response.headers['server']),
        refusal: undefined,
        subprotocol: text(response.headers['sec-websocket-protocol']),
      };
      // Whether or not the goodbye goes through, the question is answered.
      upgraded.write(goodbye(), () => {
        resolve(answer);
      });
    });
  });
}

function requestOptions(socket: TLSSocket, { url }: GatewayTarget, path: string): http.RequestOptions {
  return { createConnection: () => socket, host: new URL(url).host, path };
}

function headers({ url, cookie }: GatewayTarget): Record<string, string> {
  return {
    Host: new URL(url).host,
    'User-Agent': 'dcvops',
    // The gateway's errors as JSON.
    Accept: 'application/json',
    Connection: 'close',
    ...(cookie === undefined ? {} : { Cookie: cookie.reveal() }),
  };
}

async function readResponse(response: http.IncomingMessage): Promise<HttpResponse> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_BODY_BYTES) break;
  }
  return {
    status: response.statusCode ?? 0,
    server: text(response.headers['server']),
    location: text(response.headers['location']),
    body: Buffer.concat(chunks).toString(),
  };
}

/** The socket has finished its handshake: `http2.connect` over a tunnel waits for ever for one that is still at it. */
async function getOverHttp2(socket: TLSSocket, target: GatewayTarget, path: string): Promise<number> {
  // only a full check asks for it, and it is the largest of Node's own modules
  const { default: http2 } = await import('node:http2');
  return new Promise((resolve, reject) => {
    const session = http2.connect(new URL(target.url).origin, { createConnection: () => socket });
    session.once('error', reject);
    session.once('close', () => {
      reject(new Error('the connection was closed before an answer'));
    });
    const stream = session.request({ ':path': path, 'user-agent': 'dcvops' });
    stream.once('error', reject);
    stream.once('response', (response) => {
      resolve(response[':status'] ?? 0);
      session.destroy();
    });
    stream.resume();
  });
}

function acceptFor(key: string): string {
  // RFC 6455, 4.2.2
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** A close frame, "normal closure" (1000), masked as a client's frames must be: with zeros, for it hides nothing. */
function goodbye(): Buffer {
  return Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
}

function httpAnswer({ status, server, location, body }: HttpResponse): HttpAnswer {
  const error = at(parseJson(body), 'error');
  const stage = text(at(error, 'stage'));
  const reason = text(at(error, 'reason'));
  return {
    status,
    server,
    ...(location === undefined ? {} : { location }),
    refusal: stage === undefined || reason === undefined ? undefined : { stage, reason },
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
