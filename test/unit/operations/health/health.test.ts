import { describe, expect, it } from 'vitest';
import { formatHealthEvent } from '../../../../src/cli/health.ts';
import {
  POOL_FILE,
  defaultRoute,
  markPool,
  poolServers,
} from '../../../../src/gateway/config/default-agents.ts';
import { parseProxyFacts } from '../../../../src/gateway/proxy-facts.ts';
import { LIVE_FILE } from '../../../../src/gateway/release.ts';
import { renderGateway } from '../../../../src/gateway/render.ts';
import { type Applied, summary } from '../../../../src/operations/health/apply-health.ts';
import { liveTarget } from '../../../../src/operations/health/change-pool.ts';
import { createProxyHealth } from '../../../../src/operations/health/proxy-health.ts';
import type { HealthEvent, HealthOptions } from '../../../../src/operations/health/types.ts';
import type { Remote } from '../../../../src/ssh/remote.ts';
import { DcvopsError } from '../../../../src/errors.ts';
import { agent, gatewaySettings, inventoryWith, proxy, twoAgents } from '../../gateway/inventories.ts';

const GATEWAY = proxy();
const AGENTS = [agent('a', '10.150.248.1'), agent('b', '10.150.248.2'), agent('c', '10.150.248.3')];
const OPTIONS: HealthOptions = { downAfter: 1, upAfter: 1, needsSession: false, dryRun: false, now: false };

/** A proxy that tells these marks, and reaches no agent. Keeps what it was ordered. */
function deadFleet(marks: readonly string[], told: Record<string, string> = {}) {
  const ordered: string[] = [];
  const list = marks.join('\n');
  const remote: Remote = {
    name: GATEWAY.name,
    run: (script, { stdin = '' } = {}) => {
      if (script.args?.[2] !== 'read') ordered.push(...String(stdin).trim().split('\n'));
      const values = { before: list, after: list, now: '2026-01-01T12:00:00Z', reloaded: '', ...told };
      const stdout = Object.entries(values)
        .map(
          ([name, value]) =>
            `${name}\n${value
              .split('\n')
              .map((line) => `|${line}\n`)
              .join('')}.\n`,
        )
        .join('');
      return Promise.resolve({ code: 0, stdout, stderr: '' });
    },
    tunnel: (address) =>
      Promise.reject(
        new DcvopsError('failed', `no connection from the host to ${address}:8443: Connection refused`),
      ),
    converse: () => Promise.reject(new Error('not expected')),
    follow: () => Promise.reject(new Error('not expected')),
    close: () => undefined,
  };
  return { remote, ordered };
}

async function round(
  fleet: ReturnType<typeof deadFleet>,
  options: Partial<HealthOptions> = {},
  defaults = AGENTS.slice(0, 1),
): Promise<Applied> {
  const inventory = inventoryWith(
    GATEWAY,
    AGENTS,
    gatewaySettings({ default: defaults, defaultBy: 'redirect' }),
  );
  const health = createProxyHealth(
    {
      inventory,
      connect: () => Promise.resolve(fleet.remote),
      emit: () => undefined,
      tell: () => undefined,
      who: 'anna@laptop',
      signal: new AbortController().signal,
      concurrency: 8,
    },
    GATEWAY,
    { ...OPTIONS, ...options },
  );
  const { unsure } = await health.look();
  return { unsure, ...(await health.mark()), pool: await health.follow() };
}

// Who is in maintenance is somebody's business already, and a fleet of which nobody is left serves nobody.
describe('a round of questions', () => {
  it('spares all agents when none answers: it may be the way to them', async () => {
    const fleet = deadFleet([]);
    const { agents, asked } = await round(fleet);
    expect(asked).toBe(3);
    expect(agents.map(({ agent: name, state, reason }) => [name, state, reason])).toEqual([
      ['a', 'spared', 'TCP: connection refused'],
      ['b', 'spared', 'TCP: connection refused'],
      ['c', 'spared', 'TCP: connection refused'],
    ]);
    expect(fleet.ordered).toEqual([]);
  });

  it('asks nobody who is out of service on the host, and takes marks back that leave nobody', async () => {
    const fleet = deadFleet(['dcv_10_150_248_2 maintenance', 'dcv_10_150_248_1 down']);
    const { agents, asked } = await round(fleet);
    expect(asked).toBe(2);
    expect(agents.map(({ agent: name, state }) => [name, state])).toEqual([
      ['a', 'spared'],
      ['c', 'spared'],
    ]);
    expect(fleet.ordered).toEqual(['dcv_10_150_248_1 10.150.248.1 keep up']);
  });

  it('marks nothing in a dry run, and waits for more failures where more are asked for', async () => {
    const dry = deadFleet(['dcv_10_150_248_1 down']);
    await round(dry, { dryRun: true });
    expect(dry.ordered).toEqual([]);
    const patient = deadFleet([]);
    expect((await round(patient, { downAfter: 2 })).agents).toEqual([]);
  });

  it('lets a pool wait for five minutes after the last reload', async () => {
    const pool = poolServers(defaultRoute(gatewaySettings({ default: AGENTS }))) ?? '';
    const marked = markPool(pool, new Set(['dcv_10_150_248_3']));
    const told = { pool: marked.trimEnd(), reloaded: '2026-01-01T11:58:10Z' };
    expect((await round(deadFleet([], told))).pool).toEqual({ waitSeconds: 190 });
    expect((await round(deadFleet(['dcv_10_150_248_3 draining'], told))).pool).toBe('unchanged');
  });

  it('says so when the proxy itself is lost, and blames no agent', async () => {
    const fleet = deadFleet([]);
    const lost = {
      ...fleet.remote,
      tunnel: () => Promise.reject(new DcvopsError('unreachable', 'the connection was lost')),
    };
    await expect(round({ ...fleet, remote: lost })).rejects.toThrow('the connection was lost');
  });
});

describe('what a proxy is told to have done', () => {
  const event = (name: string, state: 'down' | 'up' | 'spared'): Applied['agents'][number] => ({
    type: 'health',
    host: 'gateway',
    agent: name,
    address: '10.0.0.1',
    state,
    reason: 'TCP: connection refused',
  });
  it.each<[Applied, boolean, string, string]>([
    [
      { asked: 3, agents: [], unsure: [], pool: 'unchanged' },
      false,
      'unchanged',
      'marks are as the agents answer; unchanged',
    ],
    [
      { asked: 0, agents: [], unsure: [], pool: 'unchanged' },
      false,
      'unchanged',
      'no agent is in service; unchanged',
    ],
    [
      { asked: 3, agents: [event('a', 'down'), event('b', 'up')], unsure: [], pool: 'changed' },
      false,
      'done',
      'a marked down; b put back; the pool follows (nginx reloaded)',
    ],
    [
      { asked: 3, agents: [event('a', 'down')], unsure: [], pool: { waitSeconds: 190 } },
      false,
      'done',
      'a marked down; the pool follows with the next reload, in 3 min 10 s',
    ],
    [
      { asked: 3, agents: [event('a', 'down')], unsure: [], pool: 'unchanged' },
      true,
      'done',
      'a would be marked down. Nothing changed.',
    ],
    [
      { asked: 1, agents: [event('a', 'spared')], unsure: [], pool: 'unchanged' },
      false,
      'failed',
      'a not marked, though dead: no agent would be left',
    ],
    [
      {
        asked: 2,
        agents: [event('a', 'down')],
        unsure: [{ agent: 'b', reason: 'no answer from 10.0.0.2:22' }],
        pool: 'unchanged',
      },
      false,
      'failed',
      'a marked down; whether b is dead is not known (no answer from 10.0.0.2:22)',
    ],
  ])('%o', (acted, dryRun, outcome, message) => {
    expect(summary(acted, { dryRun })).toMatchObject({ outcome, message });
  });

  it.each<[HealthEvent, string]>([
    [event('a', 'down'), 'gateway: a (10.0.0.1) is down: TCP: connection refused'],
    [
      event('a', 'spared'),
      'gateway: a (10.0.0.1) is down: TCP: connection refused; not marked, since no agent would be left',
    ],
    [
      { type: 'pool', host: 'gateway', state: 'waiting', waitSeconds: 190 },
      'gateway: the pool follows with the next reload, in 3 min 10 s',
    ],
  ])('%o as a line', (told, line) => {
    expect(formatHealthEvent(told)).toBe(line);
  });
});

describe('the pool’s change', () => {
  const both = twoAgents();
  const rendered = renderGateway({ ...both, gateway: { ...both.gateway, default: both.agents } });
  const pool = rendered.files.find(({ path }) => path === POOL_FILE)?.content ?? '';
  const facts = (config: string) => ({
    ...parseProxyFacts([], LIVE_FILE),
    live: { path: LIVE_FILE, content: config, mode: '644 root:root', releaseId: rendered.releaseId },
    gatewayFiles: [{ path: POOL_FILE, content: pool }],
    state: ['down/dcv_10_150_248_136'],
  });

  it('is the live release with the marks that are on the host', () => {
    const marked = markPool(pool, new Set(['dcv_10_150_248_136']));
    expect(marked).not.toBe(pool);
    expect(liveTarget('gateway', facts(rendered.config))).toEqual({
      release: rendered.releaseId,
      files: [
        { kind: 'write', path: LIVE_FILE, mode: '644', content: rendered.config },
        { kind: 'write', path: POOL_FILE, mode: '644', content: marked },
      ],
    });
  });

  it('is none where somebody edited the file: their edit would be kept as a release', () => {
    expect(() => liveTarget('gateway', facts(rendered.config.replace('10g', '20g')))).toThrow(
      /edited by hand/,
    );
  });
});
