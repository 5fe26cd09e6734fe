import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { frame, RECORD_MESSAGE, SWITCHING } from './websocket.ts';

/*
 * An agent that costs little: it listens for TLS, takes every handshake, and then either pours (`/pour`: messages that fill a
 * TLS record each, as fast as they are taken) or answers whatever arrives, with 64 bytes or (`/records`) with such a message.
 * Says "ready", ends with SIGTERM.
 * Arguments: address, port, certificate, key.
 */

const [host = '', port = '', certificate = '', key = ''] = process.argv.slice(2);
const RECORD = frame(RECORD_MESSAGE, 'server');
const ANSWER = frame(64, 'server');
/** dcvops asks an agent for its version before it believes that it is one. */
const NO_WEBSOCKET = 'HTTP/1.1 200 OK\r\nServer: dcv\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

const server = tls.createServer(
  { cert: readFileSync(certificate), key: readFileSync(key), noDelay: true },
  (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (head: Buffer) => {
      const [request = '', ...headers] = head.toString('latin1').split('\r\n');
      if (!headers.some((line) => /^upgrade: websocket$/i.test(line))) socket.end(NO_WEBSOCKET);
      else if (request.includes('/pour')) pour(socket);
      else answer(socket, request.includes('/records') ? RECORD : ANSWER);
    });
  },
);
server.listen({ host, port: Number(port), backlog: 1024 }, () => {
  process.stdout.write('ready\n');
});

function pour(socket: tls.TLSSocket): void {
  const more = (): void => {
    while (socket.write(RECORD));
  };
  socket.write(SWITCHING);
  socket.on('drain', more);
  socket.resume();
  more();
}

function answer(socket: tls.TLSSocket, message: Buffer): void {
  socket.write(SWITCHING);
  socket.on('data', () => socket.write(message));
}
