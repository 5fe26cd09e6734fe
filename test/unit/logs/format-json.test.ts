import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJson } from '../../../src/logs/format-json.ts';
import type { Access, LogRecord } from '../../../src/logs/record.ts';
import { sampleAccess, sampleRecord } from './sample-record.ts';

describe('formatJson: programs read this, and rely on every key', () => {
  it('a record', () => {
    const record = sampleRecord({ fields: { pid: 1, tls: true, nothing: null, client: '10.213.0.10' } });
    expect(formatJson(record)).toBe(
      '{"time":"2026-11-25T12:49:13.123456Z","host":"agent1","source":"dcv","file":"/var/log/dcv/server.log",' +
        '"level":"info","component":"frontend-handler","message":"Client connected",' +
        '"fields":{"pid":1,"tls":true,"nothing":null,"client":"10.213.0.10"}}\n',
    );
  });

  it('a record that tells nothing', () => {
    const silent = {
      timeUs: undefined,
      level: undefined,
      component: undefined,
      file: undefined,
      message: '',
    };
    expect(formatJson(sampleRecord(silent))).toBe(
      '{"time":null,"host":"agent1","source":"dcv","level":null,"component":null,"message":"","fields":{}}\n',
    );
  });

  it('a request', () => {
    const access =
      '"access":{"client":"10.213.0.10","user":"","method":"GET","path":"/10.150.248.180/index.html","status":200,' +
      '"agent":"10.150.248.180","upstream":"10.150.248.180:8443","action":"proxy","stage":"agent","webSocket":false,' +
      '"durationMs":12,"connectMs":null,"upstreamStatus":200,"sentBytes":4500,"receivedBytes":0,"limited":null,' +
      '"userAgent":"Mozilla/5.0"}}\n';
    const record = sampleAccess({ connectMs: undefined });
    expect(formatJson(record)).toContain(access);
    // in whatever order a parser sets its keys
    const reversed = Object.fromEntries(Object.entries(record.access ?? {}).reverse()) as unknown as Access;
    expect(formatJson({ ...record, access: reversed })).toContain(access);
  });

  it.each([
    [0, '1970-01-01T00:00:00.000000Z'],
    [1, '1970-01-01T00:00:00.000001Z'],
    [-1, '1969-12-31T23:59:59.999999Z'],
    [1e30, null],
    [-1e30, null],
    [NaN, null],
  ])('the time %d is %s', (timeUs, time) => {
    expect(JSON.parse(formatJson(sampleRecord({ timeUs })))).toMatchObject({ time });
  });

  const secret = 'authToken=s3cr3tvalue';
  it.each<[string, LogRecord]>([
    ['a message', sampleRecord({ message: `GET /auth?${secret}` })],
    ['a field', sampleRecord({ fields: { request: `GET /auth?${secret}` } })],
    ['a field of that name', sampleRecord({ fields: { authToken: 's3cr3tvalue' } })],
    ['a path', sampleAccess({ path: `/x?${secret}` })],
    ['a browser', sampleAccess({ userAgent: secret })],
    ['a user', sampleAccess({ user: secret })],
  ])('a secret in %s is not given', (_, record) => {
    expect(formatJson(record)).not.toContain('s3cr3t');
  });

  it('whatever a host says: one line, harmless on a terminal, and nothing is lost', () => {
    // without what would be a query, which is masked
    const any = fc
      .array(fc.oneof(fc.nat(0xff), fc.nat(0xffff)))
      .map((codes) => String.fromCharCode(...codes).replaceAll('?', ''));
    const hostile = fc.oneof(
      any,
      fc.constantFrom('\x1b[2J', '\x7f', '\u009b31m', '\u2028', '\u202e', '\u2066', '\ufeff', '\u061c'),
    );
    fc.assert(
      fc.property(hostile, hostile, fc.dictionary(hostile, hostile), (message, component, fields) => {
        const line = formatJson(sampleRecord({ message, component, fields }));
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.slice(0, -1)).not.toMatch(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029\ufeff]/u);
        expect(JSON.parse(line)).toMatchObject({ message, component });
        expect(Object.entries((JSON.parse(line) as LogRecord).fields)).toEqual(Object.entries(fields));
      }),
    );
  });
});
