import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { Secret } from '../shell/secret.ts';

/** The gateway that is asked. */
export interface GatewayTarget {
  /** What people open: `https://10.213.66.188:8443`. It gives the Host header, the SNI and the Origin. */
  readonly url: string;
  /** Opens a TCP connection to it: directly, or through a tunnel. */
  readonly dial: () => Promise<Duplex>;
  /** For each probe, in milliseconds. Default 10 s: above the 5 s after which the gateway gives an agent up. */
  readonly timeoutMs?: number;
  /** Opens the gateway's login. Only for a `dial` that goes through SSH: directly, anybody could be answering. */
  readonly cookie?: Secret;
  /** Who may have signed the certificate, in PEM; default: Node's own list. */
  readonly roots?: readonly string[];
}

/** An answer, or why there was none. */
export type Probe<Answer> = (Answer & Answered) | Unanswered;

interface Answered {
  readonly answered: true;
  readonly elapsedMs: number;
}

export interface Unanswered {
  readonly answered: false;
  readonly elapsedMs: number;
  /** How far it came: no connection, no TLS, or no answer. */
  readonly stage: Stage;
  /** For people: "connection refused". */
  readonly reason: string;
  /** What was thrown, for whoever wants to tell a firewall from a service that is down. */
  readonly cause?: unknown;
}

/** Nothing came back in time. */
export class NoAnswer extends Error {}

/** How far a question came. */
export type Stage = 'connect' | 'tls' | 'request';

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Opens a TLS connection to the gateway, lends it to `ask`, and ends it. Never rejects; never takes longer than the
 * target's timeout; leaves no socket behind, also when a connection arrives after the deadline.
 */
export async function probe<Answer extends object>(
  target: GatewayTarget,
  protocol: 'http/1.1' | 'h2',
  ask: (socket: tls.TLSSocket) => Promise<Answer>,
): Promise<Probe<Answer>> {
  const started = performance.now();
  const deadline = startDeadline(target.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const sockets = keepSockets();
  let stage: Stage = 'connect';

  async function attempt(): Promise<Answer> {
    const raw = sockets.keep(await target.dial());
    stage = 'tls';
    const secured = sockets.keep(secure(raw, target, protocol));
    await handshake(secured);
    stage = 'request';
    return ask(secured);
  }

  try {
    const answer = await Promise.race([attempt(), deadline.passed]);
    return { ...answer, answered: true, elapsedMs: elapsedSince(started) };
  } catch (error) {
    return {
      answered: false,
      elapsedMs: elapsedSince(started),
      stage,
      reason: reasonOf(error),
      cause: error,
    };
  } finally {
    deadline.stop();
    sockets.destroyAll();
  }
}

/** Opens TCP connections without any detour. A deadline for connecting may be shorter than the probe's own. */
export function dialDirectly(
  host: string,
  port: number,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): () => Promise<Duplex> {
  return () =>
    new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, noDelay: true, timeout: timeoutMs });
      socket.once('error', reject);
      socket.once('timeout', () => {
        socket.destroy(noAnswerIn(timeoutMs));
      });
      socket.once('connect', () => {
        socket.setTimeout(0);
        resolve(socket);
      });
    });
}

/**
 * Nothing is verified in here: many gateways have a self-signed certificate, and a probe sends no secret. The
 * certificate is looked at afterwards (`certificate.ts`).
 */
function secure(raw: Duplex, { url, roots }: GatewayTarget, protocol: string): tls.TLSSocket {
  const { hostname } = new URL(url);
  return tls.connect({
    socket: raw,
    ALPNProtocols: [protocol],
    rejectUnauthorized: false,
    // Names are judged later; here they would hide what is wrong with the chain.
    checkServerIdentity: () => undefined,
    // An address is no server name; Node warns about it.
    ...(net.isIP(bare(hostname)) === 0 ? { servername: hostname } : {}),
    ...(roots === undefined ? {} : { ca: [...roots] }),
  });
}

/** A URL's host without the brackets of IPv6. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function handshake(socket: tls.TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('the connection was closed during the TLS handshake'));
    });
  });
}

/** Sockets that are destroyed together; one that comes too late is destroyed at once. None of them can throw. */
function keepSockets(): { keep: <Socket extends Duplex>(socket: Socket) => Socket; destroyAll: () => void } {
  const open = new Set<Duplex>();
  let over = false;
  return {
    keep(socket) {
      socket.on('error', () => {
        // Whoever waits for the socket has a listener of its own; without this one a late error ends the process.
      });
      if (over) socket.destroy();
      open.add(socket);
      return socket;
    },
    destroyAll() {
      over = true;
      for (const socket of [...open].reverse()) socket.destroy();
    },
  };
}

function startDeadline(timeoutMs: number): { passed: Promise<never>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(noAnswerIn(timeoutMs));
    }, timeoutMs);
  });
  return {
    passed,
    stop: () => {
      clearTimeout(timer);
    },
  };
}

function noAnswerIn(timeoutMs: number): NoAnswer {
  return new NoAnswer(`no answer in ${timeoutMs / 1000} s`);
}

function elapsedSince(started: number): number {
  return Math.round(performance.now() - started);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'unknown host name',
  EAI_AGAIN: 'the host name could not be looked up',
  EPIPE: 'connection reset',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what answers there does not speak TLS',
  EPROTO: 'the TLS handshake failed',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  return known ?? error.message;
}
