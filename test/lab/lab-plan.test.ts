import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inventoryOf } from './inventory.ts';
import { REPOSITORY } from './paths.ts';
import { checkLabName, LARGEST_LAB, planHosts, SMALL_LAB } from './plan.ts';
import { PREREQUISITES, problemOf } from './prerequisites.ts';

const template = fs.readFileSync(path.join(REPOSITORY, 'inventory', 'lab.yaml'), 'utf8');

describe('the hosts of a lab', () => {
  it('are the mission’s by default: addresses and SSH ports as the fleet has them', () => {
    expect(planHosts(SMALL_LAB).map((host) => `${host.name} ${host.address}:${host.sshPort}`)).toEqual([
      'gateway 10.213.66.188:50000',
      'agent1 10.150.248.180:22',
      'agent2 10.150.248.136:22',
    ]);
  });

  it('never share a name or an address, however many there are', () => {
    const hosts = planHosts(LARGEST_LAB);
    expect(new Set(hosts.map((host) => host.name)).size).toBe(72);
    expect(new Set(hosts.map((host) => host.address)).size).toBe(72);
  });

  it('keep their names and addresses when a lab grows', () => {
    const small = planHosts(SMALL_LAB);
    expect(planHosts(LARGEST_LAB)).toEqual(expect.arrayContaining(small));
  });

  it.each([
    [{ ...SMALL_LAB, agents: 65 }, 'A lab has 0 to 64 agents, not 65.'],
    [{ ...SMALL_LAB, proxies: 0 }, 'A lab has 1 to 8 proxies, not 0.'],
    [{ ...SMALL_LAB, agents: 1.5 }, 'A lab has 0 to 64 agents, not 1.5.'],
  ])('are refused in numbers there are no addresses for: %j', (request, message) => {
    expect(() => planHosts(request)).toThrow(message);
  });

  it.each(['', 'Lab', '../x', 'a.b', '-a', 'a'.repeat(21)])('have no lab named %j', (name) => {
    expect(() => {
      checkLabName(name);
    }).toThrow("cannot be a lab's name");
  });
});

describe('the lab’s inventory', () => {
  it('is the one in the repository when nothing is said', () => {
    expect(parse(inventoryOf(planHosts(SMALL_LAB), template))).toEqual(parse(template));
  });

  it('names every host, with the SSH port of a proxy', () => {
    const hosts = planHosts({ proxies: 2, agents: 3, bareProxy: false });
    const inventory = parse(inventoryOf(hosts, template)) as Record<string, unknown[]>;
    expect(inventory['proxies']?.[1]).toEqual({
      name: 'gateway2',
      host: '10.213.66.189',
      ssh: { port: 50000 },
    });
    expect(inventory['agents']?.[2]).toEqual({ name: 'agent3', host: '10.150.248.23' });
  });
});

describe('a machine that cannot have a lab', () => {
  const missing = PREREQUISITES.filter((one) => ['debootstrap', 'iproute2'].includes(one.package));
  it.each([
    [
      'is told every missing package with the line that installs them',
      { platform: 'linux', root: true, missing },
      /debootstrap \(makes .*\n.*iproute2 \(makes /,
      'apt-get install -y --no-install-recommends debootstrap iproute2',
    ],
    [
      'is told about root and packages at once',
      { platform: 'linux', root: false, missing },
      /needs root[^]*debootstrap[^]*iproute2/,
      'sudo apt-get install -y --no-install-recommends debootstrap iproute2\nsudo npm run lab -- up',
    ],
    [
      'is told that it has to be Linux',
      { platform: 'darwin', root: true, missing: [] },
      /needs Linux .* this is darwin/,
      'Run it in a Debian or Ubuntu machine, a virtual one too.',
    ],
  ])('%s', (_what, facts, message, hint) => {
    const problem = problemOf(facts);
    expect(problem?.message).toMatch(message);
    expect(problem?.hint).toBe(hint);
  });

  it('is not every machine', () => {
    expect(problemOf({ platform: 'linux', root: true, missing: [] })).toBeUndefined();
  });
});
