// @ts-check
// Runs on the operator's side of the lab: passes TCP connections on, each piece a fixed time later in each direction, as a
// long line does. Plain JavaScript, so that it starts without a loader.
// Usage: slow-line.js DELAY_MS LISTEN_ADDRESS:PORT=HOST:PORT …
// Prints a line for each connection it takes, {"at": milliseconds since 1970, "to": "HOST:PORT"}; "listening" first.
import net from 'node:net';
import process from 'node:process';

const [delay = '0', ...routes] = process.argv.slice(2);
const delayMs = Number(delay);
/** @type {Set<net.Socket>} */
const sockets = new Set();

const servers = await Promise.all(routes.map(listen));
process.stdout.write('listening\n');
// whoever started it wants no more of it, or went away
process.stdin.resume().on('end', () => {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
});

/** @param {string} route @returns {Promise<net.Server>} */
function listen(route) {
  const [here = '', to = ''] = route.split('=');
  const [host, port] = split(here);
  const server = net.createServer({ noDelay: true }, (incoming) => {
    process.stdout.write(`${JSON.stringify({ at: Date.now(), to })}\n`);
    const [toHost, toPort] = split(to);
    const outgoing = net.connect({ host: toHost, port: toPort, noDelay: true });
    passOn(incoming, outgoing);
    passOn(outgoing, incoming);
  });
  return new Promise((resolve) => {
    server.listen(port, host, () => {
      resolve(server);
    });
  });
}

/** @param {string} address @returns {[string, number]} */
function split(address) {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon), Number(address.slice(colon + 1))];
}

/** @param {net.Socket} from @param {net.Socket} to */
function passOn(from, to) {
  /** @param {() => void} act */
  const later = (act) => {
    setTimeout(act, delayMs);
  };
  sockets.add(from);
  from.on('data', (data) => {
    later(() => to.write(data));
  });
  from.on('end', () => {
    later(() => to.end());
  });
  from.on('error', () => undefined);
  from.on('close', () => {
    sockets.delete(from);
    later(() => to.destroy());
  });
}
