import type { Access, LogRecord } from '../../../src/logs/record.ts';

/*
 * Normal use of a gateway, made up: what `logs watch` has to be silent about. It is worse than most days are, for whatever is
 * not known about viewers is taken at its worst.
 */

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 2026-11-23, a Monday, in microseconds. */
export const FIRST_DAY_US = Date.UTC(2026, 10, 23) * 1000;

export const AGENT_NETWORKS = ['10.150.248.0/24'];

/** The address that the office's 50 people share. */
export const OFFICE = '203.0.113.7';
export const AGENTS = Array.from({ length: 25 }, (_, index) => `10.150.248.${20 + index * 4}`);
/** Where no agent is, though the gateway would serve one. */
export const NO_AGENT = '10.150.248.199';

const OFFICE_PEOPLE = 50;
const HOMES = ['81.56', '92.132', '84.115', '93.198', '79.240', '188.98', '217.87', '91.2'];
const IPV6_HOMES = ['2003:a:1', '2a02:8108:4'];
const FILES = 40;
const CHANNELS = 10;
const BROWSERS = ['Mozilla/5.0 (X11; Linux) Firefox/145.0', 'Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0'];

type Random = () => number;

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Person {
  readonly name: string;
  readonly agent: string;
  readonly userAgent: string;
  readonly client: (day: number) => string;
  readonly inOffice: boolean;
}

/** What somebody's desktop goes through in a day: open from here to there. */
interface Opening {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The records of some days of normal use, in the order in which nginx wrote them: each request when it ended. */
export function normalDays(seed: number, days: number): LogRecord[] {
  const random = createRandom(seed);
  const people = peopleOf(random);
  const records = Array.from({ length: days }, (_, day) => recordsOfDay(random, people, day)).flat();
  return records.sort((a, b) => (a.timeUs ?? 0) - (b.timeUs ?? 0));
}

function peopleOf(random: Random): Person[] {
  const common = (index: number): Pick<Person, 'name' | 'agent' | 'userAgent'> => ({
    name: `person${index}`,
    agent: pick(random, AGENTS),
    userAgent: pick(random, BROWSERS),
  });
  return [
    ...Array.from({ length: OFFICE_PEOPLE }, (_, index) => ({
      ...common(index),
      client: () => OFFICE,
      inOffice: true,
    })),
    ...HOMES.map((prefix, index) => ({
      ...common(100 + index),
      // a new address each day, from the provider's same network
      client: (day: number) => `${prefix}.${(index * 37 + day * 11) % 250}.${20 + index}`,
      inOffice: false,
    })),
    ...IPV6_HOMES.map((prefix, index) => ({
      ...common(200 + index),
      client: (day: number) => `${prefix}:0:0:${(day + 1).toString(16)}::${index + 5}`,
      inOffice: false,
    })),
  ];
}

function recordsOfDay(random: Random, people: readonly Person[], day: number): LogRecord[] {
  const startUs = FIRST_DAY_US + day * DAY;
  const restart = {
    agent: pick(random, AGENTS),
    fromUs: startUs + between(random, 10, 16) * HOUR,
    lengthUs: between(random, 20, 60) * SECOND,
  };
  // the office's line is gone for a moment: everybody's viewer connects again within a minute
  const lineGoneUs = startUs + between(random, 10, 16) * HOUR;
  // on Mondays, and after a holiday, all come for the meeting at nine
  const together = random() < 0.5;
  const records = people.flatMap((person) => {
    const arrivalUs = startUs + arrivalOf(random, person.inOffice && together);
    const openings = openingsOf(random, arrivalUs, startUs + (17.5 + normal(random) * 0.75) * HOUR);
    const cut = [
      ...(person.inOffice
        ? [{ atUs: lineGoneUs, backUs: lineGoneUs + between(random, 5, 60) * SECOND }]
        : []),
      ...(person.agent === restart.agent
        ? [
            {
              atUs: restart.fromUs,
              backUs: restart.fromUs + restart.lengthUs + between(random, 1, 15) * SECOND,
            },
          ]
        : []),
    ].reduce((open, { atUs, backUs }) => open.flatMap((opening) => cutAt(opening, atUs, backUs)), openings);
    const usesRestarted =
      person.agent === restart.agent &&
      openings.some(({ fromUs, toUs }) => fromUs < restart.fromUs && toUs > restart.fromUs);
    return [
      ...cut.flatMap((opening, index) => desktop(random, person, day, opening, index === 0)),
      ...(usesRestarted ? retries(random, person, day, restart.fromUs, restart.lengthUs) : []),
    ];
  });
  return [
    ...records,
    ...mistypedAddresses(random, pick(random, people), day, startUs),
    ...certificateWarnings(random, people, day, startUs),
    ...hourlyChecks(random, startUs),
  ];
}

/** Since midnight. */
function arrivalOf(random: Random, together: boolean): number {
  return together ? 9 * HOUR + between(random, -150, 150) * SECOND : (9 + normal(random) * 0.7) * HOUR;
}

/** Opened in the morning; closed and opened again at lunch and for meetings; sometimes only looked at. */
function openingsOf(random: Random, arrivalUs: number, leavingUs: number): Opening[] {
  const openings: Opening[] = [];
  let fromUs = arrivalUs;
  while (fromUs < leavingUs) {
    const isShort = random() < 0.1;
    const toUs = Math.min(
      leavingUs,
      fromUs + (isShort ? between(random, 1, 4) * MINUTE : between(random, 1, 5) * HOUR),
    );
    openings.push({ fromUs, toUs });
    fromUs = toUs + between(random, 0.2, 45) * MINUTE;
  }
  return openings;
}

function cutAt(opening: Opening, atUs: number, backUs: number): Opening[] {
  const { fromUs, toUs } = opening;
  if (atUs <= fromUs || atUs >= toUs) return [opening];
  return [{ fromUs, toUs: atUs }, ...(backUs < toUs ? [{ fromUs: backUs, toUs }] : [])];
}

/** All that one opened desktop writes: the page, the login, the channels. */
function desktop(
  random: Random,
  person: Person,
  day: number,
  { fromUs, toUs }: Opening,
  isFirst: boolean,
): LogRecord[] {
  const { agent, userAgent, name } = person;
  const visit = { client: person.client(day), user: name, agent, userAgent };
  const get = (atUs: number, path: string, given: Partial<Access> = {}): LogRecord =>
    request(atUs, { ...visit, path: `/${agent}${path}`, ...given });
  const socket = (beganUs: number, endedUs: number, path: string): LogRecord =>
    request(endedUs, {
      ...visit,
      path: `/${agent}${path}`,
      status: 101,
      upstreamStatus: 101,
      webSocket: true,
      durationMs: Math.round((endedUs - beganUs) / 1000),
      sentBytes: Math.round(random() * 1e8),
      receivedBytes: Math.round(random() * 1e6),
    });
  const files = isFirst ? FILES : FILES / 4;
  const beganUs = fromUs + 5 * SECOND;
  const endUs = Math.max(toUs, beganUs + 10 * SECOND);
  const unauthorised = { user: '', status: 401, upstreamStatus: undefined, upstream: '' };
  return [
    ...(isFirst ? [get(fromUs, '/', unauthorised)] : []),
    ...(isFirst && random() < 0.03 ? [get(fromUs + SECOND, '/', { ...unauthorised, user: name })] : []),
    ...(random() < 0.3
      ? [
          get(fromUs, '', {
            status: 308,
            action: 'slash',
            stage: 'slash',
            upstream: '',
            upstreamStatus: undefined,
          }),
        ]
      : []),
    get(fromUs + 2 * SECOND, '/'),
    ...Array.from({ length: files }, (_, index) =>
      get(
        fromUs + 2 * SECOND + Math.round(random() * 2 * SECOND),
        `/js/${index}.js`,
        isFirst ? {} : { status: 304, upstreamStatus: 304 },
      ),
    ),
    get(fromUs + 3 * SECOND, '/favicon.ico', { status: 404, upstreamStatus: 404 }),
    ...(random() < 0.15
      ? [get(fromUs + 3 * SECOND, '/js/dcv.js.map', { status: 404, upstreamStatus: 404 })]
      : []),
    socket(fromUs + 3 * SECOND, beganUs, '/auth'),
    ...Array.from({ length: CHANNELS }, () =>
      socket(beganUs + Math.round(random() * SECOND), endUs + Math.round(random() * SECOND), '/ws'),
    ),
    // a channel is opened for a while: a file is brought over
    ...(random() < 0.3 ? [socket(beganUs + 2 * SECOND, Math.min(endUs, beganUs + 60 * SECOND), '/ws')] : []),
  ];
}

/** A viewer that lost its agent tries again every five seconds, and its user loads the page again, too. */
function retries(random: Random, person: Person, day: number, fromUs: number, lengthUs: number): LogRecord[] {
  const failed = (atUs: number, path: string, webSocket: boolean): LogRecord =>
    request(
      atUs,
      {
        client: person.client(day),
        agent: person.agent,
        path: `/${person.agent}${path}`,
        status: 502,
        upstreamStatus: 502,
      },
      webSocket ? 'websocket' : '',
    );
  const tries = Math.floor(lengthUs / (5 * SECOND));
  return [
    ...Array.from({ length: tries }, (_, index) => failed(fromUs + index * 5 * SECOND, '/auth', true)),
    ...Array.from({ length: Math.floor(random() * 4) }, () => {
      const atUs = fromUs + random() * lengthUs;
      return [failed(atUs, '/', false), failed(atUs, '/favicon.ico', false)];
    }).flat(),
  ];
}

/** Somebody types 284 for 248, then 105 for 150, then the right network but an address that no agent has. */
function mistypedAddresses(random: Random, person: Person, day: number, startUs: number): LogRecord[] {
  const atUs = startUs + between(random, 8, 17) * HOUR;
  const nowhere = {
    client: person.client(day),
    upstream: '',
    upstreamStatus: undefined,
    connectMs: undefined,
  };
  const refused = { ...nowhere, status: 403, action: 'deny', stage: 'deny' };
  const unreachable = {
    client: person.client(day),
    agent: NO_AGENT,
    status: 504,
    upstreamStatus: 504,
    upstream: `${NO_AGENT}:8443`,
  };
  return [
    request(atUs, {
      ...nowhere,
      agent: '',
      path: '/10.150.284.180/',
      status: 404,
      action: 'noaddr',
      stage: 'noaddr',
    }),
    ...[20, 22, 40].map((seconds) =>
      request(atUs + seconds * SECOND, { ...refused, agent: '10.105.248.180', path: '/10.105.248.180/' }),
    ),
    ...[60, 65].map((seconds) => request(atUs + seconds * SECOND, { ...unreachable, path: `/${NO_AGENT}/` })),
  ];
}

/** Browsers that don't trust the certificate yet give up a few handshakes. */
function certificateWarnings(
  random: Random,
  people: readonly Person[],
  day: number,
  startUs: number,
): LogRecord[] {
  return Array.from({ length: 3 }, () => pick(random, people)).flatMap((person) => {
    const atUs = startUs + between(random, 8, 11) * HOUR;
    return Array.from({ length: 5 }, (_, index) => tlsError(atUs + index * SECOND, person.client(day)));
  });
}

/** `dcvops check` from a timer: every agent, once an hour. */
function hourlyChecks(random: Random, startUs: number): LogRecord[] {
  const offset = Math.round(random() * HOUR);
  const client = '10.213.0.5';
  return Array.from({ length: 24 }, (_, hour) =>
    AGENTS.flatMap((agent, index) => {
      const atUs = startUs + offset + hour * HOUR + index * SECOND;
      return [
        request(atUs, { client, agent, path: `/${agent}/` }),
        request(atUs, {
          client,
          agent,
          path: `/${agent}/auth`,
          status: 101,
          upstreamStatus: 101,
          webSocket: true,
          durationMs: 30,
        }),
      ];
    }),
  ).flat();
}

/** One request, when it ended; a page from the agent, but for what is given. */
export function request(timeUs: number, given: Partial<Access>, ws = ''): LogRecord {
  const agent = given.agent ?? AGENTS[0] ?? '';
  const access: Access = {
    client: OFFICE,
    user: '',
    method: 'GET',
    path: `/${agent}/`,
    status: 200,
    agent,
    upstream: agent === '' ? '' : `${agent}:8443`,
    action: 'proxy',
    stage: 'agent',
    webSocket: false,
    durationMs: 4,
    connectMs: 1,
    upstreamStatus: 200,
    sentBytes: 4000,
    receivedBytes: 0,
    limited: undefined,
    userAgent: 'Mozilla/5.0',
    ...given,
  };
  const shown = access.webSocket ? 'websocket' : ws;
  return {
    timeUs: Math.round(timeUs),
    level: undefined,
    component: undefined,
    message: `${access.method} ${access.path} ${access.status}`,
    fields: { ws: shown },
    access,
    host: 'gateway',
    source: 'access',
    file: '/var/log/nginx/dcv-access.log',
    raw: `{"client":"${access.client}","uri":"${access.path}","status":"${access.status}","ws":"${shown}"}`,
  };
}

/** A line of nginx's error log: a client's TLS handshake failed. */
export function tlsError(timeUs: number, client: string): LogRecord {
  const message = `SSL_do_handshake() failed (SSL: error:0A00006C:SSL routines::bad key share) while SSL handshaking, client: ${client}, server: 0.0.0.0:8443`;
  return {
    timeUs: Math.round(timeUs),
    level: 'critical',
    component: undefined,
    message,
    fields: { client, server: '0.0.0.0:8443' },
    access: undefined,
    host: 'gateway',
    source: 'error',
    file: '/var/log/nginx/dcv-error.log',
    raw: `2026/11/23 09:00:00 [crit] 1#1: *1 ${message}`,
  };
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('there is nothing to pick from');
  return item;
}

function between(random: Random, from: number, to: number): number {
  return from + random() * (to - from);
}

/** About -2 to 2, mostly near 0. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
