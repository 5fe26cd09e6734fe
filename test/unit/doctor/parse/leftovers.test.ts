import { describe, expect, it } from 'vitest';
import type { LeftoverFacts } from '../../../../src/doctor/facts/leftovers.ts';
import { parseLeftovers } from '../../../../src/doctor/parse/leftovers.ts';
import { readProbes } from '../../../../src/doctor/parse/probes.ts';

const NOTHING: LeftoverFacts = {
  connectionGateway: undefined,
  broker: undefined,
  sessionManagerAgent: undefined,
  resolver: undefined,
  retired: [],
};

function parse(told: Readonly<Record<string, string>>): LeftoverFacts {
  const records = Object.entries(told).map(([name, text]) => ({ name, value: `${text}\n:0` }));
  return parseLeftovers(readProbes(records), {
    listeners: [{ protocol: 'tcp', address: '127.0.0.1', port: 9000, program: 'node', pid: 41 }],
  });
}

/* What a doctor that misreads these files would say: retire what is not there, or nothing of what is. */
describe('what earlier attempts left', () => {
  it.each<{ name: string; told: Record<string, string>; facts: Partial<LeftoverFacts> }>([
    { name: 'a host that never had any', told: { retired: '' }, facts: {} },
    {
      name: 'a connection gateway as its manual sets it up',
      told: {
        'connection-gateway': `[gateway]
web-listen-endpoints = ["0.0.0.0:8443", "[::]:8443"]
quic-listen-endpoints = ["0.0.0.0:8443"]
cert-file = "/etc/dcv-connection-gateway/certs/dcv.crt"
cert-key-file = "/etc/dcv-connection-gateway/certs/dcv.key"
[health-check]
bind-addr = "::"
port = 8989
[resolver]
url = "https://localhost:9000"
[web-resources]
url = "https://localhost:8080"`,
      },
      facts: {
        connectionGateway: {
          listen: ['0.0.0.0:8443', '[::]:8443'],
          certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
          key: '/etc/dcv-connection-gateway/certs/dcv.key',
          resolver: 'https://localhost:9000',
        },
      },
    },
    {
      name: 'lists over several lines, comments, single quotes',
      told: {
        'connection-gateway': `[gateway] # ours
web-listen-endpoints = [ # all
  '0.0.0.0:443',
  "[::]:443",
]
[resolver]
url = 'http://10.0.0.9' # the script`,
      },
      facts: {
        connectionGateway: {
          listen: ['0.0.0.0:443', '[::]:443'],
          certificate: undefined,
          key: undefined,
          resolver: 'http://10.0.0.9',
        },
      },
    },
    {
      name: 'an empty configuration, and one that is no configuration',
      told: { 'connection-gateway': '', 'session-manager-agent': ']]\n"', broker: '=\n-port = x' },
      facts: {
        connectionGateway: { listen: [], certificate: undefined, key: undefined, resolver: undefined },
        sessionManagerAgent: { brokerHost: undefined, brokerPort: undefined, caFile: undefined },
        broker: { ports: [] },
      },
    },
    {
      name: 'a broker with its agent',
      told: {
        broker:
          'client-to-broker-connector-https-port = 8443\nagent-to-broker-connector-https-port=8445\ngateway-to-broker-connector-https-port: 8447\nbroker-to-broker-port = 47100',
        'session-manager-agent':
          "[agent]\nbroker_host = 'broker.example'\nbroker_port = 8445\nca_file = '/etc/dcv-session-manager-agent/broker_ca.pem'",
      },
      facts: {
        broker: { ports: [8443, 8445, 8447, 47_100] },
        sessionManagerAgent: {
          brokerHost: 'broker.example',
          brokerPort: 8445,
          caFile: '/etc/dcv-session-manager-agent/broker_ca.pem',
        },
      },
    },
    {
      name: 'a resolver that is a service',
      told: { resolver: '9000 41 python3\n0::/system.slice/dcv-resolver.service' },
      facts: { resolver: { port: 9000, program: 'python3', pid: 41, unit: 'dcv-resolver.service' } },
    },
    {
      name: 'one on Amazon Linux 2, whose control groups are of version 1',
      told: {
        resolver:
          '9000 41 python3\n11:cpuset:/\n3:memory:/system.slice/other.service\n1:name=systemd:/system.slice/dcv-resolver.service',
      },
      facts: { resolver: { port: 9000, program: 'python3', pid: 41, unit: 'dcv-resolver.service' } },
    },
    {
      name: 'one of several instances of a template',
      told: { resolver: '9000 41\n0::/system.slice/system-resolver.slice/resolver@1.service/worker' },
      facts: { resolver: { port: 9000, program: 'node', pid: 41, unit: 'resolver@1.service' } },
    },
    {
      name: 'one that somebody started in a login: no service of the system',
      told: {
        resolver: '9000 41 node\n0::/user.slice/user-1000.slice/user@1000.service/app.slice/r.service',
      },
      facts: { resolver: { port: 9000, program: 'node', pid: 41, unit: undefined } },
    },
    {
      name: 'the broker as the resolver: it is retired as what it is',
      told: { resolver: '8447 50 java\n0::/system.slice/dcv-session-manager-broker.service' },
      facts: {},
    },
    {
      name: 'a process that ended meanwhile',
      told: { resolver: '9000 ' },
      facts: {},
    },
    {
      name: 'what was retired',
      told: { retired: 'broker\nresolver' },
      facts: { retired: ['broker', 'resolver'] },
    },
  ])('$name', ({ told, facts }) => {
    expect(parse(told)).toEqual({ ...NOTHING, ...facts });
  });
});
