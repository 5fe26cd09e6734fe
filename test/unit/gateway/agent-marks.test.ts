import { describe, expect, it } from 'vitest';
import { marksDiffer, outOfPool } from '../../../src/gateway/agent-marks.ts';
import type { AgentState } from '../../../src/inventory/types.ts';
import { agent } from './inventories.ts';

const fleet = (a: AgentState, b: AgentState) => [
  agent('a', '10.0.0.1', { state: a }),
  agent('b', '10.0.0.2', { state: b }),
];

// A deploy that finds nothing to do asks the host once; marks that are as they should be cost it no second script.
describe('the marks on a proxy', () => {
  it.each<[boolean, AgentState, AgentState, readonly string[]]>([
    [false, 'in-service', 'in-service', []],
    [false, 'in-service', 'in-service', ['users', 'agents.json', 'login/accept.map', 'pool.conf']],
    [false, 'maintenance', 'in-service', ['maintenance/dcv_10_0_0_1', 'out/dcv_10_0_0_1']],
    [false, 'in-service', 'in-service', ['down/dcv_10_0_0_2', 'out/dcv_10_0_0_2']],
    [true, 'maintenance', 'in-service', []],
    [true, 'in-service', 'in-service', ['maintenance/dcv_10_0_0_1', 'out/dcv_10_0_0_1']],
    [true, 'maintenance', 'in-service', ['draining/dcv_10_0_0_1', 'out/dcv_10_0_0_1']],
    // what is made of the marks is missing, or left behind
    [true, 'maintenance', 'in-service', ['maintenance/dcv_10_0_0_1']],
    [true, 'in-service', 'in-service', ['out/dcv_10_0_0_1']],
    // no agent of the inventory, or one that is out of service anyway
    [true, 'in-service', 'in-service', ['down/dcv_10_0_0_9', 'out/dcv_10_0_0_9']],
    [true, 'draining', 'in-service', ['draining/dcv_10_0_0_1', 'down/dcv_10_0_0_1', 'out/dcv_10_0_0_1']],
  ])('differ: %s, with %s, %s and %j', (expected, a, b, state) => {
    expect(marksDiffer(fleet(a, b), state)).toBe(expected);
  });
});

it('the pool passes those by that are down on the host, and those that the inventory has out of service', () => {
  const state = ['down/dcv_10_0_0_2', 'out/dcv_10_0_0_2', 'maintenance/dcv_10_0_0_7'];
  expect([...outOfPool(fleet('in-service', 'in-service'), state)]).toEqual(['dcv_10_0_0_2']);
  expect([...outOfPool(fleet('draining', 'in-service'), state)].sort()).toEqual([
    'dcv_10_0_0_1',
    'dcv_10_0_0_2',
  ]);
});
