import { describe, expect, it } from 'vitest';
import { idleSessions } from '../../../../src/dcv/session/idle.ts';
import { parseSessions } from '../../../../src/dcv/session/parse.ts';

const now = new Date('2026-11-25T12:00:00Z');
const HOUR = 3_600_000;

/** A session as DCV tells it. */
function told(id: string, connections: number | undefined, created = '', left = ''): object {
  return {
    id,
    owner: 'jane',
    ...(connections === undefined ? {} : { 'num-of-connections': connections }),
    'creation-time': created,
    'last-disconnection-time': left,
  };
}

describe('idleSessions: one that is taken for idle may be closed', () => {
  it.each<[string, object[], number | undefined, string[]]>([
    ['nobody is connected', [told('a', 0, '2026-11-25T11:00:00Z')], undefined, ['a']],
    ['somebody is', [told('a', 1, '2026-11-25T01:00:00Z', '2026-11-25T02:00:00Z')], undefined, []],
    ['DCV does not tell', [told('a', undefined, '2026-11-25T01:00:00Z')], undefined, []],
    [
      'it was left long ago',
      [told('a', 0, '2026-11-20T00:00:00Z', '2026-11-25T09:00:00.5Z')],
      2 * HOUR,
      ['a'],
    ],
    ['it was left just now', [told('a', 0, '2026-11-20T00:00:00Z', '2026-11-25T11:59:00Z')], 2 * HOUR, []],
    ['it was made long ago and never used', [told('a', 0, '2026-11-20T00:00:00Z')], 2 * HOUR, ['a']],
    ['it was made just now', [told('a', 0, '2026-11-25T11:59:00Z')], 2 * HOUR, []],
    ['nobody knows since when', [told('a', 0)], undefined, ['a']],
    ['nobody knows since when, and that matters', [told('a', 0)], 1, []],
    ['to the second', [told('a', 0, '2026-11-25T10:00:00Z')], 2 * HOUR, ['a']],
    [
      'longest idle first',
      [told('a', 0, '2026-11-25T11:00:00Z'), told('b', 0, '2026-11-24T11:00:00Z')],
      undefined,
      ['b', 'a'],
    ],
  ])('%s', (_what, sessions, olderThanMs, ids) => {
    const idle = idleSessions(parseSessions(JSON.stringify(sessions)), { now, olderThanMs });
    expect(idle.map(({ session }) => session.id)).toEqual(ids);
  });

  it('knows a session that nobody ever opened', () => {
    const sessions = parseSessions(
      JSON.stringify([
        told('new', 0, '2026-11-25T11:00:00Z'),
        told('left', 0, '2026-11-25T10:00:00Z', '2026-11-25T11:30:00Z'),
      ]),
    );
    expect(idleSessions(sessions, { now, olderThanMs: undefined })).toMatchObject([
      { neverUsed: true, since: new Date('2026-11-25T11:00:00Z') },
      { neverUsed: false, since: new Date('2026-11-25T11:30:00Z') },
    ]);
  });
});
