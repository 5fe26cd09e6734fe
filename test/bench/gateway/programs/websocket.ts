import { createHash } from 'node:crypto';
import type net from 'node:net';
import tls from 'node:tls';

/*
 * Just enough of RFC 6455 to keep a proxy busy: no library stands between the clock and the socket, and frames are made
 * before they are needed.
 */

/** Where a WebSocket is opened. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** With the agent's address in front, as browsers ask the gateway. */
  readonly path: string;
}

/** What a program of the benchmark has on its command line, from its first argument on: host, port, path. */
export function targetOf([host = '', port = '', path = '/']: readonly string[]): Target {
  return { host, port: Number(port), path };
}

const MASKED = 0x80;

/**
 * One binary message in one frame, all zeros.
 * @param bytes of the payload, below 64 KiB
 * @param from a client has to mask what it sends; the mask is zero, which leaves the payload as it is
 */
export function frame(bytes: number, from: 'client' | 'server'): Buffer {
  const isMasked = from === 'client';
  const length = bytes < 126 ? [bytes] : [126, bytes >> 8, bytes & 0xff];
  const [first = 0, ...more] = length;
  const head = [0x82, first | (isMasked ? MASKED : 0), ...more];
  return Buffer.concat([Buffer.from(head), Buffer.alloc((isMasked ? 4 : 0) + bytes)]);
}

/** The largest message whose frame from a server fills one TLS record: a write of 16 KiB. */
export const RECORD_MESSAGE = 16_380;

const END_OF_HEAD = '\r\n\r\n';

const KEY = 'AAAAAAAAAAAAAAAAAAAAAA==';

/** The agent's answer to the handshake of `openWebSocket`. HAProxy passes it on only with what the key asks for. */
export const SWITCHING = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')}`,
  END_OF_HEAD.slice(2),
].join('\r\n');

/** Told how many bytes have arrived; what they are is not looked at. */
export type OnBytes = (bytes: number) => void;

/** All sockets read into the same one: nobody looks at it later. */
const buffer = Buffer.alloc(64 * 1024);

/**
 * Opens a WebSocket as a native client does.
 * @param onBytes of what arrives after the handshake
 * @throws Error with the answer when it is no 101
 */
export function openWebSocket({ host, port, path }: Target, onBytes: OnBytes): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    let head = '';
    let isOpen = false;
    const onAnswer = (bytes: number): void => {
      head += buffer.toString('latin1', 0, bytes);
      if (!head.includes(END_OF_HEAD)) return;
      isOpen = head.startsWith('HTTP/1.1 101 ');
      if (isOpen) resolve(socket);
      else socket.destroy(new Error(`no WebSocket at ${path}: ${head.slice(0, 200)}`));
    };
    const options: tls.ConnectionOptions & Pick<net.ConnectOpts, 'onread'> = {
      host,
      port,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      onread: {
        buffer,
        callback: (bytes) => {
          if (isOpen) onBytes(bytes);
          else onAnswer(bytes);
          return true;
        },
      },
    };
    const socket = tls.connect(options);
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error(`closed in the handshake: ${head}`));
    });
    socket.once('secureConnect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}${END_OF_HEAD}`,
      );
    });
  });
}
