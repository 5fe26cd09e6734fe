import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { markPool } from '../../../src/gateway/config/default-agents.ts';
import type { AgentMark } from '../../../src/gateway/state.ts';
import type { AgentHost } from '../../../src/inventory/types.ts';
import { agent } from '../../unit/gateway/inventories.ts';
import {
  AUTHORITY,
  DEAD_AGENT,
  type Question,
  type RawResponse,
  type TestGateway,
  ask,
  startGateway,
} from './gateway.ts';

const AGENT_1 = agent('agent1', '10.150.248.180');
const AGENT_2 = agent('agent2', '10.150.248.136');
const SIX = agent('six', 'fd00:150::5');
const DEAD = agent('dead', DEAD_AGENT);
const KEY = { agent1: 'dcv_10_150_248_180', agent2: 'dcv_10_150_248_136', six: 'dcv_fd00_150__5' } as const;

/** Clients of many addresses, each of which asks for itself. */
const CLIENTS = Array.from({ length: 60 }, (_, index) => `10.213.2.${index + 1}`);

let gateway: TestGateway;

function setMark(mark: AgentMark, key: string): void {
  for (const folder of [mark, 'out']) {
    const directory = path.join(gateway.own, 'state', folder);
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, key), '');
  }
}

function clearMarks(): void {
  for (const folder of ['maintenance', 'draining', 'down', 'out']) {
    for (const key of Object.values(KEY))
      rmSync(path.join(gateway.own, 'state', folder, key), { force: true });
  }
}

async function start(
  agents: readonly AgentHost[],
  by: 'proxy' | 'redirect',
  weights: Record<string, number> = {},
): Promise<void> {
  gateway = await startGateway(
    { default: agents, defaultBy: by, weights: new Map(Object.entries(weights)), access: { rate: 'off' } },
    CLIENTS,
  );
}

/** What each client gets, asked one after another in small groups. */
async function askAll(target: string, question: Question = {}): Promise<Map<string, RawResponse>> {
  const answers = new Map<string, RawResponse>();
  for (let from = 0; from < CLIENTS.length; from += 10) {
    await Promise.all(
      CLIENTS.slice(from, from + 10).map(async (client) => {
        answers.set(client, await ask(gateway, target, { ...question, from: client }));
      }),
    );
  }
  return answers;
}

function namesOf(answers: Map<string, RawResponse>): Map<string, string> {
  return new Map(
    [...answers].map(([client, { status, headers }]) => [
      client,
      headers['x-agent'] ?? headers['location'] ?? String(status),
    ]),
  );
}

function countsOf(answers: Map<string, string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of answers.values()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

async function openWebSocket(target: string): Promise<WebSocket> {
  const socket = await gateway.connect();
  const webSocket = new WebSocket(`wss://${AUTHORITY}${target}`, ['dcv'], { createConnection: () => socket });
  await new Promise((resolve, reject) => {
    webSocket.once('message', resolve);
    webSocket.once('error', reject);
  });
  return webSocket;
}

async function echo(webSocket: WebSocket): Promise<string> {
  const answer = new Promise<string>((resolve) => {
    webSocket.once('message', (data: Buffer) => {
      resolve(data.toString());
    });
  });
  webSocket.send('still here');
  return answer;
}

// A client that changes its agent loses its login; one that meets a dead agent sees an error instead of a desktop.
describe('a pool', () => {
  beforeAll(() => start([AGENT_1, AGENT_2, SIX, DEAD], 'proxy', { agent2: 3 }));
  afterAll(() => gateway.stop());

  it('keeps each client with its agent, gives the heavier one more, and costs nobody an error for the dead one', async () => {
    const first = namesOf(await askAll('/'));
    const counts = countsOf(first);
    expect(Object.keys(counts).sort()).toEqual(['agent1', 'agent2', 'six']);
    expect(counts['agent2']).toBeGreaterThan(counts['agent1'] ?? 60);
    expect(counts['agent2']).toBeGreaterThan(counts['six'] ?? 60);
    expect(namesOf(await askAll('/'))).toEqual(first);
    expect(namesOf(await askAll('/auth', { method: 'POST' }))).toEqual(first);
  });

  it('of which one is marked down moves the clients of that one alone, and cuts no WebSocket', async () => {
    const webSocket = await openWebSocket('/auth');
    const before = namesOf(await askAll('/'));
    const file = path.join(gateway.own, 'state/pool.conf');
    const unmarked = readFileSync(file, 'utf8');
    writeFileSync(file, markPool(unmarked, new Set([KEY.agent2])));
    await gateway.reload();
    const marked = namesOf(await askAll('/'));
    expect(countsOf(marked)['agent2']).toBeUndefined();
    expect(
      [...marked].filter(([client, name]) => name !== before.get(client) && before.get(client) !== 'agent2'),
    ).toEqual([]);
    expect(await echo(webSocket)).toBe('still here');
    writeFileSync(file, unmarked);
    await gateway.reload();
    expect(namesOf(await askAll('/'))).toEqual(before);
    webSocket.close();
  });
});

describe('a redirect', () => {
  beforeAll(() => start([AGENT_1, AGENT_2, SIX], 'redirect', { agent2: 3 }));
  afterAll(() => gateway.stop());
  afterEach(clearMarks);

  it('leads each client to its agent’s path, the heavier agent more of them, the query kept', async () => {
    const first = namesOf(await askAll('/?authToken=a%2Fb&x'));
    const counts = countsOf(first);
    expect(Object.keys(counts).sort()).toEqual(
      [AGENT_1, AGENT_2, SIX].map(({ host }) => `/${host}/?authToken=a%2Fb&x`).sort(),
    );
    expect(counts[`/${AGENT_2.host}/?authToken=a%2Fb&x`]).toBeGreaterThan(24);
    expect(namesOf(await askAll('/?authToken=a%2Fb&x'))).toEqual(first);
    expect(gateway.received()).toEqual({});
  });

  it('is not kept by any cache', async () => {
    expect(await ask(gateway, '/')).toMatchObject({ status: 302, headers: { 'cache-control': 'no-store' } });
  });

  it.each([
    ['/', { method: 'HEAD' }, 302],
    ['/', { protocol: 'h2' as const }, 302],
    ['/', { method: 'POST' }, 404],
    ['/auth', {}, 404],
    ['/index.html', {}, 404],
    ['//', {}, 404],
    ['/10.150.248.300/', {}, 404],
    ['/10.150.248.180/', {}, 200],
    ['/agent1/', {}, 302],
  ])('answers %s %o with %i', async (target, question, status) => {
    expect((await ask(gateway, target, question)).status).toBe(status);
  });

  it('passes an agent that is marked by, from the next request on; other clients stay', async () => {
    const before = namesOf(await askAll('/'));
    setMark('down', KEY.agent2);
    const after = namesOf(await askAll('/'));
    expect(Object.keys(countsOf(after)).sort()).toEqual([`/${AGENT_1.host}/`, `/${SIX.host}/`].sort());
    expect(
      [...after].filter(
        ([client, to]) => to !== before.get(client) && before.get(client) !== `/${AGENT_2.host}/`,
      ),
    ).toEqual([]);
    clearMarks();
    expect(namesOf(await askAll('/'))).toEqual(before);
  });

  it('finds the only agent that is left, and says so when there is none', async () => {
    setMark('down', KEY.agent1);
    setMark('draining', KEY.agent2);
    expect(countsOf(namesOf(await askAll('/')))).toEqual({ [`/${SIX.host}/`]: CLIENTS.length });
    setMark('maintenance', KEY.six);
    const { status, headers, body } = await ask(gateway, '/');
    expect({ status, retry: headers['retry-after'] }).toEqual({ status: 503, retry: '120' });
    expect(JSON.parse(body)).toMatchObject({ error: { stage: 'nodefault' } });
  });
});

// Somebody works on the agent: whoever finds a way in by another spelling disturbs that, and is disturbed.
describe('an agent', () => {
  beforeAll(() => start([AGENT_1], 'proxy'));
  afterAll(() => gateway.stop());
  afterEach(clearMarks);

  it.each([
    ['/10.150.248.180/', KEY.agent1],
    ['/10.150.248.180/auth?x=y', KEY.agent1],
    ['/::ffff:10.150.248.180/', undefined],
    ['/::ffff:0a96:f8b4/', KEY.agent1],
    ['/[::ffff:a96:f8b4]/', KEY.agent1],
    ['/', KEY.agent1],
    ['/version', KEY.agent1],
    ['/fd00:150::5/', KEY.six],
    ['/FD00:150:0::5/', KEY.six],
    ['/fd00:150:0:0:0:0:0:5/', KEY.six],
    ['/[fd00:150::5]/', KEY.six],
    ['/%5Bfd00:150::0005%5d/', KEY.six],
  ])('in maintenance is asked for nothing by %s', async (target, key) => {
    if (key !== undefined) setMark('maintenance', key);
    gateway.received();
    const { status, headers, body } = await ask(gateway, target);
    if (key === undefined) {
      expect(status).toBe(404);
    } else {
      expect({ status, retry: headers['retry-after'] }).toEqual({ status: 503, retry: '120' });
      expect(JSON.parse(body)).toMatchObject({
        error: { stage: 'maintenance', reason: 'this agent is in maintenance' },
      });
    }
    expect(gateway.received()).toEqual({});
  });

  it('in maintenance keeps the desktops that are open, and others serve on', async () => {
    const webSocket = await openWebSocket('/10.150.248.180/auth');
    setMark('maintenance', KEY.agent1);
    expect((await ask(gateway, '/10.150.248.180/')).status).toBe(503);
    expect((await ask(gateway, '/agent1/')).headers['location']).toBe('/10.150.248.180/');
    expect((await ask(gateway, '/10.150.248.136/')).status).toBe(200);
    expect((await ask(gateway, '/10.150.248.77/')).status).toBe(200); // not in the inventory
    expect(await echo(webSocket)).toBe('still here');
    webSocket.close();
  });

  it('that is draining takes nobody by default, while its own path goes on', async () => {
    setMark('draining', KEY.agent1);
    const { status, body } = await ask(gateway, '/');
    expect({ status, error: (JSON.parse(body) as { error: { stage: string } }).error.stage }).toEqual({
      status: 503,
      error: 'draining',
    });
    expect((await ask(gateway, '/10.150.248.180/')).status).toBe(200);
  });

  it('that is marked down is asked all the same: by its path, and where it is the only default', async () => {
    setMark('down', KEY.agent1);
    expect((await ask(gateway, '/10.150.248.180/')).status).toBe(200);
    expect((await ask(gateway, '/')).status).toBe(200);
  });
});

it('a pool of which no agent is in service answers 503', async () => {
  await start(
    [
      { ...AGENT_1, state: 'draining' },
      { ...AGENT_2, state: 'maintenance' },
    ],
    'proxy',
  );
  try {
    const { status, body } = await ask(gateway, '/');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ error: { stage: 'nodefault' } });
  } finally {
    await gateway.stop();
  }
});
