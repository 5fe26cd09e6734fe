import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import { selectHosts } from '../../../src/inventory/select.ts';
import type { Host, Inventory } from '../../../src/inventory/types.ts';
import { parse } from './texts.ts';

let inventory: Inventory;

beforeAll(async () => {
  inventory = await parse(`
defaults:
  ssh: { user: ec2-user }
  agents: { ssh: { user: ubuntu, port: 2222 } }
proxies:
  - { name: gateway, host: 10.213.66.188, tags: [edge] }
  - { name: gateway2, host: gw2.example, tags: [edge] }
agents:
  - { name: gpu-1, host: 10.150.248.180, tags: [gpu, ubuntu] }
  - { name: gpu-2, host: 10.150.248.136, tags: [gpu] }
  - { name: office, host: "fd00:150::5", tags: [ubuntu] }
gateway:
  agent_networks: [10.150.248.0/24, "fd00:150::/64"]
  access: { allow: any }
`);
});

function names(patterns: readonly string[], role?: Host['role']): string[] {
  return selectHosts(inventory, patterns, role).map(({ name }) => name);
}

function refusal(patterns: readonly string[], role?: Host['role']): string {
  try {
    selectHosts(inventory, patterns, role);
  } catch (error) {
    if (error instanceof DcvopsError && error.code === 'usage') return error.message;
    throw error;
  }
  throw new Error('it found a host');
}

describe('hosts on the command line', () => {
  it.each<[string[], Host['role'] | undefined, string[]]>([
    [[], 'proxy', ['gateway', 'gateway2']],
    [[], 'agent', ['gpu-1', 'gpu-2', 'office']],
    [[], undefined, ['gateway', 'gateway2', 'gpu-1', 'gpu-2', 'office']],
    [['gpu-2'], 'agent', ['gpu-2']],
    [['office', 'gpu-1'], 'agent', ['office', 'gpu-1']],
    [['gpu-*'], 'agent', ['gpu-1', 'gpu-2']],
    [['gpu-?'], undefined, ['gpu-1', 'gpu-2']],
    [['*'], 'agent', ['gpu-1', 'gpu-2', 'office']],
    [['10.150.248.*'], 'agent', ['gpu-1', 'gpu-2']],
    [['@ubuntu'], 'agent', ['gpu-1', 'office']],
    [['@edge'], undefined, ['gateway', 'gateway2']],
    [['@gpu', 'gpu-1', '10.150.248.136', 'office'], 'agent', ['gpu-1', 'gpu-2', 'office']],
    [['10.213.66.188'], 'proxy', ['gateway']],
    [['GW2.Example'], 'proxy', ['gateway2']],
    [['FD00:150:0::5'], 'agent', ['office']],
    [['[fd00:150::5]'], 'agent', ['office']],
  ])('%j of role %s: %j', (patterns, role, expected) => {
    expect(names(patterns, role)).toEqual(expected);
  });

  it.each<[string, Host['role'] | undefined, string]>([
    ['gpu1', 'agent', 'no agent is called "gpu1", did you mean "gpu-1"?'],
    ['banana', 'agent', 'no agent is called "banana"; there are gpu-1, gpu-2, office'],
    ['gatway', 'proxy', 'no proxy is called "gatway", did you mean "gateway" or "gateway2"?'],
    ['win-*', 'agent', 'no agent matches "win-*"; there are gpu-1, gpu-2, office'],
    ['@gpus', 'agent', 'no host has the tag @gpus, did you mean @gpu?'],
    ['@windows', undefined, 'no host has the tag @windows; there are edge, gpu, ubuntu'],
    ['gateway', 'agent', 'gateway is a proxy; this command works on agents'],
    ['10.213.66.188', 'agent', '10.213.66.188 (gateway) is a proxy; this command works on agents'],
    ['@gpu', 'proxy', '@gpu (gpu-1, gpu-2) are agents; this command works on proxies'],
    [
      '10.150.249.7',
      'agent',
      '10.150.249.7 is not in the inventory, and the gateway routes 10.150.248.0/24, fd00:150::/64 only',
    ],
    ['10.150.248.7', 'proxy', 'no proxy is called "10.150.248.7"; there are gateway, gateway2'],
    [
      '10.150.248.256',
      'agent',
      '10.150.248.256 is no agent’s address; it has to be an IP address such as 10.0.0.5 or fd00::5',
    ],
    [
      '::ffff:10.150.248.7',
      'agent',
      '::ffff:10.150.248.7 is no agent’s address; it has to be the IPv4 address itself, 10.150.248.7',
    ],
  ])('%s of role %s: %s', (pattern, role, message) => {
    expect(refusal([pattern], role)).toBe(message);
  });

  it('tells of all that match nothing, and does the work of none', () => {
    expect(refusal(['gpu-1', 'gpu3', '@windows'], 'agent').split('\n')).toHaveLength(2);
  });

  it('may be an agent’s address that only the networks know, with the agents’ SSH settings', () => {
    const [agent] = selectHosts(inventory, ['FD00:150:0:0::77'], 'agent');
    expect(agent).toMatchObject({
      role: 'agent',
      name: 'fd00:150::77',
      host: 'fd00:150::77',
      adHoc: true,
      ssh: { user: 'ubuntu', port: 2222 },
    });
    expect(names(['10.150.248.7', '10.150.248.7', 'gpu-1'], 'agent')).toEqual(['10.150.248.7', 'gpu-1']);
    expect(names(['10.150.248.7'])).toEqual(['10.150.248.7']);
  });

  it('cannot be a pattern that takes for ever', () => {
    expect(refusal([`${'*-'.repeat(2_000)}x`], 'agent')).toContain('no agent matches');
  });

  it('may be any text at all: it names hosts, or the error says that it does not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (pattern) => {
        try {
          expect(selectHosts(inventory, [pattern], 'agent').length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(DcvopsError);
        }
      }),
    );
  });
});
