import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../measure.ts';
import { frame, openWebSocket, targetOf } from './websocket.ts';

/*
 * One WebSocket at work. `down SECONDS`: reads what an agent pours; prints {"bytesPerSecond"}. `ping NUMBER`: sends 64 bytes
 * and waits for 64, so many times; prints {"p50","p99"} in microseconds. What comes first is not counted: the programs and
 * the connection have to warm up. Arguments: host, port, path, what, how much.
 */

const [what = '', howMuch = '1'] = process.argv.slice(5);
const target = targetOf(process.argv.slice(2));
const result = what === 'ping' ? await ping(Number(howMuch)) : await down(Number(howMuch));
process.stdout.write(`${JSON.stringify(result)}\n`);

async function down(seconds: number): Promise<{ readonly bytesPerSecond: number }> {
  let received = 0;
  const socket = await openWebSocket(target, (bytes) => (received += bytes));
  await delay(300);
  const [bytesBefore, startedAt] = [received, performance.now()];
  await delay(seconds * 1000);
  const bytesPerSecond = ((received - bytesBefore) * 1000) / (performance.now() - startedAt);
  socket.destroy();
  return { bytesPerSecond };
}

async function ping(number: number): Promise<{ readonly p50: number; readonly p99: number }> {
  const message = frame(64, 'client');
  const answerBytes = frame(64, 'server').length;
  const warmUp = number / 4;
  const times: number[] = [];
  let missing = answerBytes;
  let sentAt = 0;
  let finish: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const send = (): void => {
    sentAt = performance.now();
    socket.write(message);
  };
  const socket = await openWebSocket(target, (bytes) => {
    missing -= bytes;
    if (missing > 0) return;
    missing = answerBytes;
    times.push(performance.now() - sentAt);
    if (times.length < warmUp + number) send();
    else finish();
  });
  send();
  await finished;
  socket.destroy();
  const sorted = times.slice(warmUp).sort((a, b) => a - b);
  return { p50: quantile(sorted, 0.5) * 1000, p99: quantile(sorted, 0.99) * 1000 };
}
