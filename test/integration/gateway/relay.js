// @ts-check
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';

/*
 * Runs inside the private network and passes connections through, both ways, over unix sockets in the directory that it
 * is given. It ends when its stdin does. Plain JavaScript, so that it starts without a loader: every gateway under test has one.
 */

const [directory = '.'] = process.argv.slice(2);

/** Out of the test, into the network: the first line says where to. */
const outward = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  let head = '';
  /** @param {Buffer} chunk */
  const onData = (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\n');
    if (end === -1) return;
    socket.off('data', onData);
    socket.pause();
    /** @type {unknown} */
    const order = JSON.parse(head.slice(0, end));
    const { host, port, from } = /** @type {{ host: string, port: number, from?: string }} */ (order);
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
    target.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
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
  /** @type {unknown} */
  const order = JSON.parse(line);
  const { host, port, file, tellAddress } =
    /** @type {{ host: string, port: number, file: string, tellAddress?: boolean }} */ (order);
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

/**
 * @param {net.Socket} one
 * @param {net.Socket} other
 */
function join(one, other) {
  /** @param {net.Socket} from @param {net.Socket} to */
  const pass = (from, to) => {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  };
  pass(one, other);
  pass(other, one);
}
