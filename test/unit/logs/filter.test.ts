import { describe, expect, it } from 'vitest';
import { type FilterOptions, createFilter, readPattern, readStatus } from '../../../src/logs/filter.ts';
import { LEVELS } from '../../../src/logs/record.ts';
import { SAMPLE_TIME_US, sampleAccess, sampleRecord } from './sample-record.ts';

function passes(options: FilterOptions, record = sampleRecord()): boolean {
  return createFilter(options)?.(record) ?? true;
}

describe('createFilter: a line that a filter swallows is a line that nobody looks for', () => {
  it.each<[FilterOptions]>([
    [{}],
    [{ grep: [], exclude: [], status: [], agents: [], clients: [] }],
    [{ level: undefined }],
  ])('is none where nothing is filtered: %j', (options) => {
    expect(createFilter(options)).toBeUndefined();
  });

  it.each([
    ['one of several patterns', { grep: [/x/, /timed out/] }, true],
    ['none of several patterns', { grep: [/x/, /y/] }, false],
    ['the line as it came, not the message', { grep: [/^RAW/] }, true],
    ['a pattern to exclude', { exclude: [/x/, /timed out/] }, false],
    ['no pattern to exclude', { exclude: [/x/] }, true],
    ['both', { grep: [/timed/], exclude: [/out/] }, false],
    ['further lines', { grep: [/second/] }, true],
  ])('grep and exclude: %s', (_, options, wanted) => {
    const record = sampleRecord({ message: 'as parsed', raw: 'RAW upstream timed out\nsecond' });
    expect(passes(options, record)).toBe(wanted);
    // a second look finds the same
    expect(passes(options, record)).toBe(wanted);
  });

  it.each(LEVELS)('--level %s lets through what is as bad or worse', (level) => {
    const passed = LEVELS.filter((one) => passes({ level }, sampleRecord({ level: one })));
    expect(passed).toEqual(LEVELS.slice(LEVELS.indexOf(level)));
  });

  it.each([
    ['info', true],
    ['notice', false],
  ] as const)('a record without a level is one of info: --level %s', (level, wanted) => {
    expect(passes({ level }, sampleRecord({ level: undefined }))).toBe(wanted);
  });

  it.each([
    ['5xx', 502, true],
    ['5xx', 499, false],
    ['5XX', 599, true],
    ['404', 404, true],
    ['404', 403, false],
    ['4xx,5xx', 400, true],
    ['4xx, 502', 502, true],
    ['4xx, 502', 503, false],
    ['000', 0, true],
  ])('--status %s and a request answered %d', (text, status, wanted) => {
    const reading = readStatus(text);
    expect(passes({ status: 'value' in reading ? reading.value : undefined }, sampleAccess({ status }))).toBe(
      wanted,
    );
  });

  it('--status lets nothing through but requests', () => {
    expect(passes({ status: [{ from: 0, to: 999 }] }, sampleRecord({ message: '502' }))).toBe(false);
  });

  it.each(['', '6xx', '5x', '600', '099', 'x', '404,', '4xx 5xx', '-1', '1e2'])(
    '--status %j is refused',
    (text) => {
      expect(readStatus(text)).toEqual({
        allowed: 'statuses such as 404 or 5xx, several with commas: 4xx,502',
      });
    },
  );

  const agents = [
    { host: 'agent1', address: '10.150.248.180' },
    { host: 'agent6', address: 'fd00::5' },
    { address: '10.150.248.9' },
  ];
  it.each([
    ['a request with its address', sampleAccess(), true],
    ['a request that the default route sent there', sampleAccess({ agent: '' }), true],
    [
      'a request that went there at last',
      sampleAccess({ agent: '', upstream: '10.1.1.1:8443, 10.150.248.180:8443' }),
      true,
    ],
    ['a refused request', sampleAccess({ upstream: '', action: 'deny' }), true],
    ['an agent that is in no inventory', sampleAccess({ agent: '10.150.248.9', upstream: '' }), true],
    ['IPv6 in another spelling', sampleAccess({ agent: 'FD00:0::5', upstream: '' }), true],
    ['IPv6 behind the default route', sampleAccess({ agent: '', upstream: '[fd00::5]:8443' }), true],
    ['another agent', sampleAccess({ agent: '10.150.248.18', upstream: '10.150.248.18:8443' }), false],
    ['the address in a path', sampleAccess({ agent: '', upstream: '', path: '/10.150.248.180' }), false],
    ["the agent's own log", sampleRecord({ host: 'agent1' }), true],
    ["another host's log", sampleRecord({ host: 'agent2' }), false],
    [
      'an error about it',
      sampleRecord({ host: 'gateway', fields: { upstream: 'https://10.150.248.180:8443/x' } }),
      true,
    ],
    [
      'an error about another',
      sampleRecord({ host: 'gateway', fields: { upstream: 'https://10.1.1.1:8443/10.150.248.180' } }),
      false,
    ],
  ])('--agent and %s', (_, record, wanted) => {
    expect(passes({ agents }, record)).toBe(wanted);
  });

  const clients = ['10.213.0.10/32', '10.9.0.0/16', 'fd00:9::/32'];
  it.each([
    ['a request from it', sampleAccess(), true],
    ['a request from its network', sampleAccess({ client: '10.9.200.1' }), true],
    ['a request from its IPv6 network', sampleAccess({ client: 'fd00:9::1' }), true],
    ['IPv4 as a socket for both writes it', sampleAccess({ client: '::ffff:10.9.0.1' }), true],
    ['a request from elsewhere', sampleAccess({ client: '10.213.0.11' }), false],
    ['what is no address', sampleAccess({ client: 'unix:' }), false],
    ['an error about it', sampleRecord({ fields: { client: '10.213.0.10' } }), true],
    ["DCV's client with a port", sampleRecord({ fields: { client: '10.213.0.10:35756' } }), true],
    ["DCV's IPv6 client with a port", sampleRecord({ fields: { client: '[fd00:9::1]:35756' } }), true],
    [
      "DCV's client behind the gateway",
      sampleRecord({ fields: { client: '10.0.0.38:2098', forwardedFor: '172.16.0.1, 10.9.0.7' } }),
      true,
    ],
    ['an error about another', sampleRecord({ fields: { client: '10.213.0.100' } }), false],
    ['a field that is no text', sampleRecord({ fields: { client: 10 } }), false],
    ['a record of nobody', sampleRecord(), false],
  ])('--client and %s', (_, record, wanted) => {
    expect(passes({ clients }, record)).toBe(wanted);
  });

  it('decides for the thousandth client as for the first', () => {
    const filter = createFilter({ clients: ['10.9.0.0/16'] });
    const addresses = Array.from({ length: 3_000 }, (_, n) => `10.${8 + (n % 3)}.${n >> 8}.${n & 255}`);
    const passed = addresses.filter((client) => filter?.(sampleAccess({ client })) === true);
    expect(passed).toEqual(addresses.filter((address) => address.startsWith('10.9.')));
  });

  it.each([
    [
      "the session's own log",
      { source: 'session', file: '/var/log/dcv/agent.jane.desk.log', raw: 'x' },
      true,
    ],
    [
      "another session's log",
      { source: 'session', file: '/var/log/dcv/agent.jane.desk2.log', raw: 'x' },
      false,
    ],
    ['a log of that name that is no session', { source: 'own', file: '/srv/a.desk.log', raw: 'x' }, false],
    ['a line that names it', { raw: "unknown session 'desk'" }, true],
    ['a line that ends with it', { raw: 'Closing session desk' }, true],
    ['a line that names its log', { raw: 'opened agent.jane.desk.log' }, true],
    ['a longer id', { raw: "unknown session 'desk-2'" }, false],
    ['a word that it is in', { raw: 'the desktop, my-desk and helpdesk' }, false],
  ])('--session and %s', (_, given, wanted) => {
    expect(passes({ session: 'desk' }, sampleRecord(given))).toBe(wanted);
  });

  it.each([
    ['a.b', 'session axb', false],
    ['a.b', 'session a.b', true],
    ['a+(b', 'session a+(b', true],
  ])('--session %s is no pattern: %s', (session, raw, wanted) => {
    expect(passes({ session }, sampleRecord({ raw }))).toBe(wanted);
  });

  it.each([
    ['before', { sinceUs: SAMPLE_TIME_US + 1 }, false],
    ['at the beginning', { sinceUs: SAMPLE_TIME_US }, true],
    ['between', { sinceUs: SAMPLE_TIME_US - 1, untilUs: SAMPLE_TIME_US + 1 }, true],
    ['at the end', { untilUs: SAMPLE_TIME_US }, true],
    ['after', { untilUs: SAMPLE_TIME_US - 1 }, false],
  ])('--since and --until: %s', (_, options, wanted) => {
    expect(passes(options)).toBe(wanted);
    expect(passes(options, sampleRecord({ timeUs: undefined }))).toBe(true);
  });

  it('wants all that is asked for', () => {
    const options: FilterOptions = { status: [{ from: 200, to: 299 }], clients: ['10.213.0.10/32'] };
    expect(passes(options, sampleAccess())).toBe(true);
    expect(passes(options, sampleAccess({ status: 502 }))).toBe(false);
    expect(passes(options, sampleAccess({ client: '10.1.1.1' }))).toBe(false);
  });
});

describe('readPattern', () => {
  it.each(['timed out', '^\\d+', 'a|b', ''])('reads %j', (text) => {
    expect(readPattern(text)).toEqual({ value: new RegExp(text) });
  });

  it.each([
    ['(', 'Unterminated group'],
    ['*x', 'Nothing to repeat'],
    ['a: [', 'Unterminated character class'],
  ])('refuses %j with the reason', (text, reason) => {
    expect(readPattern(text)).toEqual({ allowed: `a regular expression of JavaScript (${reason})` });
  });
});
