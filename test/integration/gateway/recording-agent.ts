import { type Server, type ServerOptions, createServer } from 'node:https';
import type net from 'node:net';
import { WebSocketServer } from 'ws';

/** A DCV server's web side that keeps every byte it was sent. */
export interface RecordingAgent {
  readonly name: string;
  readonly accept: (socket: net.Socket) => void;
  /** What arrived since the last time, after TLS, byte for byte. */
  readonly take: () => string;
  /** TCP connections that were opened to it. */
  readonly connections: () => number;
  readonly close: () => void;
}

/**
 * Answers as dcvserver does (`Server: dcv`, HSTS, its version), echoes WebSockets with subprotocol `dcv`, and answers with
 * the Location and Set-Cookie headers that a request asks for with `X-Want-…`.
 */
export function startRecordingAgent(name: string, certificate: ServerOptions): RecordingAgent {
  let recorded = '';
  let opened = 0;
  const server: Server = createServer(certificate, (request, response) => {
    const wanted = (header: string): Record<string, string | string[]> => {
      const value = request.headers[`x-want-${header}`];
      return value === undefined ? {} : { [header]: value };
    };
    request.resume();
    request.once('end', () => {
      response.writeHead(Number(request.headers['x-want-status'] ?? 200), {
        Server: 'dcv',
        'X-Agent': name,
        'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
        'X-Frame-Options': 'DENY',
        ...wanted('location'),
        ...wanted('set-cookie'),
      });
      response.end(`${name} ${request.url ?? ''}\n`);
    });
  });
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => (protocols.has('dcv') ? 'dcv' : false),
  });
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data, isBinary) => {
        webSocket.send(data, { binary: isBinary });
      });
      webSocket.send(name);
    });
  });
  server.on('secureConnection', (socket) => {
    socket.on('data', (chunk: Buffer) => {
      recorded += chunk.toString('latin1');
    });
  });
  // What Node's parser refuses is recorded like anything else, and answered; Node alone would just close.
  server.on('clientError', (_, socket) => {
    socket.end('HTTP/1.1 400 Bad Request\r\nServer: dcv\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  return {
    name,
    accept(socket) {
      opened += 1;
      socket.on('error', () => socket.destroy());
      server.emit('connection', socket);
    },
    take() {
      const taken = recorded;
      recorded = '';
      return taken;
    },
    connections: () => opened,
    close() {
      sockets.close();
      server.closeAllConnections();
    },
  };
}
