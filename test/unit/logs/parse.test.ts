import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parserOf } from '../../../src/logs/parse.ts';
import type { LogFormat } from '../../../src/logs/record.ts';

const ONE_LINE_A_FORMAT: Readonly<Record<LogFormat, string>> = {
  'nginx-json': '{"msec":1764074953.123,"client":"::1","method":"GET","uri":"/","status":"200"}',
  'nginx-combined': '::1 - - [25/Nov/2026:12:49:13 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
  'nginx-error': '2026/11/25 12:49:13 [error] 1#1: *1 x, client: ::1, server: _, request: "GET / HTTP/1.1"',
  dcv: "2026-11-25 12:49:13,161016 [ 1:1 ] WARN  handler - client '::1 (forwarded for ::2)'",
  journal: '{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1764074953123456","PRIORITY":"6","MESSAGE":"x"}',
  text: '2026-11-25T12:49:13Z [error] x',
};

describe.each(Object.entries(ONE_LINE_A_FORMAT))('parserOf(%j)', (format, line) => {
  const parse = parserOf(format as LogFormat);

  it('tells the time and the level of an entry', () => {
    const entry = parse(line, { utcOffsetMinutes: 0 });
    expect(entry?.timeUs).toBeGreaterThan(1.7e15);
    expect(entry?.level).toBeDefined();
  });

  it('never throws, whatever a line holds: one line would end the whole stream', () => {
    const damaged = fc
      .tuple(
        fc.nat(line.length),
        fc.nat(8),
        fc.oneof(fc.string(), fc.constantFrom('"', '[[', '{}', ',', '\\', 'null')),
      )
      .map(([at, length, piece]) => line.slice(0, at) + piece + line.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string(), fc.json()), (text) => {
        const entry = parse(text, { utcOffsetMinutes: 0 });
        expect(typeof (entry?.message ?? '')).toBe('string');
        expect(Number.isNaN(entry?.timeUs)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
