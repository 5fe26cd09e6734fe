import { describe, expect, it } from 'vitest';
import { resolveWatch } from '../../../src/inventory/watch-settings.ts';
import type { WatchSettings } from '../../../src/inventory/types.ts';
import type { Access, LogRecord } from '../../../src/logs/record.ts';
import { MOST_SUBJECTS, createSubjects } from '../../../src/logs/rules/subjects.ts';
import { type Alert, type WatchOptions, createWatch } from '../../../src/logs/watch-rules.ts';
import {
  AGENT_NETWORKS,
  FIRST_DAY_US,
  NO_AGENT,
  OFFICE,
  normalDays,
  request,
  tlsError,
} from './normal-day.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DEFAULTS = resolveWatch();

/** Everybody may connect who is in one of these: so every client that is answered counts for `new_networks`. */
const OPTIONS: WatchOptions = {
  agentNetworks: AGENT_NETWORKS,
  allowed: ['0.0.0.0/1', '128.0.0.0/1', '2000::/3'],
};

function alertsOf(
  records: readonly LogRecord[],
  settings: Partial<WatchSettings> = {},
  options: Partial<WatchOptions> = {},
): Alert[] {
  const watch = createWatch({ ...DEFAULTS, ...settings }, { ...OPTIONS, ...options });
  return records.flatMap((record) => watch.add(record));
}

function inOrder(...records: readonly (readonly LogRecord[])[]): LogRecord[] {
  return records.flat().sort((a, b) => (a.timeUs ?? 0) - (b.timeUs ?? 0));
}

/** Eleven o'clock of the second day. */
const ATTACK_US = FIRST_DAY_US + 35 * HOUR;
const ATTACKER = '198.51.100.66';

/** The same request again and again, evenly over some time. */
function repeated(
  count: number,
  lengthUs: number,
  record: (atUs: number, index: number) => LogRecord,
): LogRecord[] {
  return Array.from({ length: count }, (_, index) => record(ATTACK_US + (index * lengthUs) / count, index));
}

function refused(atUs: number, given: Partial<Access>): LogRecord {
  return request(atUs, {
    client: ATTACKER,
    upstream: '',
    upstreamStatus: undefined,
    connectMs: undefined,
    ...given,
  });
}

/** The kinds of attack, each more than twice the default's threshold in two minutes. */
const ATTACKS: Readonly<Record<string, (count: number, lengthUs: number) => LogRecord[]>> = {
  'tries addresses where no agent is': (count, lengthUs) =>
    repeated(count, lengthUs, (atUs, index) => {
      const agent = `10.150.248.${200 + (index % 50)}`;
      return request(atUs, { client: ATTACKER, agent, path: `/${agent}/`, status: 504, upstreamStatus: 504 });
    }),
  'guesses a password': (count, lengthUs) =>
    repeated(count, lengthUs, (atUs) => refused(atUs, { user: 'admin', status: 401 })),
  'begins WebSockets': (count, lengthUs) =>
    repeated(count * 6, lengthUs, (atUs) =>
      request(atUs, { client: ATTACKER, path: '/auth', status: 101, webSocket: true, durationMs: 200 }),
    ),
  'finds a dead agent, with others': (count, lengthUs) =>
    repeated(count * 3, lengthUs, (atUs, index) => {
      const client = `10.213.0.${index % 200}`;
      return request(atUs, { client, agent: NO_AGENT, status: 502, upstreamStatus: 502 }, 'websocket');
    }),
  'speaks no TLS': (count, lengthUs) => repeated(count, lengthUs, (atUs) => tlsError(atUs, ATTACKER)),
  'asks for addresses outside': (count, lengthUs) =>
    repeated(Math.min(count, 30), lengthUs, (atUs, index) => {
      const agent = `172.16.0.${1 + (index % 9)}`;
      return refused(atUs, { agent, path: `/${agent}/`, status: 403, action: 'deny', stage: 'deny' });
    }),
};

function attack(kind: string, count: number, lengthUs: number): LogRecord[] {
  const records = ATTACKS[kind]?.(count, lengthUs);
  if (records === undefined) throw new RangeError(`no such attack: ${kind}`);
  return records;
}

const DAYS = 20;

describe('a watch that cries wolf is switched off', () => {
  const logs = Array.from({ length: DAYS / 2 }, (_, seed) => normalDays(seed + 1, 2));

  it(`no alert in ${DAYS} generated days of normal use by 60 people, 50 of them behind one address`, () => {
    expect(logs.flat().length).toBeGreaterThan(DAYS * 5000);
    expect(logs.flatMap((log) => alertsOf(log).map(({ message }) => message))).toEqual([]);
  }, 60_000);

  /** All thresholds, by this factor. */
  const scaled = (factor: number): Partial<WatchSettings> => ({
    denied: Math.ceil(DEFAULTS.denied * factor),
    agents: Math.ceil(DEFAULTS.agents * factor),
    handshakes: Math.ceil(DEFAULTS.handshakes * factor),
    upstreamFailures: Math.ceil(DEFAULTS.upstreamFailures * factor),
    tlsErrors: Math.ceil(DEFAULTS.tlsErrors * factor),
  });

  it('nor with two thirds of the defaults: they leave room for worse days', () => {
    expect(logs.flatMap((log) => alertsOf(log, scaled(2 / 3)).map(({ message }) => message))).toEqual([]);
  }, 60_000);

  it('though the days have some of everything that is counted', () => {
    const found = logs.flatMap((log) => alertsOf(log, scaled(1 / 10)).map(({ rule }) => rule));
    expect(new Set(found)).toEqual(
      new Set(['denied', 'agents', 'handshakes', 'upstream_failures', 'tls_errors']),
    );
  }, 60_000);
});

describe('an attack in a day of normal use', () => {
  const log = normalDays(7, 2);
  /** `new_networks` tells of the attacker's network, too, once something answers it. */
  const settings = { newNetworks: false };

  it.each([
    ['tries addresses where no agent is', [`agents ${ATTACKER}`]],
    ['guesses a password', [`denied ${ATTACKER}`]],
    ['begins WebSockets', [`handshakes ${ATTACKER}`]],
    ['finds a dead agent, with others', [`upstream_failures ${NO_AGENT}`]],
    ['speaks no TLS', [`tls_errors ${ATTACKER}`]],
    ['asks for addresses outside', [`outside ${ATTACKER}`]],
  ])('%s: is found once in one window', (kind, expected) => {
    const alerts = alertsOf(inOrder(log, attack(kind, 100, 2 * MINUTE)), settings);
    expect(alerts.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual(expected);
  });

  it.each(Object.keys(ATTACKS))('%s: is told again in every window that it goes on for', (kind) => {
    const alerts = alertsOf(inOrder(log, attack(kind, 1000, 14 * MINUTE)), settings);
    const gaps = alerts.slice(1).map(({ lastUs }, index) => lastUs - (alerts[index]?.lastUs ?? 0));
    expect(new Set(alerts.map(({ rule }) => rule)).size).toBe(1);
    expect(alerts).toHaveLength(3);
    expect(gaps.every((gap) => gap >= DEFAULTS.windowMs * 1000)).toBe(true);
  });

  it('is found by way of the office’s address as well, where the thresholds are made for 50 people', () => {
    const scan = repeated(40, MINUTE, (atUs, index) =>
      request(atUs, { client: OFFICE, agent: `10.150.248.${200 + index}`, status: 504, upstreamStatus: 504 }),
    );
    expect(alertsOf(inOrder(log, scan), settings).map(({ rule, subject }) => [rule, subject])).toEqual([
      ['agents', OFFICE],
    ]);
  });

  it('is not told again because of a mistake that its client makes later', () => {
    const guesses = repeated(100, 2 * MINUTE, (atUs) => refused(atUs, { user: 'admin', status: 401 }));
    const mistake = refused(ATTACK_US + 6.5 * MINUTE, { user: 'admin', status: 401 });
    expect(alertsOf([...guesses, mistake]).map(({ rule }) => rule)).toEqual(['denied']);
  });

  it('is told by a network that was not there in the day before', () => {
    const visit = [
      request(ATTACK_US, { client: ATTACKER }),
      request(ATTACK_US + MINUTE, { client: '198.51.7.7' }),
    ];
    expect(
      alertsOf(inOrder(log, visit)).map(({ rule, subject, message }) => [rule, subject, message]),
    ).toEqual([
      [
        'new_networks',
        '198.51.0.0/16',
        '198.51.100.66 reached a desktop from 198.51.0.0/16, a network not seen before: dcvops logs --client 198.51.0.0/16',
      ],
    ]);
  });
});

describe('an alert', () => {
  it('says who did what, how often, and what to type, and shows the last lines with secrets masked', () => {
    const records = repeated(3, 3 * SECOND, (atUs, index) => ({
      ...refused(atUs, { user: 'admin', status: 401 }),
      raw: `line ${index} ?authToken=${'s'.repeat(2000)}`,
    }));
    expect(alertsOf(records, { denied: 3 })).toEqual([
      {
        rule: 'denied',
        subject: ATTACKER,
        proxy: 'gateway',
        count: 3,
        threshold: 3,
        windowMs: 300_000,
        firstUs: ATTACK_US,
        lastUs: ATTACK_US + 2 * SECOND,
        message:
          '198.51.100.66 was refused 3 times (401, 403, 404, 429) within 5 min: dcvops logs --client 198.51.100.66 --status 4xx',
        sample: ['line 0 ?***', 'line 1 ?***', 'line 2 ?***'],
      },
    ]);
  });

  it.each<[string, LogRecord[], Partial<WatchSettings>, string]>([
    [
      'agents',
      repeated(2, SECOND, (atUs, index) =>
        request(atUs, { agent: `10.150.248.${index}`, client: ATTACKER, status: 502, upstreamStatus: 502 }),
      ),
      { agents: 2 },
      '198.51.100.66 tried 2 agents’ addresses, 2 of them without an agent that answers within 5 min: dcvops logs --client 198.51.100.66',
    ],
    [
      'handshakes',
      repeated(2, SECOND, (atUs) => request(atUs, { client: ATTACKER, status: 403 }, 'websocket')),
      { handshakes: 2, windowMs: 30_000 },
      '198.51.100.66 began 2 WebSockets that were refused or closed at once within 30 s: dcvops logs --client 198.51.100.66',
    ],
    [
      'upstream_failures',
      repeated(2, SECOND, (atUs) => request(atUs, { status: 504, upstreamStatus: 504 })),
      { upstreamFailures: 2 },
      'agent 10.150.248.20 did not answer 2 requests (502, 504) within 5 min: dcvops check',
    ],
    [
      'tls_errors',
      repeated(2, SECOND, (atUs) => tlsError(atUs, '2001:db8:0:1::7')),
      { tlsErrors: 2 },
      '2001:db8:0:1::/64 failed 2 TLS handshakes within 5 min: dcvops logs --source error --client 2001:db8:0:1::/64',
    ],
    [
      'outside',
      [refused(ATTACK_US, { agent: '169.254.169.254', status: 403, action: 'deny' })],
      {},
      '198.51.100.66 asked for an address outside of agent_networks, last for 169.254.169.254 within 5 min: dcvops logs --client 198.51.100.66 --status 403',
    ],
  ])('of %s', (rule, records, settings, message) => {
    const alerts = alertsOf(records, settings).map((alert) => [alert.rule, alert.message]);
    expect(alerts).toEqual([[rule, message]]);
  });
});

describe('what counts', () => {
  const at = (index: number): number => ATTACK_US + index * SECOND;
  const three = (given: Partial<Access>, ws = ''): LogRecord[] =>
    [0, 1, 2].map((index) => request(at(index), { client: ATTACKER, ...given }, ws));
  const low = { denied: 3, agents: 3, handshakes: 3, upstreamFailures: 3, newNetworks: false };

  it.each<[string, LogRecord[], readonly string[]]>([
    [
      'a browser’s first question for a password is no guess',
      three({ user: '', status: 401, upstreamStatus: undefined }),
      [],
    ],
    ['an agent’s own 401 is', three({ user: '', status: 401, upstreamStatus: 401 }), ['denied']],
    ['icons that browsers look for are not', three({ path: '/10.150.248.20/favicon.ico', status: 404 }), []],
    ['what a limit refused is', three({ status: 429 }), ['denied']],
    [
      'desktops that close after hours are no burst',
      three({ webSocket: true, status: 101, durationMs: 3e7 }),
      [],
    ],
    [
      'desktops that close after a second are',
      three({ webSocket: true, status: 101, durationMs: 1000 }),
      ['handshakes'],
    ],
    [
      'a log without durations cannot tell them',
      three({ webSocket: true, status: 101, durationMs: undefined }),
      [],
    ],
    [
      'the default route’s failures are its agent’s',
      three({ agent: '', upstream: '10.0.0.9:8443, 10.0.0.8:8443', status: 502, upstreamStatus: 502 }),
      ['upstream_failures'],
    ],
    ['the gateway’s own errors are nobody’s', three({ action: 'maint', status: 502, upstream: '' }), []],
    [
      'the same outside address three times is a mistake',
      three({ agent: '10.9.9.9', action: 'deny', status: 307 }),
      [],
    ],
    [
      'three different ones are none',
      [1, 2, 3].map((octet) => refused(at(octet), { agent: `10.9.9.${octet}`, action: 'deny', status: 307 })),
      // they are three addresses without an agent as well
      ['agents', 'outside'],
    ],
    [
      'spellings of one IPv6 address are one address',
      ['fd00::9', 'FD00:0::9', 'fd00:0:0::9'].map((agent, index) =>
        refused(at(index), { agent, action: 'deny', status: 307 }),
      ),
      [],
    ],
    [
      'a log that does not tell what the gateway did is read by the inventory',
      [1, 2, 3].map((octet) => refused(at(octet), { agent: `10.9.9.${octet}`, action: '', status: 307 })),
      ['outside'],
    ],
    [
      'one IPv6 client has a whole /64 of addresses',
      [1, 2, 3].map((part) => request(at(part), { client: `2001:db8::${part}:1`, status: 403 })),
      ['denied'],
    ],
    ['a client that is no address cannot be typed', three({ client: '$(reboot)', status: 403 }), []],
    [
      'an agent that rejects the gateway’s TLS is not its client’s fault',
      [0, 1, 2].map((index) => {
        const record = tlsError(at(index), ATTACKER);
        return { ...record, message: record.message.replace('handshaking', 'handshaking to upstream') };
      }),
      [],
    ],
  ])('%s', (_, records, expected) => {
    expect(alertsOf(records, { ...low, tlsErrors: 3 }).map(({ rule }) => rule)).toEqual(expected);
  });

  it('agents that answer weigh a tenth: a check of all of them is no scan', () => {
    const all = (count: number): LogRecord[] =>
      Array.from({ length: count }, (_, index) =>
        request(at(index), { agent: `10.150.${index >> 8}.${index & 255}` }),
      );
    expect(alertsOf(all(199), { newNetworks: false })).toEqual([]);
    expect(alertsOf(all(200), { newNetworks: false }).map(({ rule, count }) => [rule, count])).toEqual([
      ['agents', 20],
    ]);
  });

  it('nothing, for a rule that is off', () => {
    const everything = Object.keys(ATTACKS).flatMap((kind) => attack(kind, 100, MINUTE));
    const off = {
      denied: 0,
      agents: 0,
      handshakes: 0,
      upstreamFailures: 0,
      tlsErrors: 0,
      newNetworks: false,
      outside: false,
    };
    expect(alertsOf(everything, off)).toEqual([]);
    expect(alertsOf(everything, { newNetworks: false }).length).toBeGreaterThan(4);
  });

  it('each window by itself: what is spread over hours is no burst', () => {
    const slow = repeated(200, 24 * HOUR, (atUs) => refused(atUs, { status: 403 }));
    expect(alertsOf(slow, { newNetworks: false })).toEqual([]);
  });

  it('each proxy by its own clock, but one alert for both', () => {
    const here = repeated(50, MINUTE, (atUs) => refused(atUs, { status: 403 }));
    const there = here.map((record) => ({ ...record, host: 'gateway2' }));
    expect(alertsOf(inOrder(here, there)).map(({ proxy }) => proxy)).toEqual(['gateway']);
    const wrongClock = there.map((record) => ({ ...record, timeUs: (record.timeUs ?? 0) - 720 * HOUR }));
    const mixed = here.flatMap((record, index) => [record, ...wrongClock.slice(index, index + 1)]);
    expect(alertsOf(mixed).map(({ proxy }) => proxy)).toEqual(['gateway', 'gateway2']);
  });

  it('goes on when a clock is set back', () => {
    const future = refused(ATTACK_US + 1000 * HOUR, { status: 403 });
    const records = [future, ...repeated(50, MINUTE, (atUs) => refused(atUs, { status: 403 }))];
    expect(alertsOf(records).map(({ rule }) => rule)).toEqual(['denied']);
  });

  it('nothing that has no time', () => {
    expect(
      alertsOf(
        three({ status: 403 }).map((record) => ({ ...record, timeUs: undefined })),
        low,
      ),
    ).toEqual([]);
  });
});

describe('new networks', () => {
  const [known, later] = [FIRST_DAY_US, FIRST_DAY_US + 25 * HOUR];
  const first = request(known, { client: '81.56.1.1' });

  it.each<[string, LogRecord, Partial<WatchOptions>, readonly string[]]>([
    ['another address of a known network is known', request(later, { client: '81.56.200.9' }), {}, []],
    ['another network is not', request(later, { client: '81.57.1.1' }), {}, ['81.57.0.0/16']],
    ['an IPv6 site is a /48', request(later, { client: '2001:db8:1:2::3' }), {}, ['2001:db8:1::/48']],
    ['what is refused has reached nothing', refused(later, { status: 403, action: 'deny' }), {}, []],
    ['within the first day everything is learnt', request(known + HOUR, { client: '81.57.1.1' }), {}, []],
    [
      'or for as long as is wanted',
      request(known + HOUR, { client: '81.57.1.1' }),
      { learnMs: 60_000 },
      ['81.57.0.0/16'],
    ],
    [
      'a network that the inventory names is known',
      request(later, { client: '81.57.1.1' }),
      { allowed: ['81.57.0.0/17'] },
      [],
    ],
    [
      'a wider one names nobody',
      request(later, { client: '81.57.1.1' }),
      { allowed: ['81.0.0.0/8'] },
      ['81.57.0.0/16'],
    ],
    [
      'where anybody may connect, robots load the page',
      request(later, { client: '81.57.1.1' }),
      { allowed: 'any' },
      [],
    ],
    [
      'and people open WebSockets',
      request(later, { client: '81.57.1.1', webSocket: true, status: 101 }),
      { allowed: 'any' },
      ['81.57.0.0/16'],
    ],
  ])('%s', (_, record, options, expected) => {
    expect(alertsOf([first, record], {}, options).map(({ subject }) => subject)).toEqual(expected);
  });
});

describe('memory: strangers choose their addresses', () => {
  it('no more subjects are remembered than the limit, and those whose window has ended are dropped', () => {
    const subjects = createSubjects(1000, () => ({}));
    for (let index = 0; index < 3 * MOST_SUBJECTS; index++) subjects.at('gateway', `client${index}`, 0);
    expect(subjects.size()).toBeGreaterThan(MOST_SUBJECTS / 2);
    expect(subjects.size()).toBeLessThanOrEqual(MOST_SUBJECTS);
    for (let index = 0; index < MOST_SUBJECTS; index++) subjects.at('gateway', `later${index}`, 2001 + index);
    expect(subjects.size()).toBeLessThan(1100);
  });

  it('a client that goes on is kept while a hundred thousand others come by', () => {
    const crowd = Array.from({ length: 100_000 }, (_, index) =>
      request(ATTACK_US + index * 1000, {
        client: index % 1000 === 0 ? ATTACKER : `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
        status: 403,
      }),
    );
    expect(alertsOf(crowd, { newNetworks: false }).map(({ subject }) => subject)).toEqual([ATTACKER]);
  });
});
