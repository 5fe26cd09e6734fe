import { describe, expect, it } from 'vitest';
import { selectAgentSessions, selectSessions } from '../../../../src/dcv/session/select.ts';
import { parse } from '../../inventory/texts.ts';

const INVENTORY = await parse(`
defaults: { ssh: { user: ec2-user } }
proxies: [{ name: gateway, host: 10.213.66.188 }]
agents:
  - { name: agent1, host: 10.150.248.180, tags: [gpu] }
  - { name: agent2, host: 10.150.248.136, tags: [gpu] }
gateway:
  tls: { certificate: /c.crt, key: /c.key }
  agent_networks: [10.150.248.0/24]
  access: { allow: any }
sessions: { defaults: { type: virtual, user: ec2-user, owner: ec2-user, id: desk } }
`);

describe('selectSessions: the wrong session would be closed', () => {
  it.each([
    [['agent1'], ['agent1/desk']],
    [
      ['agent1/x', 'agent2'],
      ['agent1/x', 'agent2/desk'],
    ],
    [['@gpu/x'], ['agent1/x', 'agent2/x']],
    [
      ['agent*', '10.150.248.180/desk'],
      ['agent1/desk', 'agent2/desk'],
    ],
    [['agent1/a/b'], ['agent1/a/b']],
  ])('%j', (names, sessions) => {
    expect(selectSessions(INVENTORY, names).map(({ agent, id }) => `${agent.name}/${id}`)).toEqual(sessions);
  });

  it('says what is near a name that is not there', () => {
    expect(() => selectSessions(INVENTORY, ['agnet1/desk'])).toThrow(/did you mean "agent1"/);
  });
});

describe('selectAgentSessions', () => {
  it.each<[string[], [string, string[] | undefined][]]>([
    [
      [],
      [
        ['agent1', undefined],
        ['agent2', undefined],
      ],
    ],
    [['agent2'], [['agent2', undefined]]],
    [['agent1/a', 'agent1/b', 'agent1/a'], [['agent1', ['a', 'b']]]],
    [['agent1/a', 'agent1'], [['agent1', undefined]]],
    [['agent1', 'agent1/a'], [['agent1', undefined]]],
  ])('%j', (names, chosen) => {
    expect(selectAgentSessions(INVENTORY, names).map(({ agent, ids }) => [agent.name, ids])).toEqual(chosen);
  });
});
