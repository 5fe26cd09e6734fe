import { isIPv4 } from 'node:net';
import { networkAround, readAddress } from '../../inventory/addresses.ts';
import { dropOldest } from '../bounded.ts';

/** What rules remember of each subject, by host and subject; bounded. */
export interface Subjects<State> {
  /** The state of a subject at a time; a new one when there is none, or its window has ended. */
  readonly at: (host: string, subject: string, timeUs: number) => State;
  readonly size: () => number;
}

/** So many subjects are remembered at once by a rule. */
export const MOST_SUBJECTS = 5000;
/** New subjects between two looks for those that have ended. */
const LOOK_EVERY = 100;

interface Remembered<State> {
  readonly host: string;
  readonly state: State;
  lastUs: number;
}

/**
 * States of subjects, the one used longest ago first. One whose last record is a window older than its host's newest is
 * dropped, and when there are too many, the oldest. Hosts are kept apart: each log is in the order of its host's own clock, which
 * may be wrong, and may be set back: then counting begins anew.
 */
export function createSubjects<State>(
  windowUs: number,
  create: () => State,
  most: number = MOST_SUBJECTS,
): Subjects<State> {
  const remembered = new Map<string, Remembered<State>>();
  const clocks = new Map<string, number>();

  const hasEnded = ({ host, lastUs }: Remembered<State>): boolean =>
    Math.abs((clocks.get(host) ?? lastUs) - lastUs) > windowUs;

  let sinceLook = 0;
  const dropEnded = (): void => {
    sinceLook += 1;
    if (sinceLook < LOOK_EVERY) return;
    sinceLook = 0;
    for (const [key, entry] of remembered) {
      if (!hasEnded(entry)) return;
      remembered.delete(key);
    }
  };

  return {
    at: (host, subject, timeUs) => {
      clocks.set(host, timeUs);
      const key = `${host}\n${subject}`;
      let entry = remembered.get(key);
      if (entry !== undefined) remembered.delete(key);
      if (entry === undefined || hasEnded(entry)) {
        dropEnded();
        entry = { host, state: create(), lastUs: timeUs };
      }
      entry.lastUs = timeUs;
      remembered.set(key, entry);
      dropOldest(remembered, most);
      return entry.state;
    },
    size: () => remembered.size,
  };
}

/**
 * Who a client is: an address; of IPv6 its /64, in which one machine may use any address (RFC 8981). Undefined for what is no
 * address, so that a subject may stand in a command to type.
 */
export function clientSubject(client: string): string | undefined {
  if (isIPv4(client)) return client;
  const reading = readAddress(client);
  return 'value' in reading ? networkAround(reading.value, 64) : undefined;
}
