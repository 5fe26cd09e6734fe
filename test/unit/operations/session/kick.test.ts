import { describe, expect, it } from 'vitest';
import { parseConnections } from '../../../../src/dcv/session/parse.ts';
import type { AgentHost } from '../../../../src/inventory/types.ts';
import { type Kicked, chooseConnections } from '../../../../src/operations/session/kick.ts';

const TARGET = { agent: { name: 'agent1' } as AgentHost, id: 'desk' };
const VIEWERS = parseConnections(
  JSON.stringify([
    { id: 1, username: 'jane', 'client-address': '10.0.0.9:4711' },
    { id: 2, username: 'joe', 'client-address': '10.0.0.8:4711' },
    { id: 12, username: 'jane', 'client-address': '10.0.0.7:4711' },
  ]),
);

describe('chooseConnections: nobody else is disconnected', () => {
  it.each<[Kicked, string[]]>([
    ['all', ['1', '2', '12']],
    [{ ids: ['2'] }, ['2']],
    [{ ids: ['12', '1', '1'] }, ['1', '12']],
    [{ user: 'jane' }, ['1', '12']],
  ])('%j', (who, ids) => {
    expect(chooseConnections(VIEWERS, who, TARGET).map(({ id }) => id)).toEqual(ids);
  });

  it.each<[Kicked, RegExp]>([
    [
      { ids: ['1', '3', '4'] },
      /^"desk" has no connection 3, 4; connected are 1 \(jane from 10\.0\.0\.9\), 2 /,
    ],
    [{ user: 'JANE' }, /^"JANE" is not connected to "desk"; connected are 1 \(jane/],
  ])('refuses %j', (who, message) => {
    expect(() => chooseConnections(VIEWERS, who, TARGET)).toThrow(message);
  });

  it('finds nobody to disconnect where nobody is, and says so where somebody was named', () => {
    expect(chooseConnections([], 'all', TARGET)).toEqual([]);
    expect(() => chooseConnections([], { user: 'jane' }, TARGET)).toThrow(/nobody is connected$/);
  });

  it('does nothing where DCV does not tell who is connected', () => {
    expect(() => chooseConnections(undefined, 'all', TARGET)).toThrow(/does not tell who is connected/);
  });
});
