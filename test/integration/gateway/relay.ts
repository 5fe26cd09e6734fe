import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';

/*
 * Runs inside the private network and passes connections through, both ways, over unix sockets in the directory that it
 * is given. It ends when its stdin does.
 */

const [directory = '.'] = process.argv.slice(2);

/** Out of the test, into the network: the first line says where to. */
const outward = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  let head = '';
  const onData = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\n');
    if (end === -1) return;
    socket.off('data', onData);
    socket.pause();
    const { host, port, from } = JSON.parse(head.slice(0, end)) as {
      host: string;
      port: number;
      from?: string;
    };
    const target = net.connect({
      host,
      port,
      noDelay: true,
      allowHalfOpen: true,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    target.once('connect', () => {
      socket.write('ok\n');
      join(socket, target);
    });
    target.once('error', (error: NodeJS.ErrnoException) => {
      if (target.connecting || target.pending) socket.end(`${error.code ?? error.message}\n`);
    });
  };
  socket.on('data', onData);
});
outward.listen(path.join(directory, 'dial'), () => {
  process.stdout.write('ready\n');
});

/** Out of the network, into the test: a line on stdin for each listener. */
const orders = readline.createInterface({ input: process.stdin });
orders.on('line', (line) => {
  const { host, port, file, tellAddress } = JSON.parse(line) as {
    host: string;
    port: number;
    file: string;
    tellAddress?: boolean;
  };
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const target = net.connect({ path: file, allowHalfOpen: true });
    if (tellAddress === true) target.write(`${socket.localAddress ?? ''}\n`);
    join(socket, target);
  });
  server.listen({ host, port, backlog: 1024 }, () => {
    process.stdout.write('listening\n');
  });
});
orders.on('close', () => {
  process.kill(process.pid, 'SIGTERM');
});

function join(one: net.Socket, other: net.Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}
