// @ts-check
// A viewer of a stand-in's session, without a browser: what the page does, said in the protocol. Runs on the operator's
// side, stays connected until its stdin ends, and tells on stdout, one JSON object a line: `connected` (with what the
// desktop calls itself), `typed`, `refused`, `closed`.
// Arguments: URL of the page (https://…/ with an optional #SESSION), optional text to type.
import process from 'node:process';
import { WebSocket } from 'ws';

const [page = '', text = ''] = process.argv.slice(2);
const { origin, pathname, hash, searchParams } = new URL(page);
const base = (origin + pathname).replace(/^http/, 'ws').replace(/\/+$/, '');
const authenticationToken = searchParams.get('authToken') ?? undefined;
const sessionId = hash === '' ? null : decodeURIComponent(hash.slice(1));

/** @param {object} event */
function tell(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** @param {string} name */
function open(name) {
  const socket = new WebSocket(`${base}/${name}`, 'dcv', { rejectUnauthorized: false, origin });
  socket.on('unexpected-response', (_request, response) => {
    end({ event: 'refused', status: response.statusCode });
  });
  socket.on('error', (error) => {
    end({ event: 'refused', message: error.message });
  });
  socket.on('close', (code) => {
    if (name === 'ws') end({ event: 'closed', code });
  });
  return socket;
}

/** @param {object} event */
function end(event) {
  tell(event);
  process.exitCode = 1;
  process.stdin.destroy();
  for (const socket of sockets) socket.terminate();
  sockets = [];
}

/** @type {WebSocket[]} */
let sockets = [];

/** @param {import('ws').RawData} data */
function textOf(data) {
  return Buffer.isBuffer(data) ? data.toString() : '';
}

/**
 * Sends a request on a new socket and gives the JSON answer.
 * @param {string} name
 * @param {object} request
 * @returns {Promise<Record<string, unknown>>}
 */
function ask(name, request) {
  const socket = open(name);
  sockets.push(socket);
  socket.on('open', () => {
    socket.send(JSON.stringify(request));
  });
  return new Promise((resolve) => {
    socket.once('message', (data) => {
      /** @type {unknown} */
      const parsed = JSON.parse(textOf(data));
      const answer = /** @type {Record<string, unknown>} */ (parsed);
      if (answer['result'] === 'ok') resolve(answer);
      else end({ event: 'refused', error: answer['error'], message: answer['message'] });
    });
  });
}

/** RFB 3.8 without a password, as far as the desktop's name. @param {object} request */
function display(request) {
  const socket = open('ws');
  sockets.push(socket);
  let buffer = Buffer.alloc(0);
  let state = 'version';
  /** @param {number} length */
  const take = (length) => {
    const taken = buffer.subarray(0, length);
    buffer = buffer.subarray(length);
    return taken;
  };
  socket.on('open', () => {
    socket.send(JSON.stringify({ channel: 'display', ...request }));
  });
  socket.on('message', (data, isBinary) => {
    if (!isBinary || !Buffer.isBuffer(data)) return;
    buffer = Buffer.concat([buffer, data]);
    if (state === 'version' && buffer.length >= 12) {
      socket.send(take(12));
      state = 'security';
    }
    if (state === 'security' && buffer.length > (buffer[0] ?? 255)) {
      take(1 + (buffer[0] ?? 0));
      socket.send(Buffer.from([1])); // None
      state = 'result';
    }
    if (state === 'result' && buffer.length >= 4) {
      take(4);
      socket.send(Buffer.from([1])); // shared
      state = 'init';
    }
    if (state === 'init' && buffer.length >= 24 && buffer.length >= 24 + buffer.readUInt32BE(20)) {
      const name = buffer.subarray(24, 24 + buffer.readUInt32BE(20)).toString();
      state = 'running';
      tell({ event: 'connected', name, ...request });
      if (text !== '') type(socket);
    }
  });
}

/** @param {WebSocket} socket */
function type(socket) {
  for (const character of `${text}\n`) {
    const keysym = character === '\n' ? 0xff0d : (character.codePointAt(0) ?? 0);
    for (const down of [1, 0]) {
      const key = Buffer.alloc(8);
      key.writeUInt8(4, 0);
      key.writeUInt8(down, 1);
      key.writeUInt32BE(keysym, 4);
      socket.send(key);
    }
  }
  tell({ event: 'typed' });
}

process.stdin.resume().once('end', () => {
  for (const socket of sockets) socket.terminate();
  sockets = [];
});

const granted = await ask('auth', { sessionId, authenticationToken });
const { sessionId: joined, authToken } = granted;
const { connectionId } = await ask('ws', { channel: 'main', sessionId: joined, authToken });
display({ sessionId: joined, authToken, connectionId });
