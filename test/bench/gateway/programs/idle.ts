import type tls from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { frame, openWebSocket, targetOf } from './websocket.ts';

/*
 * Many WebSockets that are open and say nothing. Each has said a message and heard one when `open` is told, on stdout, one
 * JSON object a line; `cut` follows for each that ended by itself. At the end of stdin each is asked once more, and `held`
 * tells how many answered. Arguments: host, port, path, how many, how many a second, bytes of the first message.
 */

const [number = '1', perSecond = '100', messageBytes = '64'] = process.argv.slice(5);
const target = targetOf(process.argv.slice(2));
const FIRST = frame(Number(messageBytes), 'client');
const LAST = frame(64, 'client');
/** Handshakes that are under way at a time. */
const AT_ONCE = 20;
const ANSWER_LIMIT_MS = 20_000;

/** One of them. */
interface Held {
  readonly socket: tls.TLSSocket;
  readonly listener: Listener;
}

interface Listener {
  /** Called for every piece that arrives. */
  heard: () => void;
}

let isEnding = false;
const held = await openAll(Number(number), Number(perSecond));
for (const { socket } of held) {
  socket.once('close', () => {
    if (!isEnding) tell({ event: 'cut' });
  });
}
tell({ event: 'open', count: held.length });

process.stdin.resume();
process.stdin.once('end', () => {
  void Promise.all(held.map((one) => exchange(one, LAST))).then((answers) => {
    isEnding = true;
    tell({ event: 'held', count: answers.filter(Boolean).length });
    for (const { socket } of held) socket.destroy();
  });
});

async function openAll(count: number, rate: number): Promise<readonly Held[]> {
  const startedAt = performance.now();
  const all: Held[] = [];
  let begun = 0;
  const openOneByOne = async (): Promise<void> => {
    for (let index = begun++; index < count; index = begun++) {
      await delay(Math.max(0, startedAt + (index * 1000) / rate - performance.now()));
      all.push(await open());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openOneByOne));
  return all;
}

async function open(): Promise<Held> {
  const listener: Listener = { heard: () => undefined };
  const socket = await openWebSocket(target, () => {
    listener.heard();
  });
  if (await exchange({ socket, listener }, FIRST)) return { socket, listener };
  throw new Error('a WebSocket was cut before it had heard anything');
}

/** Sends a message. @returns whether an answer came */
function exchange({ socket, listener }: Held, message: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isAnswered: boolean): void => {
      clearTimeout(timer);
      resolve(isAnswered);
    };
    const timer = setTimeout(finish, ANSWER_LIMIT_MS, false);
    listener.heard = () => {
      finish(true);
    };
    socket.once('close', () => {
      finish(false);
    });
    if (socket.destroyed) finish(false);
    else socket.write(message);
  });
}

function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
