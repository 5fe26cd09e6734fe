import { describe, expect, it } from 'vitest';
import { parseNginxCombined } from '../../../../src/logs/formats/nginx-combined.ts';

const LINE =
  '10.213.4.7 - jane [25/Nov/2026:12:49:13 +0100] "GET /10.150.248.180/a?authToken=x HTTP/1.1" 200 123 "https://h/" "Mozilla/5.0 (X11)"';

function parse(line: string) {
  return parseNginxCombined(line, { utcOffsetMinutes: 0 });
}

describe("nginx's combined log", () => {
  it('is understood in full, and shows no query', () => {
    expect(parse(LINE)).toEqual({
      timeUs: Date.parse('2026-11-25T12:49:13+01:00') * 1000,
      level: 'info',
      component: undefined,
      message: 'GET /10.150.248.180/a 200',
      fields: { protocol: 'HTTP/1.1', referrer: 'https://h/' },
      access: {
        client: '10.213.4.7',
        user: 'jane',
        method: 'GET',
        path: '/10.150.248.180/a',
        status: 200,
        agent: '10.150.248.180',
        upstream: '',
        action: '',
        stage: '',
        webSocket: false,
        durationMs: undefined,
        connectMs: undefined,
        upstreamStatus: undefined,
        sentBytes: 123,
        receivedBytes: undefined,
        limited: undefined,
        userAgent: 'Mozilla/5.0 (X11)',
      },
    });
  });

  it.each<[string, string, object]>([
    ['a client in front of another proxy', `${LINE} "1.2.3.4"`, { fields: { extra: '1.2.3.4' } }],
    ['a time', `${LINE} 0.123`, { fields: { extra: '0.123' } }],
    ['several fields', `${LINE} "-" rt=0.1`, { fields: { extra: '"-" rt=0.1' } }],
  ])('may have %s at its end', (_what, line, entry) => {
    expect(parse(line)).toMatchObject({ ...entry, access: { userAgent: 'Mozilla/5.0 (X11)' } });
  });

  it.each<[string, string, object]>([
    [
      'no user, referrer and browser',
      '::1 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/2.0" 101 0 "-" "-"',
      { client: '::1', user: '', userAgent: '', webSocket: true, sentBytes: 0, agent: '' },
    ],
    [
      'a user whose name looks like the rest of a line',
      '::1 - a b [1] [c [01/Jan/2026:00:00:00 +0000] "GET / HTTP/2.0" 401 - "-" "-"',
      { user: 'a b [1] [c', status: 401, sentBytes: undefined },
    ],
    [
      'bytes that are no request',
      '::1 - - [01/Jan/2026:00:00:00 +0000] "\\x16\\x03\\x01" 400 150 "-" "-"',
      { method: '', path: '\\x16\\x03\\x01', status: 400 },
    ],
    [
      'the common format',
      '::1 - - [01/Jan/2026:00:00:00 +0000] "GET /[fd00::5]/ HTTP/1.0" 000 1',
      { status: 0, agent: 'fd00::5', userAgent: '' },
    ],
  ])('tells of %s', (_what, line, access) => {
    expect(parse(line)).toMatchObject({ timeUs: Date.UTC(2026, 0, 1) * 1000, access });
  });

  it.each(['', 'something else', '::1 - - [', `x${LINE}`.slice(0, 60)])('takes %j for text', (line) => {
    expect(parse(line)).toMatchObject({ message: line, access: undefined });
  });

  it('is not slowed by a line made for it', () => {
    const started = performance.now();
    parse(`::1 - ${' ['.repeat(500_000)}`);
    parse(`::1 - ${' [01/Jan/2026:00:00:00 +0000]'.repeat(50_000)}`);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
