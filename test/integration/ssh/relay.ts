import net from 'node:net';

/** A TCP relay on loopback, to break a connection in the ways that networks do. */
export interface Relay {
  readonly port: number;
  /** From now on nothing goes through, and nobody is told: a pulled cable. */
  readonly goSilent: () => void;
  /** Goes silent after so many bytes from the server, for each connection. */
  readonly silentAfter: (bytes: number) => void;
  /**
   * Collects what the server sends for so long and delivers it in one piece, as a slow line or a busy client
   * sees it.
   */
  readonly batch: (milliseconds: number) => void;
  /** Resets all connections. */
  readonly reset: () => void;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<net.Socket>();
  let silent = false;
  let limit = Infinity;
  let connections = 0;
  let batchMs = 0;
  const server = net.createServer((client) => {
    connections++;
    const upstream = net.connect(targetPort, '127.0.0.1');
    let passed = 0;
    let held: Buffer[] = [];
    const collect = (data: Buffer): void => {
      if (held.push(data) > 1) return;
      setTimeout(() => {
        client.write(Buffer.concat(held));
        held = [];
      }, batchMs);
    };
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (data) => {
        if (from === upstream) passed += data.length;
        if (silent || passed > limit) return;
        if (from === client || batchMs === 0) to.write(data);
        else collect(data);
      });
      from.on('close', () => {
        sockets.delete(from);
        if (!silent) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    goSilent() {
      silent = true;
    },
    silentAfter(bytes) {
      limit = bytes;
    },
    batch(milliseconds) {
      batchMs = milliseconds;
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
