// @ts-check
// Runs in the lab's network: takes connections on a socket of the machine's network, which it is given over IPC, and
// passes each on to the gateway. Plain JavaScript, so that it starts without a loader and stays small.
import net from 'node:net';
import process from 'node:process';

const [host = '', port = ''] = process.argv.slice(2);

process.once('message', (_message, handle) => {
  const server = /** @type {net.Server} */ (handle);
  server.on('connection', (incoming) => {
    const outgoing = net.connect({ host, port: Number(port), noDelay: true });
    incoming.setNoDelay(true);
    incoming.pipe(outgoing).pipe(incoming);
    // Whichever side breaks off, the other learns of it; a gateway that is down is a closed connection.
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });
  process.send?.('listening');
});
