import { describe, expect, it } from 'vitest';
import type { Inventory } from '../../../../src/inventory/types.ts';
import { summariseInventory } from '../../../../src/logs/bundle/manifest.ts';
import { accessSettings } from '../../gateway/inventories.ts';

const SSH = {
  port: 50000,
  user: 'ec2-user',
  key: '/home/anna/.ssh/tom.pem',
  jump: undefined,
  knownHosts: '/home/anna/.ssh/known_hosts',
  hostKeys: 'strict' as const,
};
const POSITION = { file: '/home/anna/inventory/hosts.yaml', line: 7 };
const AGENT = {
  role: 'agent' as const,
  name: 'agent1',
  host: '10.150.248.180',
  tags: ['gpu'],
  ssh: { ...SSH, jump: 'gateway' },
  position: POSITION,
  adHoc: false,
  state: 'in-service' as const,
  access: { allow: 'any' as const, deny: [] },
};
const INVENTORY: Inventory = {
  file: POSITION.file,
  proxies: [
    { role: 'proxy', name: 'gateway', host: '10.213.66.188', tags: [], ssh: SSH, position: POSITION },
  ],
  agents: [AGENT],
  gateway: {
    listen: { address: undefined, port: 8443 },
    url: undefined,
    tls: { kind: 'files', certificate: '/etc/dcv/certs/dcv.crt', key: '/etc/dcv/certs/dcv.key' },
    default: [AGENT],
    agentNetworks: ['10.150.248.0/24'],
    defaultBy: 'proxy',
    weights: new Map(),
    access: accessSettings({ allow: 'any' }),
    verifyAgents: false,
    portal: false,
    workerConnections: 4096,
  },
  sessions: { type: 'virtual', user: 'ec2-user', owner: 'ec2-user', id: 'desktop-session' },
  agentDefaults: SSH,
  logs: [],
  watch: {
    windowMs: 60_000,
    denied: 0,
    agents: 0,
    handshakes: 0,
    upstreamFailures: 0,
    tlsErrors: 0,
    newNetworks: false,
    outside: false,
  },
};

describe('summariseInventory', () => {
  it('tells the fleet, and no file of the person who asks', () => {
    const summary = summariseInventory(INVENTORY);
    expect(summary).toMatchObject({
      proxies: [{ name: 'gateway', host: '10.213.66.188', port: 50000 }],
      agents: [{ name: 'agent1', tags: ['gpu'], jump: 'gateway' }],
      gateway: { listen: '* port 8443', tls: 'files', default: ['agent1'], access: 'any' },
    });
    expect(JSON.stringify(summary)).not.toMatch(/anna|\.pem|\.key|known_hosts/);
  });
});
