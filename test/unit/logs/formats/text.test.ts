import { describe, expect, it } from 'vitest';
import { parseText } from '../../../../src/logs/formats/text.ts';

const NOON = Date.UTC(2026, 10, 25, 12) * 1000;

describe('plain text: its message is the line, whatever else it tells', () => {
  it.each<[string, number | undefined, string | undefined]>([
    ['2026-11-25T12:00:00Z hello', NOON, undefined],
    ['2026-11-25T12:00:00.123456+00:00 host sshd[1]: Accepted publickey', NOON + 123456, undefined],
    ['2026-11-25T14:00:00.123456789+0200 ERROR x', NOON + 123456, 'error'],
    ['2026-11-25 06:30:00,5 -05:30 [warn] x', NOON + 500000, 'warn'],
    ['[2026-11-25 13:00:00] INFO: x', NOON, 'info'],
    ['2026-11-25 13:00:00 - debug: x', NOON, 'debug'],
    ['Nov 25 12:49:13 host prog[1]: ERROR x', undefined, undefined],
    ['[   12.345] (EE) no screens found', undefined, 'error'],
    ['(WW) warning', undefined, 'warn'],
    ['(II) Loading', undefined, undefined],
    ['error: no such file', undefined, 'error'],
    ['FATAL the end', undefined, 'critical'],
    ['<notice> x', undefined, 'notice'],
    ['Errors are listed below', undefined, undefined],
    ['info about the host', undefined, undefined],
    ['INFORMATION', undefined, 'info'],
    ['12 monkeys', undefined, undefined],
    ['2026-11-25', undefined, undefined],
    ['', undefined, undefined],
  ])('%j', (line, timeUs, level) => {
    expect(parseText(line, { utcOffsetMinutes: 60 })).toEqual({
      timeUs,
      level,
      component: undefined,
      message: line,
      fields: {},
      access: undefined,
    });
  });
});
