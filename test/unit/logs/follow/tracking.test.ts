import { describe, expect, it } from 'vitest';
import type { ListedFile } from '../../../../src/logs/follow/listing.ts';
import {
  type Head,
  type LogFiles,
  type TrackedFile,
  type TrackedLog,
  bytesSinceTruncation,
  headsWanted,
  learnHead,
  logsIn,
  newLog,
  nextReads,
} from '../../../../src/logs/follow/tracking.ts';

// Each of these decides whether lines are lost or shown twice.

const LOG = '/var/log/dcv/server.log';
const STARTED_US = 1000;

function listed(path: string, inode: number, size: number, mtimeUs = 2000): ListedFile {
  return { path, id: `1:${inode}`, size, mtimeUs, utcOffsetMinutes: 0 };
}

/** What a file that was written from `seed` begins with. */
function headOf(seed: string): Buffer {
  return Buffer.from(seed.repeat(100));
}

function head(seed: string, length?: number): Head {
  return { bytes: headOf(seed), length };
}

function tracked(inode: number, offset: number, seed = 'a', size = offset): TrackedFile {
  return { id: `1:${inode}`, head: headOf(seed), offset, size, mtimeUs: 1500 };
}

function logWith(...files: TrackedFile[]): TrackedLog {
  return { ...newLog(LOG, STARTED_US), files };
}

function files(current: ListedFile | undefined, ...rotated: ListedFile[]): LogFiles {
  return { current, rotated };
}

interface Decision {
  readonly rests: readonly string[];
  readonly current: string | undefined;
  readonly gone: readonly string[];
}

function decide(
  log: TrackedLog,
  now: LogFiles,
  heads: Readonly<Record<number, Head>> = {},
  held: readonly number[] = [],
): Decision {
  const { rests, current, gone } = nextReads(
    log,
    now,
    new Map(Object.entries(heads).map(([inode, one]) => [`1:${inode}`, one])),
    new Set(log.files.filter(({ id }) => held.some((inode) => id === `1:${inode}`))),
  );
  const show = ({ listed: { path }, tracked: { offset } }: (typeof rests)[number]): string =>
    `${path.slice(LOG.length)} from ${offset}`;
  return {
    rests: rests.map(show),
    current: current === undefined ? undefined : show(current),
    gone: gone.map(({ tracked: { id }, bytes }) => `${id} ${bytes}`),
  };
}

describe('what of a log is to be read next', () => {
  it('goes on where it was', () => {
    expect(decide(logWith(tracked(1, 500)), files(listed(LOG, 1, 900)))).toEqual({
      rests: [],
      current: ' from 500',
      gone: [],
    });
  });

  it('begins a log that is new, and one that is rotated away, at its start', () => {
    expect(decide(logWith(), files(listed(LOG, 1, 900))).current).toBe(' from 0');
    expect(
      decide(logWith(tracked(1, 500)), files(listed(LOG, 2, 900), listed(`${LOG}.1`, 1, 500))).current,
    ).toBe(' from 0');
  });

  it('first reads what was written to the old file before it was renamed', () => {
    expect(decide(logWith(tracked(1, 500)), files(listed(LOG, 2, 10), listed(`${LOG}.1`, 1, 620)))).toEqual({
      rests: ['.1 from 500'],
      current: ' from 0',
      gone: [],
    });
  });

  it('leaves a renamed file to the program that holds it open', () => {
    const log = logWith(tracked(1, 500));
    expect(decide(log, files(listed(LOG, 2, 10), listed(`${LOG}.1`, 1, 620)), {}, [1]).rests).toEqual([]);
    expect(log.files.map(({ id }) => id)).toEqual(['1:2', '1:1']);
  });

  it('leaves a file that was packed meanwhile to the program that holds it open, too', () => {
    const now = files(listed(LOG, 2, 10), listed(`${LOG}.1.gz`, 9, 77));
    expect(decide(logWith(tracked(1, 500)), now, { 9: head('a', 620) }, [1]).rests).toEqual([]);
  });

  it('reads whole files that came and went between two looks, the oldest first', () => {
    const now = files(
      listed(LOG, 4, 10, 2300),
      listed(`${LOG}.3`, 1, 520, 2000),
      listed(`${LOG}.2`, 2, 80, 2100),
      listed(`${LOG}.1`, 3, 90, 2200),
    );
    expect(decide(logWith(tracked(1, 500)), now, { 2: head('b'), 3: head('c') }).rests).toEqual([
      '.3 from 500',
      '.2 from 0',
      '.1 from 0',
    ]);
  });

  it('reads the rest of a file that was packed, known by what it begins with', () => {
    const log = logWith(tracked(1, 500));
    const now = files(listed(LOG, 2, 10), listed(`${LOG}.1.gz`, 9, 77));
    expect(decide(log, now, { 9: head('a', 620) }).rests).toEqual(['.1.gz from 500']);
  });

  it('reads nothing of a packed file that was read to its end before', () => {
    const now = files(listed(LOG, 2, 10), listed(`${LOG}.1.gz`, 9, 77));
    expect(decide(logWith(tracked(1, 500)), now, { 9: head('a', 500) })).toEqual({
      rests: [],
      current: ' from 0',
      gone: [],
    });
  });

  it('knows a file of more than 4 GiB, whose packed length is told modulo 4 GiB', () => {
    const now = files(listed(LOG, 2, 10), listed(`${LOG}.1.gz`, 9, 77));
    const large = 2 ** 32 + 500;
    expect(decide(logWith(tracked(1, large)), now, { 9: head('a', 500) }).rests).toEqual([]);
    expect(decide(logWith(tracked(1, large)), now, { 9: head('a', 501) }).rests).toEqual([
      `.1.gz from ${large}`,
    ]);
  });

  it('never reads what was rotated away before anybody followed', () => {
    const log = logWith(tracked(1, 500));
    log.old.add('1:7');
    const now = files(listed(LOG, 1, 500), listed(`${LOG}.1`, 7, 900), listed(`${LOG}.2.gz`, 8, 900, 500));
    expect(decide(log, now, { 7: head('x'), 8: head('y', 9000) }).rests).toEqual([]);
    // the same again, packed and renamed since, and the log rotated
    const later = files(listed(LOG, 2, 5), listed(`${LOG}.1`, 1, 500), listed(`${LOG}.2.gz`, 10, 300, 500));
    expect(decide(log, later, { 10: head('x', 900) }).rests).toEqual([]);
  });

  it('takes a file with a used-again inode for a new one', () => {
    const log = logWith(tracked(1, 500));
    const now = files(listed(LOG, 1, 900), listed(`${LOG}.1`, 3, 620));
    expect(decide(log, now, { 1: head('b'), 3: head('a') })).toEqual({
      rests: ['.1 from 500'],
      current: ' from 0',
      gone: [],
    });
  });

  it('goes on with a file on a disk that a reboot has given another number', () => {
    const now = { current: { ...listed(LOG, 1, 900), id: '2:1' }, rotated: [] };
    const headOfCurrent = new Map([['2:1', head('a')]]);
    const log = logWith(tracked(1, 500));
    expect(headsWanted(log, now, true).map(({ id }) => id)).toEqual(['2:1']);
    const { current } = nextReads(log, now, headOfCurrent, new Set());
    expect(current?.tracked).toMatchObject({ id: '2:1', offset: 500 });
    const other = nextReads(logWith(tracked(1, 500)), now, new Map([['2:1', head('b')]]), new Set());
    expect(other.current?.tracked.offset).toBe(0);
  });

  it('does not read a copy of the log beside the log', () => {
    const now = files(listed(LOG, 1, 500), listed(`${LOG}.1`, 3, 500));
    expect(decide(logWith(tracked(1, 500)), now, { 3: head('a') }).rests).toEqual([]);
  });

  it('says how much of a file is lost that is nowhere any more', () => {
    const now = files(listed(LOG, 2, 10));
    expect(decide(logWith(tracked(1, 500, 'a', 700)), now)).toEqual({
      rests: [],
      current: ' from 0',
      gone: ['1:1 200'],
    });
  });

  it('waits for a log that is away', () => {
    expect(decide(logWith(), files(undefined))).toEqual({ rests: [], current: undefined, gone: [] });
  });

  it('asks for the heads of files that nobody knows, and of all after a connection was lost', () => {
    const log = logWith(tracked(1, 500));
    log.old.add('1:7');
    const now = files(listed(LOG, 1, 900), listed(`${LOG}.1`, 7, 900), listed(`${LOG}.2`, 8, 900));
    expect(headsWanted(log, now, false).map(({ id }) => id)).toEqual(['1:8']);
    expect(headsWanted(log, now, true).map(({ id }) => id)).toEqual(['1:8', '1:1']);
  });
});

describe('the files of a pattern', () => {
  it.each([
    ['numbers', `${LOG}.1`],
    ['numbers, packed', `${LOG}.12.gz`],
    ['dates', `${LOG}-20261125`],
    ['dates and times, packed', `${LOG}-20261125-1200.xz`],
    ['a time stamp as DCV has it', `${LOG}.2026-11-25-12-00`],
  ])('takes rotation by %s for what it is', (_, path) => {
    const logs = logsIn([listed(path, 2, 5), listed(LOG, 1, 5)], (one) => one === LOG);
    expect([...logs.keys()]).toEqual([LOG]);
    expect(logs.get(LOG)?.rotated.map((file) => file.path)).toEqual([path]);
  });

  it('waits until a file is packed as a whole', () => {
    const [plain, packed] = [listed(`${LOG}.1`, 2, 5), listed(`${LOG}.1.gz`, 3, 1)];
    const rotated = (...some: ListedFile[]) => logsIn(some, (one) => one === LOG).get(LOG)?.rotated;
    expect(rotated(plain, packed)).toEqual([plain]);
    expect(rotated(packed)).toEqual([packed]);
  });

  it('gives each log its own, the oldest first, each file once', () => {
    const [a, b] = ['/l/agent.u.a.log', '/l/agent.u.b.log'];
    const logs = logsIn(
      [
        listed(a, 1, 1),
        listed(`${a}.1`, 2, 1, 30),
        listed(`${a}.2`, 3, 1, 20),
        listed(b, 4, 1),
        listed(`${a}.1`, 2, 1, 30),
      ],
      (path) => path.startsWith('/l/'),
    );
    expect(logs.get(a)?.rotated.map(({ path }) => path)).toEqual([`${a}.2`, `${a}.1`]);
    expect(logs.get(b)).toEqual({ current: listed(b, 4, 1), rotated: [] });
  });
});

describe('the first bytes of a file', () => {
  it('are learned while it is short, each once', () => {
    const file: TrackedFile = { ...tracked(1, 0), head: Buffer.from('abc') };
    learnHead(file, 1, Buffer.from('bc'));
    learnHead(file, 5, Buffer.from('too far'));
    expect(file.head.toString()).toBe('abc');
    learnHead(file, 2, Buffer.from('cde'));
    learnHead(file, 5, Buffer.alloc(5000, 'x'));
    expect(file.head.toString('latin1', 0, 6)).toBe('abcdex');
    expect(file.head.length).toBe(1024);
  });
});

describe('where a file was truncated', () => {
  it.each([
    ['nothing came since', 'old old', 'new', 0],
    ['all of the new came', 'old new', 'new', 3],
    ['part of the new came', 'old ne', 'new new', 2],
    ['nothing is there', 'old', '', 0],
    ['the new is longer than what came', 'xyz', 'xyzxyz', 3],
  ])('is told when %s', (_, received, begun, expected) => {
    expect(bytesSinceTruncation(Buffer.from(received), Buffer.from(begun))).toBe(expected);
  });
});
