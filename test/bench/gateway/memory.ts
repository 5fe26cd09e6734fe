import { readFileSync } from 'node:fs';
import { type Arena, programOf } from './arena.ts';
import { GATEWAY, PORTS, WEBSOCKET_AGENT } from './configs.ts';
import { RECORD_MESSAGE } from './programs/websocket.ts';

/** How many WebSockets are opened, and how fast. */
export interface Crowd {
  readonly number: number;
  readonly perSecond: number;
}

/** What each WebSocket has carried, both ways, before it falls silent: 64 bytes, or as much as fills a TLS record. */
export type Carried = 'little' | 'records';

const EXCHANGES = {
  little: { path: '/echo', bytes: 64 },
  records: { path: '/records', bytes: RECORD_MESSAGE },
} as const;

/**
 * What nginx's workers need for an idle WebSocket, in bytes: how much their own part of the machine's memory (PSS) grows with
 * so many of them. It wants a fresh arena: memory that nginx had before and has free again would hide the growth.
 */
export async function memoryPerWebSocket(
  arena: Arena,
  { number, perSecond }: Crowd,
  carried: Carried,
): Promise<number> {
  const { path, bytes } = EXCHANGES[carried];
  const open = (count: number): ReturnType<Arena['start']> =>
    arena.start(
      programOf('idle', GATEWAY, PORTS.ours, `/${WEBSOCKET_AGENT}${path}`, count, perSecond, bytes),
    );
  await held(open(WARM_UP));
  const before = memoryOf(arena.workers());
  const crowd = open(number);
  await crowd.waitFor('"event":"open"', LIMIT_MS);
  const after = memoryOf(arena.workers());
  await held(crowd);
  return (after - before) / number;
}

/** What a worker allocates once for all of them is none of theirs. */
const WARM_UP = 20;
const LIMIT_MS = 120_000;

/** Ends a crowd. @throws Error unless all of it was there to the end */
async function held(crowd: ReturnType<Arena['start']>): Promise<void> {
  crowd.endInput();
  const { stdout, stderr } = await crowd.ended;
  if (stdout.includes('"event":"cut"') || !stdout.includes('"event":"held"'))
    throw new Error(`idle WebSockets were cut:\n${stdout}${stderr}`);
}

function memoryOf(processes: readonly number[]): number {
  return processes.reduce((sum, pid) => sum + pssOf(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')), 0);
}

/** The proportional set size that `/proc/PID/smaps_rollup` tells, in bytes. */
export function pssOf(smaps: string): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(smaps)?.[1] ?? Number.NaN) * 1024;
}
