import { describe, expect, it } from 'vitest';
import { type Listing, readListings } from '../../../../src/logs/follow/listing.ts';

async function read(text: string, pieceLength = text.length): Promise<Listing[]> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < text.length; at += pieceLength) {
      yield await Promise.resolve(Buffer.from(text.slice(at, at + pieceLength)));
    }
  }
  const listings: Listing[] = [];
  for await (const listing of readListings(pieces())) listings.push(listing);
  return listings;
}

const CLOCK = 'time 1764075553 +0530\n';
const FILE =
  "81a4 2049 12 5678 1764075553.123456789 2026-11-25 12:59:13.123456789 +0100 '/var/log/dcv/server.log'\n";

describe('what a host lists', () => {
  it.each([1, 7, 1000])('is read in pieces of %i bytes', async (pieceLength) => {
    expect(await read(`${CLOCK}${FILE}.\n`, pieceLength)).toEqual([
      {
        startedAt: 1764075553,
        utcOffsetMinutes: 330,
        files: [
          {
            path: '/var/log/dcv/server.log',
            id: '2049:12',
            size: 5678,
            mtimeUs: 1764075553123456,
            utcOffsetMinutes: 60,
          },
        ],
        refused: [],
      },
    ]);
  });

  it('is given again when the host says that nothing changed', async () => {
    const [first, second, third] = await read(`${CLOCK}=\n${FILE}.\n=\n`);
    expect(first?.files).toEqual([]);
    expect(second?.files).toHaveLength(1);
    expect(third).toBe(second);
  });

  it.each([
    ['a link', `a1ff 1 2 11 1.0 2026-11-25 12:59:13.0 +0000 '/var/log/dcv/x.log' -> '/etc/shadow'`],
    ['a pipe', `1180 1 2 0 1.0 2026-11-25 12:59:13.0 +0000 '/var/log/dcv/x.log'`],
    ['a name with a line break', `81a4 1 2 0 1.0 2026-11-25 12:59:13.0 +0000 '/var/log/dcv/x'$'\\n''.log'`],
    ['a name with a quote', `81a4 1 2 0 1.0 2026-11-25 12:59:13.0 +0000 "/var/log/dcv/it's.log"`],
    ['a line that nobody understands', 'what is this'],
  ])('holds no file for %s', async (_, line) => {
    const [listing] = await read(`${CLOCK}${line}\n.\n`);
    expect(listing?.files).toEqual([]);
    expect(listing?.refused).toHaveLength(1);
  });

  it.each([
    [
      'a time before 1970',
      `81a4 1 2 5 -3600.000000000 1969-12-31 23:00:00.0 +0000 '/var/log/x.log'`,
      -3_600_000_000,
    ],
    [
      'quotes as other programs have them',
      `81a4 1 2 5 1.5 2026-11-25 12:59:13.0 +0000 "/var/log/x.log"`,
      1_500_000,
    ],
  ])('may have %s', async (_, line, mtimeUs) => {
    const [listing] = await read(`${CLOCK}${line}\n.\n`);
    expect(listing?.files).toMatchObject([{ path: '/var/log/x.log', size: 5, mtimeUs }]);
  });

  it('begins with nothing else', async () => {
    await expect(read('Welcome to this host!\n')).rejects.toMatchObject({ code: 'failed' });
  });
});
