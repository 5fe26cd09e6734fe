import { describe, expect, it } from 'vitest';
import type { AccessLists, GatewayDescription } from '../../../src/gateway/describe.ts';
import { widerAccess } from '../../../src/gateway/wider-access.ts';

const ANY: AccessLists = { allow: ['any'], deny: [] };
const only = (...allow: string[]): AccessLists => ({ allow, deny: [] });
const but = (lists: AccessLists, ...deny: string[]): AccessLists => ({ ...lists, deny });

function gateway(lists: AccessLists, agent1 = ANY): GatewayDescription {
  const agents = [{ name: 'agent1', address: '10.150.248.180', ...agent1 }];
  return { ...lists, agents, agentNetworks: ['10.150.248.0/24'], asksLogin: false, realIpFrom: [] };
}

// Somebody takes a line out of the inventory, and strangers are in without anybody having been asked.
describe('access that gets wider', () => {
  it.each<[string, AccessLists, AccessLists, string[]]>([
    ['the same', only('10.0.0.0/8'), only('10.0.0.0/8'), []],
    ['another network', only('10.0.0.0/8'), only('10.0.0.0/8', '192.0.2.0/24'), ['192.0.2.0/24']],
    ['one that was allowed as part of another', only('10.0.0.0/8'), only('10.1.0.0/16'), []],
    ['one that holds what was allowed', only('10.1.0.0/16'), only('10.0.0.0/8'), ['10.0.0.0/8']],
    ['everybody', only('10.0.0.0/8'), ANY, ['any']],
    ['from everybody to some', ANY, only('10.0.0.0/8'), []],
    ['a deny is gone', but(ANY, '10.1.0.0/16'), ANY, ['10.1.0.0/16']],
    ['a deny gets smaller', but(ANY, '10.1.0.0/16'), but(ANY, '10.1.1.0/24'), ['10.1.0.0/16']],
    ['a deny gets wider', but(ANY, '10.1.0.0/16'), but(ANY, '10.0.0.0/8'), []],
    ['a deny is new', ANY, but(ANY, '10.1.0.0/16'), []],
    [
      'a deny is gone, and what it held is not allowed anyway',
      but(only('10.0.0.0/8'), '192.0.2.0/24'),
      only('10.0.0.0/8'),
      [],
    ],
    [
      'a deny is gone that held all that is allowed',
      but(only('10.1.1.0/24'), '10.0.0.0/8'),
      only('10.1.1.0/24'),
      ['10.1.1.0/24'],
    ],
    ['what is allowed and denied at once', only('10.1.0.0/16'), but(only('10.2.0.0/16'), '10.0.0.0/8'), []],
    ['IPv6 beside IPv4', only('10.0.0.0/8'), only('10.0.0.0/8', 'fd00::/8'), ['fd00::/8']],
  ])('%s', (_, before, after, networks) => {
    expect(widerAccess(gateway(before), gateway(after))).toEqual({
      toEverybody: networks.includes('any'),
      networks,
      agents: [],
      withoutLogin: false,
      believed: [],
    });
    const atTheAgent = widerAccess(gateway(ANY, before), gateway(ANY, after));
    expect(atTheAgent.networks).toEqual([]);
    expect(atTheAgent.agents).toEqual(
      networks.map((one) => `${one === 'any' ? 'everybody whom the gateway lets in' : one} (to agent1)`),
    );
  });

  it('an agent with a list that is no longer named is open, as long as its address is served', () => {
    const before = gateway(ANY, only('10.0.0.0/8'));
    const { agents, ...after } = gateway(ANY);
    expect(agents).toHaveLength(1);
    expect(widerAccess(before, { ...after, agents: [] }).agents).toEqual([
      'everybody whom the gateway lets in (to agent1)',
    ]);
    expect(widerAccess(before, { ...after, agents: [], agentNetworks: [] }).agents).toEqual([]);
  });

  it.each([
    ['the login is gone, and everybody may connect', ANY, true, false, true, true],
    ['the login is gone, and some may connect', only('10.0.0.0/8'), true, false, false, true],
    ['a login is new', ANY, false, true, false, false],
    ['a login as before', ANY, true, true, false, false],
  ])('%s', (_, lists, before, after, toEverybody, withoutLogin) => {
    const wider = widerAccess(
      { ...gateway(lists), asksLogin: before },
      { ...gateway(lists), asksLogin: after },
    );
    expect(wider).toMatchObject({ toEverybody, withoutLogin, networks: [] });
  });

  it.each([
    [[], ['10.9.0.0/24'], ['10.9.0.0/24']],
    [['10.9.0.0/24'], ['10.9.0.5/32'], []],
    [['10.9.0.5/32'], ['10.9.0.0/24', '10.9.0.5/32'], ['10.9.0.0/24']],
    [['10.9.0.5/32'], [], []],
  ])('balancers %j → %j: believed, too, are %j', (before, after, believed) => {
    const wider = widerAccess(
      { ...gateway(ANY), realIpFrom: before },
      { ...gateway(ANY), realIpFrom: after },
    );
    expect(wider).toMatchObject({ believed, toEverybody: false });
  });

  it('a new agent takes nothing from anybody', () => {
    const { agents, ...before } = gateway(ANY);
    expect(widerAccess({ ...before, agents: [] }, { ...before, agents }).agents).toEqual([]);
  });
});
