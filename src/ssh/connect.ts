import net from 'node:net';
import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import type ssh2 from 'ssh2';
import { DcvopsError } from '../errors.ts';
import { type ConnectPhase, ConnectTimeout, connectError } from './connect-errors.ts';
import type { HostKeyCheck } from './host-key-check.ts';
import type { Credential, Credentials } from './keys.ts';
import type { Target } from './target.ts';

/** One SSH connection, logged in. */
export interface Connection {
  readonly target: Target;
  readonly client: ssh2.Client;
  /** Why it ended, once it has. */
  readonly lost: () => Error | undefined;
  /** Called once, when it has ended for whatever reason. Calling what is returned takes the listener away again. */
  readonly onLost: (listener: () => void) => () => void;
  readonly end: () => void;
}

export interface ConnectOptions {
  readonly target: Target;
  /** The jump host's connection; undefined: straight from here. */
  readonly via: Connection | undefined;
  readonly credentials: Credentials;
  readonly hostKey: HostKeyCheck;
  /** For TCP, handshake and login together, and what is left of it after earlier attempts. */
  readonly timeoutMs: number;
  readonly remainingMs: number;
  readonly keepaliveMs: number;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/** Keepalives that may stay unanswered before a connection counts as lost. */
const KEEPALIVES_MISSED = 3;

/**
 * Connects to one host and logs in. The hosts before it are connected already.
 * @throws DcvopsError `unreachable`, `host-key` or `login`
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { target, via, timeoutMs } = options;
  const attempt: Attempt = { phase: 'tcp', heard: '', authsLeft: undefined, partial: false };
  const cleanUp: (() => void)[] = [];
  const fail = (error: unknown): DcvopsError =>
    options.hostKey.refusal() ??
    connectError(error, { target, via: via?.target.name, ...attempt, timeoutMs, ...options.credentials });

  const cutShort = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      reject(new ConnectTimeout());
    }, options.remainingMs);
    const aborted = (): void => {
      reject(new DcvopsError('interrupted', 'interrupted while connecting', { host: target.name }));
    };
    options.signal.addEventListener('abort', aborted, { once: true });
    if (options.signal.aborted) aborted();
    cleanUp.push(() => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', aborted);
    });
  });
  // a rejection that comes when nobody races any more is of no interest
  cutShort.catch(() => undefined);

  let socket: Duplex | undefined;
  let over = false;
  try {
    const opening = via === undefined ? openSocket(target, cleanUp) : openThrough(via, target);
    opening.then(
      (late) => {
        if (over) late.destroy();
      },
      () => undefined,
    );
    socket = await Promise.race([opening, cutShort]);
    attempt.phase = 'banner';
    return await Promise.race([logIn(socket, options, attempt), cutShort]);
  } catch (error) {
    socket?.destroy();
    throw fail(error);
  } finally {
    over = true;
    for (const clean of cleanUp) clean();
  }
}

/** How far a login got, for the message when it goes no further. */
interface Attempt {
  phase: ConnectPhase;
  /** What the host said before SSH's own greeting, or instead of it. */
  heard: string;
  authsLeft: readonly string[] | undefined;
  /** A key was accepted, and the host wants something more. */
  partial: boolean;
}

/** ssh2 would leave Nagle's algorithm on: 40 ms for every exchange. */
function openSocket({ address, port }: Target, cleanUp: (() => void)[]): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: address, port, noDelay: true });
    const undone = (): void => {
      if (socket.connecting) socket.destroy();
    };
    cleanUp.push(undone);
    socket.once('connect', () => {
      resolve(socket);
    });
    // stays: an error after the login reaches ssh2's listener as well
    socket.on('error', reject);
  });
}

/** A connection through another one. The address is given as it is: the jump host resolves it. */
export function openThrough(
  via: Connection,
  { address, port }: { address: string; port: number },
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const lost = via.lost();
    if (lost !== undefined) {
      reject(lost);
      return;
    }
    via.client.forwardOut('127.0.0.1', 0, address, port, (error: Error | undefined, channel) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      channel.on('error', () => undefined);
      // ssh2 would keep its half open for ever when the far end is gone
      channel.on('end', () => {
        channel.end();
      });
      resolve(channel);
    });
  });
}

async function logIn(socket: Duplex, options: ConnectOptions, attempt: Attempt): Promise<Connection> {
  const { target, hostKey } = options;
  const ssh = new NodeSSH();
  const ready = ssh.connect({
    sock: socket,
    username: target.user,
    authHandler: showInOrder(target.user, options.credentials.list, attempt),
    hostVerifier: hostKey.verify,
    algorithms: { serverHostKey: hostKey.algorithms },
    keepaliveInterval: options.keepaliveMs,
    keepaliveCountMax: KEEPALIVES_MISSED,
    // connect() has a timer of its own, which covers TCP as well
    readyTimeout: 0,
  });
  const { connection: client } = ssh;
  if (client === null) throw new TypeError('node-ssh made no connection');
  listenForGreeting(socket, attempt);
  client.once('handshake', () => {
    attempt.phase = 'login';
  });
  const connection = watch(client, socket, options);
  await ready;
  await hostKey.keep();
  return connection;
}

/** What comes before "SSH-2.0-…" is a refusal in words ("Exceeded MaxStartups") or not SSH at all. */
function listenForGreeting(socket: Duplex, attempt: Attempt): void {
  const listen = (data: Buffer): void => {
    attempt.heard = (attempt.heard + data.toString('latin1')).slice(0, 1024);
    if (!/^SSH-/m.test(attempt.heard)) return;
    attempt.phase = 'handshake';
    socket.off('data', listen);
  };
  socket.on('data', listen);
}

/**
 * node-ssh takes its error listener away when the login is done, and two errors may come one after the other:
 * without a listener that stays, a lost connection would end the process.
 */
function watch(client: ssh2.Client, socket: Duplex, { target, keepaliveMs }: ConnectOptions): Connection {
  let lost: Error | undefined;
  const listeners = new Set<() => void>();
  const end = (error: Error): void => {
    if (lost !== undefined) return;
    lost = error;
    // without this a silent connection would keep the process alive, and its channels open
    socket.destroy();
    for (const listener of listeners) listener();
  };
  client.on('error', (error) => {
    const silentFor = (keepaliveMs * KEEPALIVES_MISSED) / 1000;
    const silent = error.message === 'Keepalive timeout';
    end(silent ? new Error(`no sign of life from the host for ${silentFor} s`, { cause: error }) : error);
  });
  client.on('end', () => {
    end(new Error('the host ended the connection'));
  });
  client.on('close', () => {
    end(new Error('the connection is closed'));
  });
  return {
    target,
    client,
    lost: () => lost,
    onLost(listener) {
      if (lost === undefined) listeners.add(listener);
      else listener();
      return () => {
        listeners.delete(listener);
      };
    },
    end() {
      client.end();
      end(new Error('it was closed'));
    },
  };
}

type NextMethod = ssh2.AnyAuthMethod | false;

/** Straight to the keys: asking first what the host would accept costs a round trip. */
function showInOrder(
  username: string,
  list: readonly Credential[],
  attempt: Attempt,
): ssh2.AuthHandlerMiddleware {
  let next = 0;
  const choose = (authsLeft: readonly string[] | null, partial: boolean | null): NextMethod => {
    attempt.authsLeft = authsLeft ?? undefined;
    attempt.partial ||= partial === true;
    const credential = list[next++];
    if (credential === undefined) return false;
    return credential.kind === 'key'
      ? { type: 'publickey', username, key: credential.key }
      : { type: 'agent', username, agent: credential.agent };
  };
  return (authsLeft, partial, answer) => {
    // ssh2 takes `false` for "nothing more to show", which its types leave out
    (answer as (method: NextMethod) => void)(choose(authsLeft, partial));
  };
}
