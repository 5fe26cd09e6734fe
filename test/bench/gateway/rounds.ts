import { type Pairs, type Turns, takeTurns } from '../measure.ts';
import { type Arena, programOf } from './arena.ts';
import { type Contender, GATEWAY, HTTP_AGENT, PORTS, WEBSOCKET_AGENT } from './configs.ts';

/*
 * Client, proxy and agent share the machine's cores, so rounds are short and the contenders take turns: a busy second strikes
 * both sides of a pair.
 */

/** How much is measured. */
export interface Effort {
  /** Pairs of rounds of a comparison. */
  readonly pairs: number;
  /** Of one round. */
  readonly seconds: number;
  /** Pings of one round. */
  readonly pings: number;
}

/** One WebSocket that an agent pours 16 KiB writes into: bytes a second. */
export function throughput(arena: Arena, { pairs, seconds }: Effort): Promise<Pairs> {
  const round = (contender: Contender) => async (): Promise<number> => {
    const { bytesPerSecond } = await client<{ bytesPerSecond: number }>(
      arena,
      contender,
      '/pour',
      'down',
      seconds,
    );
    return bytesPerSecond;
  };
  return takeTurns(round('ours'), round('minimal'), pairs);
}

/** Times from a message of 64 bytes to its answer, in microseconds. */
export interface PingTimes {
  readonly p50: number;
  readonly p99: number;
}

/** One WebSocket, one message at a time. */
export function pings(arena: Arena, { pairs, pings }: Effort): Promise<Turns<PingTimes>> {
  const round = (contender: Contender) => () => client<PingTimes>(arena, contender, '/echo', 'ping', pings);
  return takeTurns(round('ours'), round('haproxy'), pairs);
}

async function client<T>(
  arena: Arena,
  contender: Contender,
  path: string,
  what: string,
  howMuch: number,
): Promise<T> {
  const argv = programOf('client', GATEWAY, PORTS[contender], `/${WEBSOCKET_AGENT}${path}`, what, howMuch);
  return JSON.parse(await arena.run(argv)) as T;
}

const CONNECTIONS = 32;

/** Requests for 1 KB to an agent of the inventory over a few connections that stay: a second. */
export function requests(arena: Arena, { pairs, seconds }: Effort): Promise<Pairs> {
  const round = (contender: Contender) => async (): Promise<number> =>
    requestsPerSecond(
      await arena.run([
        ...['wrk', '-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`],
        `https://${GATEWAY}:${PORTS[contender]}/${HTTP_AGENT}/1k`,
      ]),
    );
  return takeTurns(round('ours'), round('minimal'), pairs);
}

/** What wrk prints. @throws Error when an answer was not the agent's: refusals are fast */
export function requestsPerSecond(text: string): number {
  const rate = /^Requests\/sec:\s+([\d.]+)$/m.exec(text)?.[1];
  if (rate === undefined || /^ *Non-2xx|^ *Socket errors/m.test(text))
    throw new Error(`wrk did not get what it asked for:\n${text}`);
  return Number(rate);
}
