import { describe, expect, it } from 'vitest';
import { didYouMean, nearMatches } from '../../../src/inventory/near-match.ts';

describe('a mistyped word', () => {
  const KEYS = ['user', 'key', 'port', 'known_hosts', 'host_keys', 'jump'];

  it.each([
    ['prot', ['port']],
    ['PORT', ['port']],
    ['usr', ['user']],
    ['known_host', ['known_hosts']],
    ['knwon_hosts', ['known_hosts']],
    ['hostkeys', ['host_keys']],
    ['banana', []],
    ['', []],
  ])('%s finds %j', (word, expected) => {
    expect(nearMatches(word, KEYS)).toEqual(expected);
  });

  it('finds what it is the beginning of, and no more than three', () => {
    expect(nearMatches('agent', ['agent1', 'agent2', 'agent3', 'agent4', 'gateway'])).toEqual([
      'agent1',
      'agent2',
      'agent3',
    ]);
  });

  it('is offered as a question', () => {
    expect(didYouMean('agnt1', ['agent1', 'gateway'])).toBe(', did you mean "agent1"?');
    expect(didYouMean('banana', ['agent1'])).toBe('');
  });
});
