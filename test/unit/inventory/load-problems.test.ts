import { describe, expect, it } from 'vitest';
import { GOOD, changed, failureOf, parse, problemsOf } from './texts.ts';

/** What is changed in a good inventory, and what is then said. */
type Case = readonly [piece: string, replacement: string, problem: string];

async function expectOnly([piece, replacement, problem]: Case): Promise<void> {
  expect(await problemsOf(changed(piece, replacement))).toEqual([problem]);
}

describe('a wrong value is told with its place, what was found and what is allowed', () => {
  it.each<Case>([
    [
      'port: 50000',
      'port: 99999',
      'hosts.yaml:4:56: wrong value (proxies[0].ssh.port): found 99999, allowed: a port, 1 to 65535',
    ],
    [
      'port: 50000',
      'port: "50000"',
      'hosts.yaml:4:56: wrong value (proxies[0].ssh.port): found "50000", allowed: a port, 1 to 65535',
    ],
    [
      'user: ec2-user',
      'user: 1000',
      'hosts.yaml:2:16: wrong value (defaults.ssh.user): found 1000, allowed: a user name, in quotes',
    ],
    [
      'user: ec2-user',
      'user: -oProxyCommand=x',
      'hosts.yaml:2:16: wrong value (defaults.ssh.user): found "-oProxyCommand=x", allowed: a user name',
    ],
    [
      '[ubuntu, gpu]',
      '[ubuntu, 22.04]',
      'hosts.yaml:6:58: wrong value (agents[0].tags[1]): found 22.04, allowed: letters and digits, with . _ - between them, in quotes',
    ],
    [
      '10.150.248.136',
      'agent2.internal',
      'hosts.yaml:7:27: wrong value (agents[1].host): found "agent2.internal", allowed: an IP address such as 10.0.0.5 or fd00::5',
    ],
    [
      '10.213.66.188',
      '10.213.66.188:50000',
      'hosts.yaml:4:28: wrong value (proxies[0].host): found "10.213.66.188:50000", allowed: the address alone; its SSH port goes to ssh.port',
    ],
    [
      'name: agent2',
      'name: status',
      'hosts.yaml:7:13: wrong value (agents[1].name): found "status", allowed: another name ("status" is a word of dcvops; "status1" would do)',
    ],
    [
      '[10.213.0.0/16]',
      '[10.213.0.0/16, any]',
      'hosts.yaml:11:36: wrong value (gateway.access.allow[1]): found "any", allowed: networks that are not everyone; "allow: any", without a list, means everyone',
    ],
    [
      '[10.213.0.0/16]',
      '[]',
      'hosts.yaml:11:20: wrong value (gateway.access.allow): found an empty list, allowed: a list of networks',
    ],
    [
      '[10.213.0.0/16]',
      'everyone',
      'hosts.yaml:11:20: wrong value (gateway.access.allow): found "everyone", allowed: a list of networks such as [10.213.0.0/16], or any for everyone',
    ],
    [
      '10.150.248.0/24,',
      '10.150.248.9/24,',
      'hosts.yaml:10:20: wrong value (gateway.agent_networks[0]): found "10.150.248.9/24", allowed: 10.150.248.0/24, the network this address is in',
    ],
    [
      '10.150.248.0/24,',
      '169.254.169.0/24,',
      'hosts.yaml:10:20: wrong value (gateway.agent_networks[0]): found "169.254.169.0/24", allowed: what is not in 169.254.0.0/16 (link-local; the metadata service of most clouds), which the gateway never serves',
    ],
    [
      '10.150.248.136',
      '127.0.0.1',
      'hosts.yaml:7:27: wrong value (agents[1].host): found "127.0.0.1", allowed: what is not in 127.0.0.0/8 (loopback), which the gateway never serves',
    ],
    [
      'default: agent1',
      'listen: fd00::1:8443',
      'hosts.yaml:9:11: wrong value (gateway.listen): found "fd00::1:8443", allowed: a port such as 8443, or an address and a port: 10.0.0.1:8443, "[fd00::1]:8443"',
    ],
    [
      'default: agent1',
      'url: http://gw',
      'hosts.yaml:9:8: wrong value (gateway.url): found "http://gw", allowed: an address that begins with https:// and has no path, such as https://desktops.example.com:8443',
    ],
    [
      'default: agent1',
      'tls: { certificate: /a.crt, key: "/a key" }',
      'hosts.yaml:9:36: wrong value (gateway.tls.key): found "/a key", allowed: an absolute path of letters, digits and . _ - + = @',
    ],
    [
      'default: agent1',
      'tls: selfsigned',
      'hosts.yaml:9:8: wrong value (gateway.tls): found "selfsigned", allowed: self-signed, or { certificate: /path/on/the/proxy, key: /path/on/the/proxy }',
    ],
    [
      'default: agent1',
      'worker_connections: 100',
      'hosts.yaml:9:23: wrong value (gateway.worker_connections): found 100, allowed: a whole number, 512 to 1000000',
    ],
    [
      '  - { name: agent2, host: 10.150.248.136, tags: [gpu] }',
      '  -',
      'hosts.yaml:7:4: wrong value (agents[1]): found nothing, allowed: a record with the keys name, host, tags, ssh, state, access, web_url_path, sessions',
    ],
  ])('%s → %s', async (...change) => {
    await expectOnly(change);
  });

  it('whether it is nothing, a list or a word', async () => {
    expect(await problemsOf('- a')).toEqual([
      'hosts.yaml:1:1: wrong value: found a list, allowed: a record with the keys defaults, proxies, agents, gateway, sessions, logs, watch',
    ]);
    expect(await problemsOf('hello')).toHaveLength(1);
    expect(await problemsOf('gateway:\nproxies:\n')).toEqual([
      'hosts.yaml:1:9: wrong value (gateway): found nothing, allowed: at least access: { allow: [networks that may connect] }',
      'hosts.yaml:2:9: wrong value (proxies): found nothing, allowed: a list of proxies, at least one',
    ]);
  });
});

describe('an unknown key is told with what it may have meant', () => {
  it.each<Case>([
    [
      'port: 50000',
      'prot: 50000',
      'hosts.yaml:4:50: unknown key (proxies[0].ssh.prot): found "prot", did you mean port? Allowed: user, key, port, known_hosts, host_keys, jump',
    ],
    [
      'ssh: { port: 50000 }',
      'port: 50000',
      'hosts.yaml:4:43: unknown key (proxies[0].port): found "port", did you mean ssh.port? Allowed: name, host, tags, ssh',
    ],
    [
      'tags: [gpu] }',
      'hostname: x }',
      'hosts.yaml:7:43: unknown key (agents[1].hostname): found "hostname", did you mean host? Allowed: name, host, tags, ssh, state, access, web_url_path, sessions',
    ],
    [
      'default: agent1',
      'bananas: 1',
      'hosts.yaml:9:3: unknown key (gateway.bananas): found "bananas", allowed: listen, url, tls, default, agent_networks, access, verify_agents, portal, worker_connections',
    ],
    [
      'default: agent1',
      'tls: { cert: /a.crt }',
      'hosts.yaml:9:10: unknown key (gateway.tls.cert): found "cert", did you mean certificate? Allowed: self_signed, certificate, key',
    ],
  ])('%s → %s', async (...change) => {
    await expectOnly(change);
  });

  it('also where the key is a property of every object in JavaScript', async () => {
    const problems = await problemsOf(
      changed('default: agent1', 'constructor: 1\n  toString: 2\n  __proto__: { listen: 1 }'),
    );
    expect(problems.map((problem) => problem.split(',')[0])).toEqual([
      'hosts.yaml:9:3: unknown key (gateway.constructor): found "constructor"',
      'hosts.yaml:10:3: unknown key (gateway.toString): found "toString"',
      'hosts.yaml:11:3: unknown key (gateway.__proto__): found "__proto__"',
    ]);
  });
});

describe('what is missing is told at the place it is missing from', () => {
  it.each<Case>([
    [
      '  access: { allow: [10.213.0.0/16] }\n',
      '',
      'hosts.yaml:8:1: missing (gateway.access): needs { allow: [networks that may connect] }, or { allow: any } for everyone',
    ],
    [
      'allow: [10.213.0.0/16]',
      '',
      'hosts.yaml:11:3: missing (gateway.access.allow): needs a list of networks such as [10.213.0.0/16], or any for everyone',
    ],
    [
      'name: agent2, ',
      '',
      'hosts.yaml:7:5: missing (agents[1].name): needs a name of letters, digits and dashes (no dots: it stands in URLs), a letter first, 63 at most',
    ],
    [
      'default: agent1',
      'tls: { certificate: /a.crt }',
      'hosts.yaml:9:3: missing (gateway.tls.key): needs both, certificate and key, or none of them',
    ],
    [
      'user: ec2-user, ',
      '',
      'hosts.yaml:1:1: missing (sessions.defaults.user): needs the user the desktops run as (no ssh.user of the agents can stand in)',
    ],
  ])('%s → %s', async (...change) => {
    await expectOnly(change);
  });

  it('a gateway without anything to route to', async () => {
    const text =
      'proxies: [{ name: gw, host: gw.example, ssh: { user: a } }]\ngateway: { access: { allow: any } }\nsessions: { defaults: { user: a } }\n';
    expect(await problemsOf(text)).toEqual([
      'hosts.yaml:1:1: no agents (agents): found nothing to route to, allowed: agents, or gateway.agent_networks, or both',
    ]);
    await expect(
      parse(changed('allow: any }', 'allow: any }, agent_networks: [10.0.0.0/24]', text)),
    ).resolves.toHaveProperty('agents', []);
  });
});

describe('what contradicts itself', () => {
  it.each<Case>([
    [
      'name: agent2',
      'name: agent1',
      'hosts.yaml:7:13: the same name twice (agents[1].name): found "agent1", allowed: another one (agents[0].name in line 6 has it)',
    ],
    [
      'name: agent2',
      'name: Gateway',
      'hosts.yaml:7:13: the same name twice (agents[1].name): found "Gateway", allowed: another one (proxies[0].name in line 4 has it)',
    ],
    [
      '10.150.248.136',
      '10.150.248.180',
      'hosts.yaml:7:27: the same address twice (agents[1].host): found "10.150.248.180", allowed: another one (agents[0].host in line 6 has it)',
    ],
    [
      '10.150.248.136',
      '10.150.249.136',
      'hosts.yaml:7:27: the gateway would refuse this agent (agents[1].host): found "10.150.249.136", allowed: an address in gateway.agent_networks, 10.150.248.0/24, fd00:150::/64 (or add 10.150.249.0/24 there)',
    ],
    [
      'default: agent1',
      'default: agnt1',
      'hosts.yaml:9:12: unknown name (gateway.default): found "agnt1", did you mean "agent1"? Allowed: the name of an agent: agent1, agent2',
    ],
    [
      'default: agent1',
      'default: [agent2, gateway]',
      'hosts.yaml:9:21: unknown name (gateway.default[1]): found "gateway", allowed: the name of an agent: agent1, agent2',
    ],
    [
      'default: agent1',
      'default: [agent2, agent2]',
      'hosts.yaml:9:21: the same agent twice (gateway.default[1]): found "agent2", allowed: each agent once',
    ],
    [
      'tags: [gpu] }',
      'ssh: { jump: gatway } }',
      'hosts.yaml:7:56: unknown name (agents[1].ssh.jump): found "gatway", did you mean "gateway"? Allowed: the name of a host, or none: gateway, agent1, agent2',
    ],
    [
      'tags: [gpu] }',
      'ssh: { jump: agent2 } }',
      'hosts.yaml:7:56: jumps in a circle (agents[1].ssh.jump): found agent2 → agent2, allowed: a way that ends at a host without a jump (jump: none)',
    ],
    [
      'port: 50000 } }',
      'port: 50000, jump: agent1 } }\ndefaults2:',
      'hosts.yaml:5:1: unknown key (defaults2): found "defaults2", did you mean defaults? Allowed: defaults, proxies, agents, gateway, sessions, logs, watch',
    ],
  ])('%s → %s', async (...change) => {
    await expectOnly(change);
  });

  it('jumps that lead round in a circle through a default, once', async () => {
    const text = changed('ssh: { user', 'agents: { ssh: { jump: gateway } }\n  ssh: { user');
    expect(await problemsOf(changed('port: 50000', 'port: 50000, jump: agent1', text))).toEqual([
      'hosts.yaml:5:69: jumps in a circle (proxies[0].ssh.jump): found gateway → agent1 → gateway, allowed: a way that ends at a host without a jump (jump: none)',
    ]);
  });

  it('one IPv6 address in two spellings: both would be one agent', async () => {
    const text = changed('10.150.248.180', '"fd00:150:0::5"', changed('10.150.248.136', 'FD00:150::5'));
    expect(await problemsOf(text)).toEqual([
      'hosts.yaml:7:27: the same address twice (agents[1].host): found "FD00:150::5", allowed: another one (agents[0].host in line 6 has it)',
    ]);
  });

  it('but not two proxies behind one address with a port for each', async () => {
    const proxy = '  - { name: gateway, host: 10.213.66.188, ssh: { port: 50000 } }\n';
    const second = '  - { name: gateway2, host: 10.213.66.188, ssh: { port: 50001 } }\n';
    expect((await parse(changed(proxy, proxy + second))).proxies).toHaveLength(2);
    expect(await problemsOf(changed(proxy, proxy + second.replace('50001', '50000')))).toHaveLength(1);
  });
});

describe('all problems at once', () => {
  it('in the order of the file, under a heading', async () => {
    const text = changed(
      'user: ec2-user',
      'usr: x',
      changed('50000', '0', changed('agent1, host', 'list, host')),
    );
    const { message, code } = await failureOf(parse(text));
    expect(code).toBe('inventory');
    expect(message.split('\n').map((line) => line.slice(0, 48))).toEqual([
      'hosts.yaml has 4 problems:',
      'hosts.yaml:2:10: unknown key (defaults.ssh.usr):',
      'hosts.yaml:4:56: wrong value (proxies[0].ssh.por',
      'hosts.yaml:6:13: wrong value (agents[0].name): f',
      'hosts.yaml:9:12: unknown name (gateway.default):',
    ]);
  });

  it('a wrong value does not hide a doubled name, and is not told twice', async () => {
    const text = changed('host: 10.150.248.136', 'host: nowhere', changed('name: agent2', 'name: agent1'));
    expect(await problemsOf(text)).toHaveLength(2);
  });

  it('of thousands the first fifty', async () => {
    const agents = Array.from({ length: 2000 }, (_, index) => `  - { name: "${index}", host: x }\n`).join('');
    const { message } = await failureOf(parse(`${GOOD.split('agents:')[0] ?? ''}agents:\n${agents}`));
    expect(message.split('\n').length).toBeLessThan(60);
    expect(message).toMatch(/and [0-9]+ more$/);
  });
});
