import { describe, expect, it } from 'vitest';
import { parseDcv } from '../../../../src/logs/formats/dcv.ts';

function parse(line: string, utcOffsetMinutes = 0) {
  return parseDcv(line, { utcOffsetMinutes });
}

describe("DCV's logs", () => {
  it('are understood in full', () => {
    const line =
      "2021-08-10 05:32:44,161016 [  3517:3517  ] WARN  frontend-handler - Invalid connection request from client '10.0.0.38:2098 (forwarded for 106.131.85.110)': unknown session '1a5c'";
    expect(parse(line, -90)).toEqual({
      timeUs: Date.parse('2021-08-10T05:32:44.161-01:30') * 1000 + 16,
      level: 'warn',
      component: 'frontend-handler',
      message: line.slice(line.indexOf('Invalid')),
      fields: { pid: 3517, tid: 3517, client: '10.0.0.38:2098', forwardedFor: '106.131.85.110' },
      access: undefined,
    });
  });

  it.each<[string, object]>([
    ['44,1 [1:2] ERROR c - m', { timeUs: 100_000, level: 'error', fields: { pid: 1, tid: 2 } }],
    ['44,161 [1:2] WARNING c - m', { timeUs: 161_000, level: 'warn' }],
    ['44.161016 [ 1:2 ] CRITICAL c - a - b', { level: 'critical', message: 'a - b' }],
    ['44 [1:2] DEBUG c -', { timeUs: 0, level: 'debug', message: '' }],
    ['44,5 [1:2] INFO c - ', { level: 'info', message: '' }],
    ['44,5 [1:2] SHOUT c - m', { level: undefined, message: 'm' }],
    ["44,5 [1:2] INFO c - client '[fd00::5]:1' left", { fields: { pid: 1, tid: 2, client: '[fd00::5]:1' } }],
  ])('%s', (rest, { timeUs, ...entry }: { timeUs?: number }) => {
    const parsed = parse(`2021-08-10 05:32:${rest}`);
    expect(parsed).toMatchObject(entry);
    const second = Date.UTC(2021, 7, 10, 5, 32, 44) * 1000;
    if (timeUs !== undefined) expect(parsed?.timeUs).toBe(second + timeUs);
  });

  it.each(['', '    at frame 7', '2021-08-10 05:32:44,161016 no more', '2021-08-10 [1:2] INFO c - m'])(
    'go on with %j',
    (line) => {
      expect(parse(line)).toBeUndefined();
    },
  );
});
