import { describe, expect, it } from 'vitest';
import { showInventory, showInventoryAsYaml } from '../../../src/inventory/show.ts';
import { changed, parse, problemsOf } from './texts.ts';

const DEFAULT = 'default: agent1';
const ACCESS = 'access: { allow: [10.213.0.0/16] }';
const AGENT2 = 'tags: [gpu] }';

/** What `inventory show` prints is an inventory that means the same. */
async function expectTheSameWhenShown(text: string): Promise<void> {
  const inventory = await parse(text);
  expect(showInventory(await parse(showInventoryAsYaml(inventory)))).toEqual(showInventory(inventory));
}

describe('what answers by default', () => {
  it.each([
    ['agent2', 'proxy', { agent2: 1 }],
    ['[agent2, agent1]', 'proxy', { agent2: 1, agent1: 1 }],
    ['[agent1, { agent: agent2, weight: 3 }]', 'proxy', { agent1: 1, agent2: 3 }],
    ['{ pool: [agent1, agent2] }', 'proxy', { agent1: 1, agent2: 1 }],
    ['{ pool: agent1 }', 'proxy', { agent1: 1 }],
    ['{ redirect: agent2 }', 'redirect', { agent2: 1 }],
    ['{ redirect: [{ agent: agent2, weight: 100 }, agent1] }', 'redirect', { agent2: 100, agent1: 1 }],
  ])('default: %s', async (written, by, weights) => {
    const text = changed(DEFAULT, `default: ${written}`);
    const { gateway } = await parse(text);
    expect(gateway.defaultBy).toBe(by);
    expect(gateway.default.map(({ name }) => name)).toEqual(Object.keys(weights));
    expect(Object.fromEntries(gateway.weights)).toEqual(weights);
    await expectTheSameWhenShown(text);
  });

  it.each([
    ['{ pool: [agent1], redirect: [agent2] }', 'both, a pool and a redirect (gateway.default)'],
    ['{}', 'neither a pool nor a redirect (gateway.default)'],
    ['{ redirect: [agent1, agnt2] }', 'unknown name (gateway.default.redirect[1])'],
    ['[agent1, { agent: agnt2 }]', 'unknown name (gateway.default[1].agent)'],
    ['{ pool: [agent1, { agent: agent1 }] }', 'the same agent twice (gateway.default.pool[1].agent)'],
    ['[{ agent: agent1, weight: 0 }]', 'wrong value (gateway.default[0].weight)'],
    ['[{ agent: agent1, weight: 2.5 }]', 'wrong value (gateway.default[0].weight)'],
  ])('default: %s is a problem, told with its place', async (written, problem) => {
    expect((await problemsOf(changed(DEFAULT, `default: ${written}`))).join('\n')).toContain(problem);
  });

  // It would be a 404 for whoever meets that agent.
  it.each([
    ['[agent1, agent2]', true],
    ['{ pool: [agent1, agent2] }', true],
    ['agent2', false],
    ['{ redirect: [agent1, agent2] }', false],
  ])('default: %s with a web_url_path is a problem: %s', async (written, refused) => {
    const text = changed(DEFAULT, `default: ${written}`).replace(
      'host: 10.150.248.136',
      'host: 10.150.248.136, web_url_path: /desk2',
    );
    if (refused)
      expect((await problemsOf(text)).join('\n')).toContain(
        'an agent of a pool with a web_url_path (/desk2)',
      );
    else {
      expect((await parse(text)).agents[1]).toMatchObject({ webUrlPath: '/desk2' });
      await expectTheSameWhenShown(text);
    }
  });

  // nginx compares with one name for the whole pool: every answer would be a 502.
  it.each([
    ['[agent1, agent2]', true],
    ['{ pool: [agent1, agent2] }', true],
    ['agent1', false],
    ['{ redirect: [agent1, agent2] }', false],
  ])('default: %s with verify_agents is a problem: %s', async (written, refused) => {
    const text = changed(DEFAULT, `default: ${written}\n  verify_agents: true`);
    if (refused) expect((await problemsOf(text)).join('\n')).toContain('a pool, while verify_agents is on');
    else expect((await parse(text)).gateway.verifyAgents).toBe(true);
  });
});

describe('who may connect', () => {
  it.each([
    ['{ allow: any, deny: [10.0.0.0/8] }', { allow: 'any', deny: ['10.0.0.0/8'] }],
    ['{ allow: any, real_ip_from: [10.0.0.9, "FD00::/16"] }', { realIpFrom: ['10.0.0.9/32', 'fd00::/16'] }],
    ['{ allow: any, basic: true }', { basic: true }],
    ['{ allow: any, rate: off }', { rate: 'off' }],
    ['{ allow: any, rate: false }', { rate: 'off' }],
    [
      '{ allow: any, rate: { handshakes: 20 } }',
      { rate: { requests: 1000, handshakes: 20, connections: 8000 } },
    ],
  ])('access: %s', async (written, expected) => {
    const text = changed(ACCESS, `access: ${written}`);
    const { gateway } = await parse(text);
    expect(gateway.access).toMatchObject(expected);
    await expectTheSameWhenShown(text);
  });

  it.each([
    ['{ allow: any, deny: any }', 'wrong value (gateway.access.deny)'],
    ['{ allow: any, deny: [0.0.0.0/0] }', 'wrong value (gateway.access.deny[0])'],
    ['{ allow: any, real_ip_from: [balancer] }', 'wrong value (gateway.access.real_ip_from[0])'],
    ['{ allow: any, rate: on }', 'wrong value (gateway.access.rate)'],
    ['{ allow: any, rate: { requests: 0 } }', 'wrong value (gateway.access.rate.requests)'],
    ['{ allow: any, basic: user }', 'wrong value (gateway.access.basic)'],
  ])('access: %s is a problem, told with its place', async (written, problem) => {
    expect((await problemsOf(changed(ACCESS, `access: ${written}`))).join('\n')).toContain(problem);
  });

  it('an agent may have lists of its own', async () => {
    const text = changed(AGENT2, 'access: { allow: [10.213.7.0/24], deny: [10.213.7.9] } }');
    const { agents } = await parse(text);
    expect(agents.map(({ access }) => access)).toEqual([
      { allow: 'any', deny: [] },
      { allow: ['10.213.7.0/24'], deny: ['10.213.7.9/32'] },
    ]);
    await expectTheSameWhenShown(text);
  });
});

describe('the state of an agent', () => {
  it.each(['in-service', 'draining', 'maintenance'])('state: %s', async (state) => {
    const text = changed(AGENT2, `state: ${state} }`);
    expect((await parse(text)).agents.map((agent) => agent.state)).toEqual(['in-service', state]);
    await expectTheSameWhenShown(text);
  });

  it('has to be one of the three', async () => {
    expect(await problemsOf(changed(AGENT2, 'state: down }'))).toEqual([
      'hosts.yaml:7:50: wrong value (agents[1].state): found "down", allowed: in-service or draining or maintenance',
    ]);
  });
});
