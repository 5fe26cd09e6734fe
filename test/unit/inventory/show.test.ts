import { describe, expect, it } from 'vitest';
import { showInventory, showInventoryAsYaml } from '../../../src/inventory/show.ts';
import type { Inventory } from '../../../src/inventory/types.ts';
import { GOOD, parse } from './texts.ts';

describe('dcvops inventory show', () => {
  it('prints what dcvops makes of the file, in the file’s own words', async () => {
    expect(showInventory(await parse(GOOD))).toEqual({
      defaults: {
        agents: { ssh: { user: 'ec2-user', key: '/home/anna/.ssh/tom.pem', host_keys: 'strict' } },
      },
      proxies: [
        {
          name: 'gateway',
          host: '10.213.66.188',
          ssh: { user: 'ec2-user', key: '/home/anna/.ssh/tom.pem', port: 50000, host_keys: 'strict' },
        },
      ],
      agents: [
        {
          name: 'agent1',
          host: '10.150.248.180',
          tags: ['ubuntu', 'gpu'],
          ssh: { user: 'ec2-user', key: '/home/anna/.ssh/tom.pem', host_keys: 'strict' },
        },
        {
          name: 'agent2',
          host: '10.150.248.136',
          tags: ['gpu'],
          ssh: { user: 'ec2-user', key: '/home/anna/.ssh/tom.pem', host_keys: 'strict' },
        },
      ],
      gateway: {
        listen: 8443,
        tls: {
          certificate: '/etc/dcv-connection-gateway/certs/dcv.crt',
          key: '/etc/dcv-connection-gateway/certs/dcv.key',
        },
        default: 'agent1',
        agent_networks: ['10.150.248.0/24', 'fd00:150::/64'],
        access: {
          allow: ['10.213.0.0/16'],
          basic: false,
          rate: { requests: 1000, handshakes: 100, connections: 8000 },
        },
        verify_agents: false,
        portal: false,
        worker_connections: 16384,
      },
      sessions: {
        defaults: { type: 'virtual', user: 'ec2-user', owner: 'ec2-user', id: 'desktop-session' },
      },
      watch: {
        window: '5m',
        denied: 40,
        agents: 20,
        handshakes: 300,
        upstream_failures: 150,
        tls_errors: 30,
        new_networks: true,
        outside: true,
      },
    });
  });

  it.each([
    ['the usual one', GOOD],
    [
      'one with everything',
      `
defaults:
  ssh: { user: u, key: k.pem, port: 22, known_hosts: kh, host_keys: accept-new, jump: gw }
  agents: { ssh: { user: "CORP\\\\jane", jump: hop } }
proxies: [{ name: gw, host: gw.example }, { name: gw2, host: "fd00::1", ssh: { jump: none } }]
agents:
  - { name: hop, host: 10.0.0.1, tags: [a, "1"] }
  - { name: b, host: 10.0.0.2, ssh: { jump: none, port: 7 } }
  - { name: c, host: "FD00::0:5" }
gateway:
  listen: "[fd00:0::1]:443"
  url: https://Desktops.example.com/
  tls: self-signed
  default: [b, c]
  access: { allow: any }
  worker_connections: 4096
sessions: { defaults: { type: console, owner: o, id: console } }
logs:
  - { name: a, path: /var/log/*.log, format: dcv, hosts: [agents] }
  - { name: b, unit: u, hosts: ["@a", gw2] }
  - { name: c, path: /c }
watch: { window: 90s, denied: false, tls_errors: 5, outside: false }
`,
    ],
  ])('is an inventory itself and means the same: %s', async (_, text) => {
    const inventory = await parse(text);
    const again = await parse(showInventoryAsYaml(inventory));
    expect(withoutLines(again)).toEqual(withoutLines(inventory));
  });
});

/** Everything but where it stands. */
function withoutLines(inventory: Inventory): unknown {
  return JSON.parse(
    JSON.stringify(inventory, (key, value: unknown) => (key === 'position' ? undefined : value)),
  );
}
