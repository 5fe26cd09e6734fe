import { describe, expect, it } from 'vitest';
import {
  type DefaultRoute,
  POOL_FILE,
  defaultRoute,
  markPool,
  poolKeys,
  poolServers,
} from '../../../../src/gateway/config/default-agents.ts';
import { renderGateway } from '../../../../src/gateway/render.ts';
import type { AgentHost } from '../../../../src/inventory/types.ts';
import { agent, gatewaySettings, twoAgents } from '../inventories.ts';

const A = agent('a', '10.0.0.1');
const B = agent('b', '10.0.0.2');
const C = agent('c', 'fd00::3');
const draining = (one: AgentHost): AgentHost => ({ ...one, state: 'draining' });
const maintenance = (one: AgentHost): AgentHost => ({ ...one, state: 'maintenance' });

function route(agents: readonly AgentHost[], defaultBy: 'proxy' | 'redirect' = 'proxy'): DefaultRoute {
  return defaultRoute(gatewaySettings({ default: agents, defaultBy, weights: new Map([['b', 3]]) }));
}

function told(of: DefaultRoute): string {
  const members = 'members' in of ? of.members : [];
  return [of.kind, ...members.map(({ agent: { name }, weight }) => `${name}:${weight}`)].join(' ');
}

// Whoever drains an agent wants no new clients on it; whoever drains all of them wants to be told, not a gateway that stops.
describe('what answers a path without an address', () => {
  it.each<[string, DefaultRoute]>([
    ['none', route([])],
    ['agent', route([A])],
    ['agent', route([draining(A)])],
    ['pool a:1 b:3', route([B, A])],
    ['pool b:3', route([draining(A), B, maintenance(C)])],
    ['nobody', route([draining(A), maintenance(B)])],
    ['redirect a:1', route([A], 'redirect')],
    ['redirect a:1 b:3', route([draining(A), B], 'redirect')],
  ])('is %s', (expected, found) => {
    expect(told(found)).toBe(expected);
  });
});

describe('the pool’s servers', () => {
  const text = poolServers(route([A, B, C])) ?? '';
  const downIn = (marked: string): string[] =>
    marked
      .split('\n')
      .flatMap((line) => (/^server \S+:8443 weight=\d .* down;  # (\S+)$/.exec(line) ?? []).slice(1));

  it('are one a line, with their weight, none of them marked', () => {
    expect(text.split('\n').filter((line) => line.startsWith('server'))).toEqual([
      'server 10.0.0.1:8443 weight=1 max_fails=2 fail_timeout=10s;  # dcv_10_0_0_1',
      'server 10.0.0.2:8443 weight=3 max_fails=2 fail_timeout=10s;  # dcv_10_0_0_2',
      'server [fd00::3]:8443 weight=1 max_fails=2 fail_timeout=10s;  # dcv_fd00__3',
    ]);
    expect(poolKeys(text)).toEqual(['dcv_10_0_0_1', 'dcv_10_0_0_2', 'dcv_fd00__3']);
  });

  it.each<[readonly string[], readonly string[]]>([
    [[], []],
    [['dcv_10_0_0_2'], ['dcv_10_0_0_2']],
    [
      ['dcv_10_0_0_1', 'dcv_fd00__3', 'dcv_10_9_9_9'],
      ['dcv_10_0_0_1', 'dcv_fd00__3'],
    ],
    // serving an agent that may be dead is better than serving none
    [['dcv_10_0_0_1', 'dcv_10_0_0_2', 'dcv_fd00__3'], []],
  ])('with %j down have those marked: %j', (down, expected) => {
    const marked = markPool(text, new Set(down));
    expect(downIn(marked)).toEqual(expected);
    expect(markPool(marked, new Set(down))).toBe(marked);
    expect(markPool(marked, new Set())).toBe(text);
  });

  it('belong to the release without their marks, and change it when a member goes', () => {
    const both = twoAgents();
    const input = { ...both, gateway: { ...both.gateway, default: both.agents } };
    const { config, files } = renderGateway(input);
    const pool = files.find(({ path }) => path === POOL_FILE);
    expect(config).toContain(`include ${POOL_FILE};`);
    expect(downIn(pool?.content ?? '')).toEqual([]);
    const [first = A, ...rest] = both.agents;
    const drained = { ...input, gateway: { ...input.gateway, default: [draining(first), ...rest] } };
    expect(renderGateway(drained).releaseId).not.toBe(renderGateway(input).releaseId);
  });
});

// A reload for each agent that goes into maintenance would leave old workers behind for as long as desktops are open.
it.each(['redirect', 'proxy'] as const)(
  'an agent’s state is no matter of the configuration: %s',
  (defaultBy) => {
    const both = twoAgents({ defaultBy });
    const [first = A] = both.agents;
    const drained = { ...both, gateway: { ...both.gateway, default: [draining(first)] } };
    expect(renderGateway(drained)).toEqual(renderGateway(both));
  },
);
