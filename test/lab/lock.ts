import net from 'node:net';

/**
 * Runs `work` while no other process on this machine holds the lock of that name. The lock is an abstract Unix socket:
 * the kernel takes it back when its holder ends, however it ends, and nothing stays on disk.
 * @param onWait called once when somebody else holds the lock
 */
export async function withLock<T>(name: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const release = await takeLock(name, onWait);
  try {
    return await work();
  } finally {
    release();
  }
}

/** Takes a lock and gives what lets it go; it is also let go when this process ends, which it does not keep alive. */
export async function takeLock(name: string, onWait: () => void): Promise<() => void> {
  const address = `\0dcvops-lab.${name}`;
  const waiting = new Set<net.Socket>();
  let server = await listen(address, waiting);
  if (server === undefined) onWait();
  while (server === undefined) {
    await goneFrom(address);
    server = await listen(address, waiting);
  }
  const held = server.unref();
  return () => {
    held.close();
    for (const socket of waiting) socket.destroy();
  };
}

/** Takes a lock if it is free. It is let go when this process ends, which it does not keep alive. */
export async function tryLock(name: string): Promise<boolean> {
  const server = await listen(`\0dcvops-lab.${name}`, new Set());
  server?.unref();
  return server !== undefined;
}

/** The listening server, or undefined when the address is taken. */
function listen(address: string, waiting: Set<net.Socket>): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      waiting.add(socket.unref());
      socket.on('error', () => undefined);
      socket.on('close', () => waiting.delete(socket));
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => {
      resolve(server);
    });
  });
}

/** Resolves when the lock's holder has ended or let go: it never writes, so the connection's end is the event. */
function goneFrom(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
    });
  });
}
