import { describe, expect, it } from 'vitest';
import { parseNginxError } from '../../../../src/logs/formats/nginx-error.ts';

function parse(line: string, utcOffsetMinutes = 0) {
  return parseNginxError(line, { utcOffsetMinutes });
}

const START = '2026/11/25 12:49:13 [error] 123#124: *45 ';
const REQUEST = ', client: 10.213.4.7, server: _, request: "GET / HTTP/1.1"';

describe("nginx's error log", () => {
  it('is understood in full', () => {
    const message = `connect() failed (111: Connection refused) while connecting to upstream${REQUEST}, upstream: "https://10.150.248.180:8443/", host: "h:8443", referrer: "https://h/"`;
    expect(parse(START + message, 60)).toEqual({
      timeUs: Date.parse('2026-11-25T12:49:13+01:00') * 1000,
      level: 'error',
      component: undefined,
      message,
      fields: {
        pid: 123,
        tid: 124,
        connection: 45,
        client: '10.213.4.7',
        server: '_',
        request: 'GET / HTTP/1.1',
        upstream: 'https://10.150.248.180:8443/',
        host: 'h:8443',
        referrer: 'https://h/',
      },
      access: undefined,
    });
  });

  it.each([
    ['debug', 'debug'],
    ['info', 'info'],
    ['notice', 'notice'],
    ['warn', 'warn'],
    ['error', 'error'],
    ['crit', 'critical'],
    ['alert', 'critical'],
    ['emerg', 'critical'],
  ])('says [%s] for %s', (word, level) => {
    expect(parse(`2026/11/25 12:49:13 [${word}] 1#1: text`)).toMatchObject({
      level,
      message: 'text',
      fields: { pid: 1, tid: 1 },
    });
  });

  it.each(['', 'stack traceback:', '  [C]: in function', '2026-11-25 12:49:13 [error] 1#1: x', '2026/11/25'])(
    'goes on with %j',
    (line) => {
      expect(parse(line)).toBeUndefined();
    },
  );
});

describe('the client of an error: who asks must not be able to name another', () => {
  const spoof = ', client: 6.6.6.6, server: x, request: "y';
  it.each([
    ['in the path', `open() "/www/a${spoof}" failed (2: No such file or directory)${REQUEST}, host: "h"`],
    ['in a path with a quote', `open() "/www/a"${spoof}" failed (2: No such file)${REQUEST}, host: "h"`],
    ['in the referrer', `x${REQUEST}, host: "h", referrer: "a"${spoof}"`],
    ['in the host', `x${REQUEST}, host: "h, client: 6.6.6.6"`],
    ['in the request, cut by nginx', `x, client: 10.213.4.7, server: _, request: "GET /${spoof}`],
    [
      'with a quote in the request',
      `x, client: 10.213.4.7, server: _, request: "GET /"a HTTP/1.1", host: "h"`,
    ],
  ])('%s', (_what, message) => {
    expect(parse(START + message)?.fields).toMatchObject({ client: '10.213.4.7', server: '_' });
  });

  it('is read in a time that grows with the line', () => {
    const started = performance.now();
    for (const piece of [', client: ', ', client: "', '"', ', client: a, host: "b"', ', ']) {
      parse(`${START}x, client: ${piece.repeat(100_000)}"`);
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
