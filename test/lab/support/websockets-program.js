// @ts-check
// Many WebSockets held open on the operator's side, each pinged all the time. Tells on stdout, one JSON object a line:
// `open` when all are, `cut` for each that ended by itself; at the end of its stdin `held` with how many still answered.
// Arguments: URL of the WebSocket, how many.
import process from 'node:process';
import { WebSocket } from 'ws';

const [url = '', count = '1'] = process.argv.slice(2);
const origin = new URL(url.replace(/^ws/, 'http')).origin;
let ending = false;

/** @param {object} event */
function tell(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** @returns {Promise<WebSocket>} */
function open() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'dcv', { rejectUnauthorized: false, origin });
    socket.once('open', () => {
      resolve(socket);
    });
    socket.once('error', reject);
    socket.once('close', (code) => {
      if (!ending) tell({ event: 'cut', code });
    });
  });
}

/** @param {WebSocket} socket @returns {Promise<boolean>} */
function answers(socket) {
  return new Promise((resolve) => {
    if (socket.readyState !== WebSocket.OPEN) resolve(false);
    socket.once('pong', () => {
      resolve(true);
    });
    socket.once('close', () => {
      resolve(false);
    });
    socket.ping();
  });
}

const sockets = await Promise.all(Array.from({ length: Number(count) }, open));
tell({ event: 'open', count: sockets.length });
const pinging = setInterval(() => {
  for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.ping();
}, 200);

process.stdin.resume();
process.stdin.once('end', () => {
  clearInterval(pinging);
  void Promise.all(sockets.map(answers)).then((alive) => {
    ending = true;
    tell({ event: 'held', count: alive.filter(Boolean).length });
    for (const socket of sockets) socket.terminate();
  });
});
