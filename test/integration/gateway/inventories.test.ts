import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderGateway } from '../../../src/gateway/render.ts';
import { contains } from '../../../src/inventory/addresses.ts';
import { NEVER_AGENTS } from '../../../src/inventory/never-agents.ts';
import type { AgentHost, GatewaySettings } from '../../../src/inventory/types.ts';
import { agent, gatewaySettings, proxy } from '../../unit/gateway/inventories.ts';
import { type PrivateNetwork, makePrivateNetwork } from './network.ts';
import { layNginx, makeCertificate, nginxBuild, nginxProgram } from './nginx.ts';

/** A file name made of what nginx's syntax is made of. */
const NASTY = `a b"{;}'#\\n`;

let network: PrivateNetwork;
let certificate: { certificate: string; key: string };
beforeAll(async () => {
  network = await makePrivateNetwork([], []);
  // nginx -t binds the addresses that it shall listen on; here it may, though the network doesn't have them.
  for (const family of ['ipv4', 'ipv6']) {
    const [command, args] = network.inside(['sh', '-c', `echo 1 > /proc/sys/net/${family}/ip_nonlocal_bind`]);
    expect(spawnSync(command, args).status).toBe(0);
  }
  mkdirSync(path.join(network.directory, 'logs'));
  const made = makeCertificate(network.directory, 'gateway', 'DNS:gateway');
  certificate = {
    certificate: path.join(network.directory, `${NASTY}.crt`),
    key: path.join(network.directory, `${NASTY}.key`),
  };
  copyFileSync(made.certificate, certificate.certificate);
  copyFileSync(made.key, certificate.key);
});
afterAll(() => network.close());

/** What `nginx -t` says of a configuration; empty when it is content, without a warning. */
function nginxObjects(config: string): string {
  const file = layNginx(network.directory, config);
  const [command, args] = network.inside([nginxProgram(), '-t', '-q', '-c', file]);
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 && stderr === '' ? '' : `exit code ${String(status)}: ${stderr}`;
}

const isServed = (address: string): boolean =>
  !NEVER_AGENTS.some((never) => contains(never.network, address));

const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((octets) => `10.${octets.join('.')}`);
const ipv6 = fc
  .tuple(fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffff }))
  .map(([a, b]) => `fd00:150::${a.toString(16)}:${b.toString(16)}`);
const address = fc.oneof(ipv4, ipv6).filter(isServed);

// Far more than the inventory's schema lets through: names are quoted, not trusted.
const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom(...Array.from(`"'\\{};#$ ~^|()[]*?.%/é日`)),
      minLength: 1,
      maxLength: 30,
    }),
    fc.constantFrom(
      'health',
      'default',
      'include',
      'volatile',
      'hostnames',
      '~x',
      '10.0.0.1',
      '$uri',
      '${x}',
    ),
  )
  .filter((text) => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text));

const agents = fc
  .uniqueArray(fc.tuple(name, address), { maxLength: 12, selector: ([, host]) => host })
  .map((pairs) => pairs.filter(([one], index) => pairs.findIndex(([other]) => other === one) === index))
  .map((pairs) => pairs.map(([one, host]) => agent(one, host)));

const network4 = fc
  .tuple(fc.integer({ min: 0, max: 24 }), fc.nat(255))
  .map(([bits, octet]) => (bits < 8 ? '10.0.0.0/8' : bits < 16 ? '0.0.0.0/0' : `10.${octet}.0.0/16`));
const networks = fc.uniqueArray(fc.oneof(network4, fc.constantFrom('fd00:150::/32', '::/0')), {
  maxLength: 6,
});

interface Case {
  readonly agents: readonly AgentHost[];
  readonly settings: GatewaySettings;
  readonly hasIPv6: boolean;
  readonly ownAddresses: readonly string[];
}

const inventory: fc.Arbitrary<Case> = fc
  .record({
    agents,
    defaults: fc.array(fc.nat(20), { maxLength: 4 }),
    listenAddress: fc.option(address, { nil: undefined }),
    port: fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom(8443, 18_081)),
    networks,
    allow: fc.oneof(fc.constant('any' as const), networks),
    hasIPv6: fc.boolean(),
    ownAddresses: fc.uniqueArray(fc.oneof(address, fc.constantFrom('127.0.0.1', '::1', 'fe80::1')), {
      maxLength: 4,
    }),
  })
  .map((made) => ({
    agents: made.agents,
    hasIPv6: made.hasIPv6,
    ownAddresses: made.ownAddresses,
    settings: gatewaySettings({
      listen: { address: made.listenAddress, port: made.port },
      tls: { kind: 'files', ...certificate },
      default: [...new Set(made.defaults)].flatMap((index) => made.agents[index] ?? []),
      agentNetworks: made.networks,
      access: { allow: made.allow },
    }),
  }));

// What nginx refuses here would fail on the proxy, in the middle of somebody's deploy.
it('nginx accepts what is rendered for any inventory, without a warning', { timeout: 120_000 }, () => {
  const build = nginxBuild();
  fc.assert(
    fc.property(inventory, (made) => {
      const { config } = renderGateway({
        gateway: made.settings,
        agents: made.agents,
        proxy: proxy(),
        nginx: { ...build, hasIPv6: made.hasIPv6, ownAddresses: made.ownAddresses },
        logFiles: { access: `${network.directory}/logs/access`, error: `${network.directory}/logs/error` },
      });
      expect(nginxObjects(config)).toBe('');
      expect(config.match(/^server \{$/gm)).toHaveLength(2);
      expect(config.match(/^upstream /gm) ?? []).toHaveLength(
        made.agents.length + (made.settings.default.length > 1 ? 1 : 0),
      );
    }),
    { numRuns: 100 },
  );
});

it('would notice if nginx did not', () => {
  const { config } = renderGateway({
    gateway: gatewaySettings({ tls: { kind: 'files', ...certificate } }),
    agents: [],
    proxy: proxy(),
    nginx: { ...nginxBuild(), hasIPv6: true, ownAddresses: [] },
    logFiles: { access: `${network.directory}/logs/access`, error: `${network.directory}/logs/error` },
  });
  expect(nginxObjects(config)).toBe('');
  expect(nginxObjects(config.replace('server_name _;', 'server_nam _;'))).toContain(
    'unknown directive "server_nam"',
  );
  expect(nginxObjects(config.replace('default 0;', 'default 0;\n10.150.248.0/24 1;'))).toContain(
    'duplicate network',
  );
});
