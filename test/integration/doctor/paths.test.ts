import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewaySightFacts, PathFacts } from '../../../src/doctor/facts/path.ts';
import { placeOf } from '../../../src/doctor/place.ts';
import { DcvopsError } from '../../../src/errors.ts';
import type { AgentHost, Host, Inventory } from '../../../src/inventory/types.ts';
import { lookAtGateways, lookAtPaths } from '../../../src/operations/doctor/paths.ts';
import type { WayContext } from '../../../src/operations/gateway/way.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { healthySet } from '../../unit/doctor/healthy.ts';
import { agent, inventoryWith, proxy } from '../../unit/gateway/inventories.ts';
import {
  CLIENT,
  DEAD_AGENT,
  GATEWAY,
  SILENT_AGENT,
  STRANGER,
  type TestGateway,
  startGateway,
} from '../gateway/gateway.ts';

const PROXY = proxy(GATEWAY);
/** Takes connections, and says what sshd says instead of TLS. */
const TALKS_SSH = '10.150.248.30';
/** Takes connections, and says nothing. */
const SAYS_NOTHING = '10.150.248.31';
const DROPPED_HERE = { code: 'ETIMEDOUT' };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({}, [TALKS_SSH, SAYS_NOTHING]);
  await gateway.network.listen(TALKS_SSH, 8443, (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await gateway.network.listen(SAYS_NOTHING, 8443, (socket) => socket.on('error', () => socket.destroy()));
});
afterAll(() => gateway.stop());

interface Setting {
  readonly agents?: readonly AgentHost[];
  /** The address that this machine comes from; undefined: every packet from here is lost. */
  readonly from?: string | undefined;
  /** Hosts that can be logged in to. */
  readonly reached?: readonly string[];
}

const asked: string[] = [];

function contextOf({ agents = [], from, reached = ['gateway'] }: Setting): WayContext {
  const inventory: Inventory = inventoryWith(PROXY, agents, gateway.settings);
  return {
    inventory,
    roots: [gateway.certificate],
    dialFromHere: () => () =>
      from === undefined
        ? Promise.reject(Object.assign(new Error('lost'), DROPPED_HERE))
        : gateway.dial(from),
    connect(host: Host) {
      asked.push(host.name);
      return reached.includes(host.name)
        ? Promise.resolve(remote(host.name))
        : Promise.reject(new DcvopsError('unreachable', 'no answer', { host: host.name }));
    },
  };
}

/** A host of the private network: what it connects to, it reaches from inside. */
function remote(name: string): Remote {
  const never = (): never => {
    throw new Error('a way is asked through tunnels only');
  };
  const tunnel = (host: string, port: number): Promise<Duplex> => gateway.network.dial({ host, port });
  return { name, run: never, converse: never, follow: never, tunnel, close: () => undefined };
}

async function sight(setting: Setting): Promise<GatewaySightFacts> {
  const [seen] = await lookAtGateways(contextOf(setting), [PROXY]);
  if (seen === undefined) throw new Error('no sight of the gateway');
  return seen;
}

async function paths(setting: Setting): Promise<PathFacts[]> {
  const context = contextOf(setting);
  const { agents } = context.inventory;
  return lookAtPaths(context, await lookAtGateways(context, [PROXY]), [PROXY], agents);
}

const place = (path: PathFacts): string | undefined => placeOf(path, { ...healthySet(), hosts: [] });

describe('the gateway is seen', () => {
  it('directly, where it is open to this machine', async () => {
    const { releaseId, certificate } = gateway;
    expect(await sight({ from: CLIENT })).toMatchObject({
      url: `https://${GATEWAY}:9443`,
      direct: { ok: true, status: 200 },
      refusedHere: false,
      release: releaseId,
      http2: true,
      certificate: { chain: [certificate] },
    });
  });

  it('from its own host, where this machine is outside of access.allow', async () => {
    expect(await sight({ from: STRANGER })).toMatchObject({
      direct: { ok: true },
      refusedHere: true,
      tunnel: { ok: true },
    });
  });

  it('from its own host, where a firewall drops what comes from here', async () => {
    expect(await sight({})).toMatchObject({
      direct: { ok: false, obstacle: 'filtered' },
      refusedHere: false,
      tunnel: { ok: true },
      release: gateway.releaseId,
      http2: true,
    });
  });

  it('not at all, where SSH fails as well', async () => {
    const seen = await sight({ reached: [] });
    expect(seen).toMatchObject({ direct: { ok: false, obstacle: 'filtered' }, refusedHere: false });
    expect(seen).not.toHaveProperty('tunnel');
    expect(seen).not.toHaveProperty('release');
  });
});

describe('the way to an agent', () => {
  it.each([
    ['from here', CLIENT, 'direct'],
    ['on the proxy, where this machine is not let in', STRANGER, 'tunnel'],
    ['on the proxy, where the gateway is out of reach', undefined, 'tunnel'],
  ] as const)('is gone %s, step by step', async (_, from, way) => {
    const agents = [agent('agent1', '10.150.248.180'), agent('agent2', '10.150.248.136')];
    const found = await paths({ agents, from });
    expect(found.map(({ agent: name }) => name)).toEqual(['agent1', 'agent2']);
    for (const path of found) {
      expect(path).toMatchObject({
        proxy: 'gateway',
        way,
        route: { ok: true, status: 200, server: 'dcv' },
        page: { ok: true, status: 200 },
        webSocket: { ok: true, status: 101 },
      });
      expect(path).not.toHaveProperty('fromProxy');
      expect(place(path)).toBeUndefined();
    }
  });

  it('is not gone where there is no way in', async () => {
    const agents = [agent('agent1', '10.150.248.180')];
    expect(await paths({ agents, reached: [] })).toEqual([
      { proxy: 'gateway', agent: 'agent1', way: 'none' },
    ]);
  });

  // One call, so that the agents that let everybody wait do so side by side.
  it('ends where it is broken, and the same is asked without nginx and on the agent itself', async () => {
    const agents = [
      agent('refuses', DEAD_AGENT),
      agent('drops', SILENT_AGENT),
      agent('talks-ssh', TALKS_SSH),
      agent('says-nothing', SAYS_NOTHING),
      agent('outside', '10.99.0.1'),
    ];
    asked.length = 0;
    const found = await paths({ agents, from: CLIENT, reached: ['gateway', 'refuses'] });
    const byName = Object.fromEntries(found.map((path) => [path.agent, path]));
    const inner = { status: 502, refusal: 'agent' };
    expect(byName['refuses']).toMatchObject({
      route: { ok: false, ...inner },
      fromProxy: { ok: false, obstacle: 'refused' },
      fromAgent: { ok: false, obstacle: 'refused' },
    });
    expect(byName['drops']).toMatchObject({
      route: { ok: false, status: 504, refusal: 'agent' },
      fromProxy: { ok: false, obstacle: 'filtered' },
    });
    expect(byName['talks-ssh']).toMatchObject({
      route: { ok: false, ...inner },
      fromProxy: { ok: false, obstacle: 'tls' },
    });
    expect(byName['says-nothing']).toMatchObject({
      route: { ok: false },
      fromProxy: { ok: false, obstacle: 'tls' },
    });
    expect(byName['outside']).toMatchObject({ route: { ok: false, status: 403, refusal: 'deny' } });
    for (const path of found) {
      expect(path).not.toHaveProperty('page');
      expect('fromAgent' in path).toBe(path.agent === 'refuses');
    }
    expect(Object.fromEntries(found.map((path) => [path.agent, place(path)]))).toEqual({
      refuses: 'agent',
      drops: 'path',
      'talks-ssh': 'agent',
      'says-nothing': 'agent',
      outside: 'proxy',
    });
    // who cannot be logged in to is not waited for twice
    expect(asked.filter((name) => name === 'drops')).toHaveLength(1);
  });

  it('is gone to a hundred agents in a few seconds', async () => {
    const agents = Array.from({ length: 100 }, (_, index) => agent(`agent${index}`, '10.150.248.180'));
    const started = performance.now();
    const found = await paths({ agents, from: CLIENT });
    expect(found.every((path) => path.webSocket?.ok === true)).toBe(true);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
