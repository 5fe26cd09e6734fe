import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import { defaultRoute, poolServers } from '../../../src/gateway/config/default-agents.ts';
import { applyHealth } from '../../../src/operations/health/apply-health.ts';
import { createProxyHealth } from '../../../src/operations/health/proxy-health.ts';
import type { HealthContext, HealthEvent, HealthOptions } from '../../../src/operations/health/types.ts';
import { watchHealth } from '../../../src/operations/health/watch-health.ts';
import type { OperationEvent } from '../../../src/report/events.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { agent, gatewaySettings, inventoryWith, proxy } from '../../unit/gateway/inventories.ts';
import { makeCertificate } from './nginx.ts';
import { type RecordingAgent, startRecordingAgent } from './recording-agent.ts';

const PROXY = proxy();
const AGENTS = [agent('a', '10.150.248.1'), agent('b', '10.150.248.2'), agent('c', '10.150.248.3')];
const C = 'dcv_10_150_248_3';
const OPTIONS: HealthOptions = { downAfter: 1, upAfter: 1, needsSession: false, dryRun: false, now: false };

let folder: string;
let dcv: RecordingAgent;
let server: net.Server;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'dcvops-health-'));
  const files = makeCertificate(folder, 'agent', 'DNS:agent');
  dcv = startRecordingAgent('agent', { cert: readFileSync(files.certificate), key: readFileSync(files.key) });
  server = net.createServer((socket) => {
    dcv.accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  dcv.close();
  server.close();
  rmSync(folder, { recursive: true });
});

/** What lies on the proxy, and who is dead. */
let marks: Map<string, string>;
let pool: string | undefined;
let dead: Set<string>;
beforeEach(() => {
  marks = new Map();
  pool = undefined;
  dead = new Set();
});

const never = (): never => {
  throw new Error('not expected');
};

/** A proxy that keeps marks, and on which another deploy is at work for ever. */
const gateway: Remote = {
  name: PROXY.name,
  run(script, { stdin = '' } = {}) {
    const list = (): string => [...marks].map((mark) => mark.join(' ')).join('\n');
    const told: Record<string, string> = { before: list(), now: '2026-01-01T12:00:00Z', reloaded: '' };
    if (script.args?.[2] === 'ordered') {
      for (const line of String(stdin).trim().split('\n')) {
        const [key = '', , , health] = line.split(' ');
        if (health === 'down') marks.set(key, 'down');
        else marks.delete(key);
      }
    }
    const values = { ...told, after: list(), ...(pool === undefined ? {} : { pool }) };
    const stdout = Object.entries(values).map(
      ([name, value]) => `${name}\n|${value.replaceAll('\n', '\n|')}\n.\n`,
    );
    return Promise.resolve({ code: 0, stdout: stdout.join(''), stderr: '' });
  },
  tunnel: (address) =>
    dead.has(address)
      ? Promise.reject(new DcvopsError('failed', `no connection from the host to ${address}:8443: refused`))
      : Promise.resolve(net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')),
  converse: () =>
    Promise.reject(
      new DcvopsError('failed', 'another deploy is at work: ben@desk. Nothing changed.', {
        host: PROXY.name,
      }),
    ),
  follow: never,
  close: () => undefined,
};

interface Watcher extends HealthContext {
  readonly told: HealthEvent[];
  readonly emitted: OperationEvent[];
}

function watcher(
  signal = new AbortController().signal,
  connect?: (name: string) => Promise<Remote>,
): Watcher {
  const told: HealthEvent[] = [];
  const emitted: OperationEvent[] = [];
  return {
    told,
    emitted,
    inventory: inventoryWith(
      PROXY,
      AGENTS,
      gatewaySettings({ default: AGENTS.slice(0, 2), defaultBy: 'redirect' }),
    ),
    connect: ({ name }) =>
      name === PROXY.name || connect === undefined ? Promise.resolve(gateway) : connect(name),
    emit: (event) => emitted.push(event),
    tell: (event) => told.push(event),
    who: 'anna@laptop',
    signal,
    concurrency: 8,
  };
}

/** Rounds of one watch, each after something happened; what was told of agents in each. */
function rounds(options: Partial<HealthOptions> = {}): (happens?: () => void) => Promise<string[]> {
  const health = createProxyHealth(watcher(), PROXY, { ...OPTIONS, ...options });
  return async (happens) => {
    happens?.();
    await health.look();
    const { agents } = await health.mark();
    return agents.map((event) => `${event.agent} ${event.state}: ${event.reason}`);
  };
}

const REFUSED = 'TCP: refused';

// Somebody mends an agent and puts it back: a watch that takes it out again with "HTTP 200" makes fools of them both.
describe('marks that somebody else changes', () => {
  it('count: an agent that comes back from maintenance is asked like a new one', async () => {
    const round = rounds({ downAfter: 2, upAfter: 2 });
    expect(await round(() => dead.add('10.150.248.3'))).toEqual([]);
    expect(await round()).toEqual([`c down: ${REFUSED}`]);
    expect(await round(() => marks.set(C, 'maintenance'))).toEqual([]);
    // a lost answer
    expect(
      await round(() => {
        marks.clear();
      }),
    ).toEqual([]);
    expect(
      await round(() => {
        dead.clear();
      }),
    ).toEqual([]);
    expect([...marks]).toEqual([]);
  });

  it('count also when all of it happened between two rounds', async () => {
    const round = rounds({ downAfter: 2, upAfter: 2 });
    await round(() => dead.add('10.150.248.3'));
    expect(await round()).toEqual([`c down: ${REFUSED}`]);
    expect(
      await round(() => {
        marks.clear();
      }),
    ).toEqual([]);
    expect([...marks]).toEqual([]);
  });

  it('are left alone by a watch that is more patient', async () => {
    const [hasty, patient] = [rounds(), rounds({ downAfter: 2, upAfter: 5 })];
    dead.add('10.150.248.3');
    for (const round of [hasty, patient]) await round();
    expect(
      await hasty(() => {
        dead.clear();
      }),
    ).toEqual(['c up: HTTP 200']);
    expect(await patient()).toEqual([]);
    expect(await patient(() => dead.add('10.150.248.3'))).toEqual([]);
    expect([...marks]).toEqual([]);
  });

  it('are not those that nobody set: agents that are spared stay so, however patient the watch', async () => {
    const round = rounds({ downAfter: 2 });
    for (const { host } of AGENTS) dead.add(host);
    const told = [await round(), await round(), await round(), await round()];
    expect(told.map((events) => events.length)).toEqual([0, 3, 3, 3]);
  });

  it('and one that was spared and answers is not marked for what it answered before', async () => {
    const round = rounds({ upAfter: 2 });
    for (const { host } of AGENTS) dead.add(host);
    await round();
    await round(() => dead.delete('10.150.248.1'));
    expect(await round(() => dead.delete('10.150.248.3'))).toEqual([`b down: ${REFUSED}`]);
    expect([...marks.keys()]).toEqual(['dcv_10_150_248_2']);
  });
});

// The log of a watch is where people look for when an agent died.
describe('a pool that cannot follow', () => {
  beforeEach(() => {
    pool = poolServers(defaultRoute(gatewaySettings({ default: AGENTS })))?.trimEnd();
    dead.add('10.150.248.3');
  });
  const DOWN = { type: 'health', agent: 'c', state: 'down', reason: REFUSED };
  const TROUBLE = 'the pool does not follow yet: another deploy is at work: ben@desk.';

  it('does not keep a watch from telling who is down', async () => {
    const abort = new AbortController();
    const anna = watcher(abort.signal);
    const noted = new Promise<void>((resolve) => {
      const emit: HealthContext['emit'] = (event) => {
        anna.emitted.push(event);
        if (event.type === 'note') resolve();
      };
      void watchHealth({ ...anna, emit }, [PROXY], 60_000, OPTIONS);
    });
    await noted;
    abort.abort();
    expect(anna.told).toMatchObject([DOWN]);
    expect(anna.emitted.filter(({ type }) => type === 'note')).toMatchObject([
      { level: 'warning', message: `${TROUBLE} Trying again every 60 s.` },
    ]);
  });

  it('is told by a single round after who is down', async () => {
    const anna = watcher();
    await applyHealth(anna, [PROXY], OPTIONS);
    expect(anna.told).toMatchObject([DOWN]);
    expect(anna.emitted.filter(({ type }) => type === 'outcome')).toMatchObject([
      { outcome: 'failed', message: TROUBLE },
    ]);
  });
});

describe('an agent that cannot be asked any more', () => {
  it('does not keep the command from ending, which says so and marks the others', async () => {
    let asked = 0;
    const silent = new DcvopsError('unreachable', 'no answer from 10.150.248.1:22');
    // the first question is answered: no session; nobody hears of it again
    const connect = (name: string): Promise<Remote> => {
      if (name === 'a') asked += 1;
      if (name === 'a' && asked > 1) return Promise.reject(silent);
      const sessions = name === 'a' ? '[]' : '[{"id": "desktop"}]';
      const run: Remote['run'] = () =>
        Promise.resolve({ code: 0, stdout: `version\n|\n.\nsessions\n|${sessions}\n.\n`, stderr: '' });
      return Promise.resolve({ ...gateway, name, run });
    };
    dead.add('10.150.248.3');
    const anna = watcher(undefined, connect);
    await applyHealth(anna, [PROXY], { ...OPTIONS, downAfter: 3, upAfter: 2, needsSession: true }, 0);
    expect(asked).toBe(5);
    expect(anna.emitted).toEqual([
      {
        type: 'outcome',
        host: PROXY.name,
        outcome: 'failed',
        message: 'c marked down; whether a is dead is not known (no answer from 10.150.248.1:22)',
        hint: 'dcvops doctor',
      },
    ]);
  });
});
