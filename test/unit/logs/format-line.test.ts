import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LineOptions, createLineFormatter } from '../../../src/logs/format-line.ts';
import { LEVELS, type Access, type LogRecord } from '../../../src/logs/record.ts';
import { createStyle } from '../../../src/report/style.ts';
import { SAMPLE_TIME_US, sampleAccess, sampleRecord } from './sample-record.ts';

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const NAMES = new Map([['10.150.248.180', 'agent1']]);

function format(record: LogRecord, options: Partial<LineOptions> = {}): string {
  return createLineFormatter({
    style: createStyle(false),
    hostWidth: 7,
    sourceWidth: 6,
    utc: true,
    nameOfAgent: (address) => NAMES.get(address),
    highlight: [],
    note: () => undefined,
    ...options,
  })(record);
}

/** What stands behind time, host and source. */
function textOf(record: LogRecord, options: Partial<LineOptions> = {}): string {
  return format(record, options).slice('2026-11-25 12:49:13.123Z  gateway  access  '.length);
}

describe('the line of a request: who, what came of it, which desktop, for how long', () => {
  const webSocket: Partial<Access> = {
    path: '/10.150.248.180/ws',
    status: 101,
    webSocket: true,
    durationMs: 7_980_000,
    upstreamStatus: 101,
    sentBytes: 1_200_000_000,
    receivedBytes: 3_400_000,
  };
  const refused: Partial<Access> = {
    agent: '192.0.2.1',
    path: '/192.0.2.1/x',
    status: 403,
    upstream: '',
    upstreamStatus: undefined,
    action: 'deny',
    stage: 'deny',
  };
  it.each<[string, Partial<Access>, string]>([
    ['a page', {}, '10.213.0.10 200 agent1 /index.html 12 ms 4.5 kB'],
    ['a desktop', webSocket, '10.213.0.10 101 agent1 /ws open 2 h 13 min, 1.2 GB down, 3.4 MB up'],
    [
      'a desktop, in a log that tells less',
      { ...webSocket, durationMs: undefined, sentBytes: undefined, receivedBytes: undefined },
      '10.213.0.10 101 agent1 /ws open',
    ],
    [
      'a desktop that did not open',
      { ...webSocket, status: 502, durationMs: 3, sentBytes: 150, upstreamStatus: 502 },
      '10.213.0.10 502 agent1 /ws 3 ms 150 B',
    ],
    ['refused by the gateway', refused, '10.213.0.10 403 192.0.2.1 /x deny'],
    [
      'refused: a page of another site',
      { status: 403, upstreamStatus: undefined, stage: 'origin' },
      '10.213.0.10 403 agent1 /index.html origin',
    ],
    [
      'refused: no agent',
      { ...refused, agent: '', path: '/10.0.0.999/', status: 404, action: 'noaddr', stage: 'noaddr' },
      '10.213.0.10 404 - /10.0.0.999/ noaddr',
    ],
    [
      'the default agent',
      { agent: '', path: '/index.html' },
      '10.213.0.10 200 default /index.html 12 ms 4.5 kB',
    ],
    [
      'an agent that is in no inventory',
      { agent: '10.150.248.9', path: '/10.150.248.9/' },
      '10.213.0.10 200 10.150.248.9 / 12 ms 4.5 kB',
    ],
    ['the bare address', { path: '/10.150.248.180' }, '10.213.0.10 200 agent1 / 12 ms 4.5 kB'],
    ['IPv6', { agent: 'fd00::5', path: '/fd00::5/a/b' }, '10.213.0.10 200 fd00::5 /a/b 12 ms 4.5 kB'],
    [
      'IPv6 in brackets',
      { agent: 'fd00::5', path: '/[fd00::5]/a' },
      '10.213.0.10 200 fd00::5 /a 12 ms 4.5 kB',
    ],
    [
      'IPv6 in encoded brackets',
      { agent: 'fd00::5', path: '/%5Bfd00::5%5D/a' },
      '10.213.0.10 200 fd00::5 /a 12 ms 4.5 kB',
    ],
    [
      'a path that names the agent further on',
      { path: '/x/10.150.248.180/y' },
      '10.213.0.10 200 agent1 /x/10.150.248.180/y 12 ms 4.5 kB',
    ],
    ['another method', { method: 'POST' }, '10.213.0.10 200 agent1 POST /index.html 12 ms 4.5 kB'],
    [
      'no request at all',
      {
        agent: '',
        method: '',
        path: '',
        status: 400,
        action: 'badreq',
        stage: '',
        upstreamStatus: undefined,
      },
      '10.213.0.10 400 - - badreq',
    ],
    ['somebody who logged in', { user: 'jane' }, 'jane@10.213.0.10 200 agent1 /index.html 12 ms 4.5 kB'],
    [
      'a name made to look like more',
      { user: 'a 200 agent1 /' },
      'a\\x20200\\x20agent1\\x20/@10.213.0.10 200 agent1 /index.html 12 ms 4.5 kB',
    ],
    [
      'a limit',
      { status: 429, limited: 'REJECTED', upstreamStatus: undefined },
      '10.213.0.10 429 agent1 /index.html limited 12 ms 4.5 kB',
    ],
    [
      'an answer that the gateway replaced',
      { status: 502, upstreamStatus: 500 },
      '10.213.0.10 502 agent1 /index.html (the agent answered 500) 12 ms 4.5 kB',
    ],
    [
      'given up by the client',
      { status: 0, upstreamStatus: undefined, sentBytes: 0 },
      '10.213.0.10 000 agent1 /index.html 12 ms 0 B',
    ],
    [
      'a log that tells no amounts',
      { durationMs: undefined, sentBytes: undefined, action: '', stage: '' },
      '10.213.0.10 200 agent1 /index.html',
    ],
  ])('%s', (_, access, text) => {
    expect(textOf(sampleAccess(access))).toBe(`${text}\n`);
  });

  it.each([
    [101, '\x1b[32m101\x1b[39m'],
    [200, '\x1b[32m200\x1b[39m'],
    [404, '\x1b[33m404\x1b[39m'],
    [0, '\x1b[33m000\x1b[39m'],
    [502, '\x1b[31m502\x1b[39m'],
  ])('status %d has the colour of how bad it is', (status, painted) => {
    expect(format(sampleAccess({ status }), { style: createStyle(true) })).toContain(
      `  10.213.0.10 ${painted} agent1 `,
    );
  });
});

describe('the line of any other record', () => {
  it.each<[string, Partial<LogRecord>, string]>([
    ['component and message', {}, 'info   frontend-handler: Client connected'],
    ['no component', { component: undefined }, 'info   Client connected'],
    ['no level', { level: undefined, component: undefined }, '       Client connected'],
    [
      'further lines',
      { message: 'Traceback:\n  File "x"\n\nError' },
      'info   frontend-handler: Traceback:\n>    File "x"\n\n>  Error',
    ],
    ['line ends at the end', { message: 'a\r\n\n' }, 'info   frontend-handler: a'],
    ['nothing', { level: undefined, component: undefined, message: '' }, ''],
  ])('%s', (_, given, text) => {
    const indent = ' '.repeat('2026-11-25 12:49:13.123Z  gateway  access  '.length);
    expect(format(sampleRecord(given))).toBe(
      `${`2026-11-25 12:49:13.123Z  agent1   dcv     ${text}`.trimEnd().replaceAll('>', indent)}\n`,
    );
  });

  it.each(LEVELS)('%s is said in a column of one width', (level) => {
    expect(textOf(sampleRecord({ level }))).toMatch(
      /^(?:debug |info {2}|notice|warn {2}|error |crit {2}) frontend-handler: /,
    );
  });

  it.each([
    ['info', '\x1b[2minfo  \x1b[22m'],
    ['warn', '\x1b[33mwarn  \x1b[39m'],
    ['error', '\x1b[31merror \x1b[39m'],
    ['critical', '\x1b[31mcrit  \x1b[39m'],
  ] as const)('%s is as loud as it is bad', (level, painted) => {
    expect(format(sampleRecord({ level }), { style: createStyle(true) })).toContain(
      `  ${painted} frontend-handler: `,
    );
  });

  it('says below what a known problem means', () => {
    const note = ({ level }: LogRecord) =>
      level === 'error' ? 'no licence: run dcvops doctor agent1\x1b' : undefined;
    expect(textOf(sampleRecord(), { note })).not.toContain('→');
    const [, below, ...rest] = format(sampleRecord({ level: 'error' }), { note }).split('\n');
    expect(below).toBe(`${' '.repeat(45)}→ no licence: run dcvops doctor agent1\\x1b`);
    expect(rest).toEqual(['']);
    expect(format(sampleRecord({ level: 'error' }), { note, style: createStyle(true) })).toContain(
      '  \x1b[2m→ no licence',
    );
  });

  it.each([
    [16_384, 'a'.repeat(16_384)],
    [16_385, `${'a'.repeat(16_384)} … (1 more characters)`],
    [10_000_000, `${'a'.repeat(16_384)} … (9983616 more characters)`],
  ])('of %d characters shows what a person may read', (length, shown) => {
    expect(
      textOf(sampleRecord({ level: undefined, component: undefined, message: 'a'.repeat(length) })),
    ).toBe(`       ${shown}\n`);
  });

  it('is not cut within a character', () => {
    const message = `${'a'.repeat(16_383)}🖥`;
    expect(textOf(sampleRecord({ component: undefined, message }))).toMatch(/a … \(2 more characters\)\n$/);
  });
});

describe('the columns', () => {
  const timeOf = (timeUs: number | undefined, utc: boolean) =>
    format(sampleRecord({ timeUs }), { utc }).split('  agent1')[0];

  it.each<[number | undefined, string, string]>([
    [SAMPLE_TIME_US, '2026-11-25 12:49:13.123Z', '2026-11-25 13:49:13.123'],
    [Date.UTC(2026, 6, 1, 23, 0, 0) * 1000, '2026-07-01 23:00:00.000Z', '2026-07-02 01:00:00.000'],
    [Date.UTC(2026, 0, 2, 3, 4, 5, 6) * 1000 + 999, '2026-01-02 03:04:05.006Z', '2026-01-02 04:04:05.006'],
    [-1, '1969-12-31 23:59:59.999Z', '1970-01-01 00:59:59.999'],
    [undefined, ' '.repeat(24), ' '.repeat(23)],
    [1e30, ' '.repeat(24), ' '.repeat(23)],
    [-1e30, ' '.repeat(24), ' '.repeat(23)],
    [NaN, ' '.repeat(24), ' '.repeat(23)],
  ])('the time %d: %s, or %s', (timeUs, utc, local) => {
    expect(timeOf(timeUs, true)).toBe(utc);
    expect(timeOf(timeUs, false)).toBe(local);
  });

  it('the time is right for each of very many seconds, in any order', () => {
    const formatter = createLineFormatter({
      style: createStyle(false),
      hostWidth: 1,
      sourceWidth: 1,
      utc: true,
      nameOfAgent: () => undefined,
      highlight: [],
      note: () => undefined,
    });
    const dates = fc.date({ min: new Date('1970-01-01'), max: new Date('2255-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.array(dates), (all) => {
        for (const date of all) {
          const line = formatter(sampleRecord({ timeUs: date.getTime() * 1000 + 999 }));
          expect(`${line.slice(0, 10)}T${line.slice(11, 24)}`).toBe(date.toISOString());
        }
      }),
    );
  });

  it('host and source have their columns, and are shown whole when they are longer', () => {
    const columns = { hostWidth: 3, sourceWidth: 10 };
    expect(format(sampleRecord({ host: 'a-long-name' }), columns)).toContain(
      'Z  a-long-name  dcv         info',
    );
  });

  it("have the host's own colour, the same in every run", () => {
    const colourOf = (host: string) =>
      /\x1b\[38;5;(\d+)m(\S+) +\S+ *\x1b\[39m {2}/
        .exec(format(sampleRecord({ host }), { style: createStyle(true) }))
        ?.slice(1, 3);
    expect(colourOf('agent1')).toEqual([expect.any(String), 'agent1']);
    expect(colourOf('agent1')).toEqual(colourOf('agent1'));
    const colours = Array.from({ length: 9 }, (_, n) => colourOf(`agent${n}`)?.[0]);
    expect(new Set(colours).size).toBeGreaterThan(5);
  });
});

describe('what is looked for', () => {
  const highlighted = (highlight: RegExp[], given: Partial<LogRecord> = {}) =>
    textOf(sampleRecord({ level: undefined, component: undefined, message: 'one two three', ...given }), {
      highlight,
      style: { ...createStyle(false), inverse: (text) => `<${text}>` },
    }).trim();

  it.each<[string, RegExp[], string]>([
    ['is marked', [/two/], 'one <two> three'],
    ['is marked everywhere', [/t\w/], 'one <tw>o <th>ree'],
    ['may be several things', [/two/, /one/], '<one> <two> three'],
    ['may overlap', [/one t/, /two/], '<one two> three'],
    ['may be within another', [/ two /, /w/], 'one< two >three'],
    ['may touch', [/one/, / two/], '<one two> three'],
    ['is found again with flags that remember', [/two/gy, /THREE/gi], 'one <two> <three>'],
    ['is found at the start only, where it has to be', [/^one/, /^two/], '<one> two three'],
    ['may be empty', [/x*/, /(?:)/, /$/], 'one two three'],
    ['may be empty in most places', [/t*/], 'one <t>wo <t>hree'],
  ])('%s', (_, highlight, text) => {
    expect(highlighted(highlight)).toBe(text);
  });

  it('is looked for in what is shown, in further lines, too', () => {
    expect(highlighted([/x1b/, /two/], { message: 'one\x1b\ntwo' })).toMatch(/^one\\<x1b>\n +<two>$/);
  });

  it.each<[string, RegExp, string]>([
    ['beside the status', /agent1/, '10.213.0.10 \x1b[32m200\x1b[39m \x1b[7magent1\x1b[27m /index.html'],
    ['before the status', /^10/, '\x1b[7m10\x1b[27m.213.0.10 \x1b[32m200\x1b[39m agent1'],
    ['the status', /200/, '10.213.0.10 \x1b[7m200\x1b[27m agent1'],
    ['over the status', /200 agent1/, '10.213.0.10 \x1b[7m200 agent1\x1b[27m /index.html'],
  ])('in a request: %s', (_, pattern, text) => {
    expect(format(sampleAccess(), { highlight: [pattern], style: createStyle(true) })).toContain(text);
  });
});

describe('text from hosts: a client chooses its path, its name and its browser', () => {
  const hostile = '\x1b[2J\u202e\u009b31m\r';
  const shown = '\\x1b[2J\\u202e\\x9b31m\\x0d';
  it.each<[string, LogRecord, string]>([
    ['a message', sampleRecord({ message: `${hostile}x` }), `${shown}x`],
    ['a further line', sampleRecord({ message: `a\n${hostile}x` }), `  ${shown}x`],
    ['a component', sampleRecord({ component: hostile }), `${shown}: `],
    ['a path', sampleAccess({ path: `/10.150.248.180/${hostile}` }), `agent1 /${shown} `],
    ['a user', sampleAccess({ user: hostile }), `${shown}@10.213.0.10`],
    ['a client', sampleAccess({ client: hostile }), `${shown} 200`],
    ['a method', sampleAccess({ method: hostile }), `${shown} /index.html`],
    ['an agent', sampleAccess({ agent: hostile }), ` ${shown} /`],
    ['an action', sampleAccess({ action: hostile }), ` ${shown}\n`],
    ['a line end in a path', sampleAccess({ path: '/10.150.248.180/a\nb' }), '/a\\nb 12 ms'],
    ['a host', sampleRecord({ host: hostile }), `${shown}  dcv`],
    ['a source', sampleRecord({ source: hostile }), `  ${shown}  `],
  ])('%s is shown harmless', (_, record, text) => {
    const line = format(record);
    expect(line).toContain(text);
    expect(line.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  });

  it.each<[string, LogRecord]>([
    ['a message', sampleRecord({ message: 'GET /auth?authToken=s3cr3tvalue HTTP/1.1' })],
    ['a further line', sampleRecord({ message: 'request\nGET /auth?authToken=s3cr3tvalue' })],
    ['a path', sampleAccess({ path: '/10.150.248.180/authToken=s3cr3tvalue' })],
    [
      'a URL that is cut within the secret',
      sampleRecord({ message: `${'a'.repeat(16_345)} https://jane:s3cr3tvalue@x/` }),
    ],
    [
      'a message that is cut within the secret',
      sampleRecord({ message: `${'a'.repeat(16_340)} authToken=s3cr3tvalue${'x'.repeat(99)}` }),
    ],
  ])('a secret in %s is not shown', (_, record) => {
    expect(format(record)).not.toContain('s3cr3t');
  });

  it('is harmless whatever it is', () => {
    const any = fc
      .array(fc.oneof(fc.nat(0xff), fc.nat(0xffff)))
      .map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(any, any, any, (message, component, path) => {
        for (const record of [
          sampleRecord({ message, component }),
          sampleAccess({ path, user: component }),
        ]) {
          const line = format(record, { highlight: [/a|\s*/] });
          expect(line.replaceAll(/[\n\t]/g, '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/u);
          expect(line.endsWith('\n')).toBe(true);
        }
      }),
    );
  });
});
