import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentHost } from '../../../src/inventory/types.ts';
import { agent } from '../../unit/gateway/inventories.ts';
import {
  CLIENT,
  DEAD_AGENT,
  type Protocol,
  type Question,
  type RawResponse,
  STRANGER,
  type TestGateway,
  ask,
  startGateway,
} from './gateway.ts';
import { waitFor } from './nginx.ts';

/** In access.allow, and in the deny lists of agents. */
const COLLEAGUE = '10.213.1.8';
/** In access.allow, and in access.deny. */
const DENIED = '10.213.9.1';
const HOST_ITSELF = '127.0.0.1';
const BALANCERS = ['10.9.0.5', '10.9.0.6'] as const;
const [BALANCER, SECOND_BALANCER] = BALANCERS;

/** agent2 and the dead one are for a few, six is not for the colleague; the others are for everyone. */
const NOT_THE_COLLEAGUE = { allow: 'any', deny: [`${COLLEAGUE}/32`] } as const;
const LISTS: Record<string, AgentHost['access']> = {
  agent2: { allow: [`${CLIENT}/32`], deny: [] },
  dead: { allow: ['10.213.1.0/24'], deny: ['10.213.1.8/29'] },
  six: NOT_THE_COLLEAGUE,
};

const withLists = (agents: readonly AgentHost[]): AgentHost[] =>
  agents.map((one) => ({ ...one, access: LISTS[one.name] ?? one.access }));

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(
    {
      access: {
        allow: ['10.213.0.0/16'],
        deny: ['10.213.9.0/24'],
        realIpFrom: BALANCERS.map((address) => `${address}/32`),
      },
    },
    [COLLEAGUE, DENIED, ...BALANCERS],
    undefined,
    withLists,
  );
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.received();
});

/** The refusal at the door, which tells nothing of an agent but what was asked for. */
const AT_THE_DOOR = {
  error: { status: 403, stage: 'access', reason: 'this gateway is not open to your address' },
};

async function expectShut(target: string, question: Question): Promise<RawResponse> {
  const connections = gateway.connections();
  const response = await ask(gateway, target, question);
  expect(response.status).toBe(403);
  expect(JSON.parse(response.body)).toMatchObject(AT_THE_DOOR);
  expect(gateway.received()).toEqual({});
  expect(gateway.connections()).toBe(connections);
  return response;
}

const PROTOCOLS: readonly Protocol[] = ['http/1.1', 'h2'];

/** agent2 and six in every spelling that leads to them; the dead one, which would answer 502. */
const SHUT_TO_THE_COLLEAGUE = [
  '/10.150.248.136/',
  '/10.150.248.136',
  '/10.150.248.136?x',
  '/10.150.248.136/../10.150.248.180/',
  '/::ffff:0a96:f888/',
  '/[::ffff:a96:f888]/',
  '/0:0:0:0:0:ffff:a96:f888/x',
  '/agent2/',
  '/agent2',
  '/agent2/x?authToken=s3cret',
  '/fd00:150::5/',
  '/FD00:150:0:0::5/',
  '/[fd00:150::5]/',
  '/%5Bfd00:150::5%5D',
  '/six/',
  `/${DEAD_AGENT}/`,
  '/dead/',
];

// A deny that a spelling gets around is none: an agent would be open to those whom its owner shut out.
describe.each(PROTOCOLS)('over %s', (protocol) => {
  it.each(['/', '/10.150.248.180/', '/agent1/', '/10.150.248.136/', '/10.0.0.256/', '/169.254.169.254/'])(
    'who is outside of access.allow, or in access.deny, is told nothing at %s',
    async (target) => {
      for (const from of [STRANGER, DENIED]) await expectShut(target, { from, protocol });
    },
  );

  it.each(SHUT_TO_THE_COLLEAGUE)('who may not reach that agent is told nothing at %s', async (target) => {
    await expectShut(target, { from: COLLEAGUE, protocol });
  });

  it.each(['/', '/x', '/10.150.248.180/', '/agent1', '/10.150.248.77/'])(
    'the same person reaches other agents at %s',
    async (target) => {
      expect((await ask(gateway, target, { from: COLLEAGUE, protocol })).status).toBeLessThan(400);
    },
  );

  it('who may reach an agent does, in whatever spelling', async () => {
    for (const target of SHUT_TO_THE_COLLEAGUE) {
      const { status } = await ask(gateway, target, { from: CLIENT, protocol });
      const expected = target.startsWith(`/${DEAD_AGENT}`) ? [502] : [200, 302, 308];
      expect([target, status]).toEqual([target, expect.toBeOneOf(expected)]);
    }
  });

  it('the host itself may do everything: checks through SSH come from it', async () => {
    for (const target of ['/10.150.248.136/', '/fd00:150::5/', '/10.150.248.180/']) {
      expect((await ask(gateway, target, { from: HOST_ITSELF, protocol })).status).toBe(200);
    }
  });

  it('/health is for everyone', async () => {
    for (const from of [STRANGER, DENIED, COLLEAGUE]) {
      expect((await ask(gateway, '/health', { from, protocol })).status).toBe(200);
    }
  });
});

it('a WebSocket is refused as any other request', async () => {
  await expectShut('/10.150.248.136/ws', {
    from: COLLEAGUE,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    },
  });
});

it('the refusal is the same, byte for byte, whether the agent is up, down or unknown to the client', async () => {
  const bodyOf = async (target: string): Promise<string> =>
    (await ask(gateway, target, { from: COLLEAGUE })).body
      .replace(/"request_id":"[0-9a-f]+"/, '')
      .replace(/"agent":"[^"]*"/, '');
  expect(await bodyOf(`/${DEAD_AGENT}/`)).toBe(await bodyOf('/10.150.248.136/'));
  expect(await bodyOf('/dead/')).toBe(await bodyOf('/agent2'));
});

describe('the default route', () => {
  let closed: TestGateway;
  beforeAll(async () => {
    const six = agent('six', 'fd00:150::5', { access: NOT_THE_COLLEAGUE });
    closed = await startGateway({ default: [six] }, [COLLEAGUE], undefined, withLists);
  });
  afterAll(() => closed.stop());

  it.each([
    [CLIENT, '/', 200],
    [CLIENT, '/js/main.js', 200],
    [COLLEAGUE, '/', 403],
    [COLLEAGUE, '/?authToken=s3cret', 403],
    [COLLEAGUE, '/js/main.js', 403],
    [COLLEAGUE, '/AGENT1/', 403],
    [COLLEAGUE, '/10.150.248.180/', 200],
    [COLLEAGUE, '/agent1', 302],
    [COLLEAGUE, '/10.0.0.256/', 404],
    [COLLEAGUE, '/169.254.169.254/', 403],
    [COLLEAGUE, '/health', 200],
    [HOST_ITSELF, '/', 200],
  ])('%s gets at %s: %i', async (from, target, status) => {
    expect((await ask(closed, target, { from })).status).toBe(status);
  });
});

// The browser would be led to an agent that refuses it, and to another one for the next person.
describe('the redirect to a default agent', () => {
  let closed: TestGateway;
  beforeAll(async () => {
    const agents = [
      agent('agent1', '10.150.248.180'),
      agent('six', 'fd00:150::5', { access: NOT_THE_COLLEAGUE }),
    ];
    closed = await startGateway(
      { default: agents, defaultBy: 'redirect' },
      [COLLEAGUE],
      undefined,
      withLists,
    );
  });
  afterAll(() => closed.stop());

  it.each([
    [CLIENT, '/', {}, 302],
    [CLIENT, '/?authToken=s3cret', { protocol: 'h2' }, 302],
    [COLLEAGUE, '/', {}, 403],
    [COLLEAGUE, '/', { method: 'HEAD' }, 403],
    [COLLEAGUE, '/?authToken=s3cret', { protocol: 'h2' }, 403],
    [COLLEAGUE, '/six/', {}, 403],
    [COLLEAGUE, '/agent1/', {}, 302],
    [COLLEAGUE, '/10.150.248.180/', {}, 200],
    [HOST_ITSELF, '/', {}, 302],
  ] as const)('%s gets at %s %o: %i', async (from, target, question, status) => {
    expect((await ask(closed, target, { ...question, from })).status).toBe(status);
  });
});

describe('behind load balancers', () => {
  /** Asks for agent1, through whoever `from` is, with X-Forwarded-For. */
  const through = (from: string, forwardedFor?: string, target = '/10.150.248.180/'): Promise<RawResponse> =>
    ask(gateway, target, {
      from,
      headers: forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor },
    });

  it.each([
    ['the client that the balancer names', BALANCER, CLIENT, 200],
    ['a stranger that it names', BALANCER, STRANGER, 403],
    ['somebody denied that it names', BALANCER, DENIED, 403],
    ['the balancer itself, which is no client', BALANCER, undefined, 403],
    ['a client behind two balancers', BALANCER, `${CLIENT}, ${SECOND_BALANCER}`, 200],
    ['what a stranger wrote before the balancer did', BALANCER, `${CLIENT}, ${STRANGER}`, 403],
    ['the host itself, as a stranger claims to be', BALANCER, `127.0.0.1, ${STRANGER}`, 403],
    ['the host itself, as somebody in the balancers’ network claims to be', BALANCER, '127.0.0.1', 403],
    ['the same in IPv6', BALANCER, '::1', 403],
    ['the same through two balancers', BALANCER, `127.0.0.1, ${SECOND_BALANCER}`, 403],
    ['the host itself, whatever it says', HOST_ITSELF, CLIENT, 200],
    ['a balancer, as a stranger claims to be', BALANCER, `${SECOND_BALANCER}, ${STRANGER}`, 403],
    ['a client with its port, as some balancers write it', BALANCER, `${CLIENT}:40123`, 200],
    ['what is no address', BALANCER, 'localhost', 403],
    ['a stranger who names a client', STRANGER, CLIENT, 403],
    ['a stranger who names a balancer too', STRANGER, `${CLIENT}, ${BALANCER}`, 403],
    ['a client who names a stranger', CLIENT, STRANGER, 200],
    ['somebody denied who names a client', DENIED, CLIENT, 403],
  ])('%s', async (_, from, forwardedFor, status) => {
    expect((await through(from, forwardedFor)).status).toBe(status);
  });

  it('the agents’ own lists are about the client that the balancer names', async () => {
    expect((await through(BALANCER, CLIENT, '/10.150.248.136/')).status).toBe(200);
    expect((await through(BALANCER, COLLEAGUE, '/10.150.248.136/')).status).toBe(403);
    expect((await through(COLLEAGUE, CLIENT, '/10.150.248.136/')).status).toBe(403);
    expect((await through(BALANCER, '127.0.0.1', '/10.150.248.136/')).status).toBe(403);
  });

  it('agents and the log are told the client, and nothing of what it claimed', async () => {
    gateway.received();
    await through(BALANCER, `192.0.2.1, ${CLIENT}`, '/10.150.248.180/told');
    const lines = gateway
      .received()
      ['agent1']?.split('\r\n')
      .filter((line) => /^X-(?:Real|Forw.*For)/.test(line));
    expect(lines).toEqual([`X-Real-IP: ${CLIENT}`, `X-Forwarded-For: ${CLIENT}`]);
    const told = new RegExp(`"client":"${CLIENT}".*"uri":"/10\\.150\\.248\\.180/told"`);
    await waitFor('the log tells it', () => told.test(gateway.accessLog()));
  });
});
