import { describe, expect, it } from 'vitest';
import { cursorOf, parseJournal } from '../../../../src/logs/formats/journal.ts';

const ENTRY = {
  __CURSOR: 's=8c;i=1f;b=aa;m=11;t=22;x=33',
  __REALTIME_TIMESTAMP: '1764074953123456',
  PRIORITY: '6',
  SYSLOG_IDENTIFIER: 'dcvserver',
  _PID: '3517',
  _COMM: 'dcv',
  _SYSTEMD_UNIT: 'dcvserver.service',
  MESSAGE: 'Session created',
};

function parse(more: object) {
  return parseJournal(JSON.stringify({ ...ENTRY, ...more }), { utcOffsetMinutes: 120 });
}

describe('the journal', () => {
  it('is understood in full', () => {
    expect(parse({})).toEqual({
      timeUs: 1764074953123456,
      level: 'info',
      component: 'dcvserver',
      message: 'Session created',
      fields: { unit: 'dcvserver.service', pid: 3517, identifier: 'dcvserver' },
      access: undefined,
    });
  });

  it.each<[string, object, object]>([
    ['a message that is no UTF-8', { MESSAGE: [104, 105, 255, 27] }, { message: 'hi\ufffd\u001b' }],
    [
      'a message that is too long for journalctl',
      { MESSAGE: null },
      { message: '(journalctl left this message out: it is too long)' },
    ],
    ['no message', { MESSAGE: undefined }, { message: '' }],
    ['two messages', { MESSAGE: ['a', [98]] }, { message: 'a\nb' }],
    ['a message of several lines', { MESSAGE: 'a\nb' }, { message: 'a\nb' }],
    ['a program without an identifier', { SYSLOG_IDENTIFIER: undefined }, { component: 'dcv' }],
    [
      "systemd's word of a unit",
      { UNIT: 'a.service', _SYSTEMD_UNIT: 'init.scope' },
      { fields: { unit: 'a.service' } },
    ],
    ['a disaster', { PRIORITY: '2' }, { level: 'critical' }],
    ['an error', { PRIORITY: '3' }, { level: 'error' }],
    ['a warning', { PRIORITY: '4' }, { level: 'warn' }],
    ['a notice', { PRIORITY: '5' }, { level: 'notice' }],
    ['what is for debugging', { PRIORITY: '7' }, { level: 'debug' }],
    ['an entry without a priority', { PRIORITY: undefined }, { level: undefined }],
    ['a priority that is none', { PRIORITY: 'x' }, { level: undefined }],
  ])('tells of %s', (_what, more, entry) => {
    expect(parse(more)).toMatchObject(entry);
  });

  it.each(['-- No entries --', '{"MESSAGE":"cut', ''])('takes %j for text', (line) => {
    expect(parseJournal(line, { utcOffsetMinutes: 0 })).toMatchObject({ message: line, timeUs: undefined });
  });

  it.each([
    [JSON.stringify(ENTRY), 's=8c;i=1f;b=aa;m=11;t=22;x=33'],
    ['{ "__CURSOR" : "s=1" }', 's=1'],
    [JSON.stringify({ MESSAGE: '"__CURSOR":"s=9"', __CURSOR: 's=1' }), 's=1'],
    ['-- cursor: s=1', undefined],
    ['{}', undefined],
  ])('goes on behind the cursor of %s', (line, cursor) => {
    expect(cursorOf(line)).toBe(cursor);
  });
});
