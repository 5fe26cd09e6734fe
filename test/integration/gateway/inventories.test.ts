import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderGateway } from '../../../src/gateway/render.ts';
import { gatewaySettings, proxy } from '../../unit/gateway/inventories.ts';
import { IS_LONG, type MadeInventory, SEED, inventories } from './generated.ts';
import { type PrivateNetwork, makePrivateNetwork } from './network.ts';
import { layNginx, makeCertificate, nginxBuild, nginxProgram } from './nginx.ts';

/** A file name made of what nginx's syntax is made of. */
const NASTY = `a b"{;}'#\\n`;

const build = nginxBuild();

let network: PrivateNetwork;
let certificate: { certificate: string; key: string };
beforeAll(async () => {
  network = await makePrivateNetwork([], []);
  // nginx -t binds the addresses that it shall listen on; here it may, though the network doesn't have them.
  for (const family of ['ipv4', 'ipv6']) {
    const [command, args] = network.inside(['sh', '-c', `echo 1 > /proc/sys/net/${family}/ip_nonlocal_bind`]);
    execFileSync(command, args);
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
async function nginxObjects(config: string, directory = network.directory): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const [command, args] = network.inside([nginxProgram(), '-t', '-q', '-c', layNginx(directory, config)]);
  return new Promise((resolve) => {
    execFile(command, args, (error, _, stderr) => {
      resolve(error === null && stderr === '' ? '' : `${String(error?.code)}: ${stderr}`);
    });
  });
}

function render(made: MadeInventory): string {
  return renderGateway({
    gateway: made.settings,
    agents: made.agents,
    proxy: proxy(),
    nginx: { ...build, hasIPv6: made.hasIPv6, ownAddresses: made.ownAddresses },
    logFiles: { access: `${network.directory}/logs/access`, error: `${network.directory}/logs/error` },
  }).config;
}

// What nginx refuses here would fail on the proxy, in the middle of somebody's deploy.
it('nginx accepts what is rendered for any inventory, without a warning', { timeout: 900_000 }, async () => {
  const inventory = inventories(certificate);
  await fc.assert(
    // two at a time, one for each processor of a small machine
    fc.asyncProperty(inventory, inventory, async (...both) => {
      const configs = both.map(render);
      const objections = configs.map((config, index) =>
        nginxObjects(config, path.join(network.directory, String(index))),
      );
      expect(await Promise.all(objections)).toEqual(['', '']);
      for (const [index, { agents, settings }] of both.entries()) {
        expect(configs[index]?.match(/^server \{$/gm)).toHaveLength(2);
        expect(configs[index]?.match(/^upstream /gm) ?? []).toHaveLength(
          agents.length + (settings.default.length > 1 ? 1 : 0),
        );
      }
    }),
    { numRuns: IS_LONG ? 2500 : 250, seed: SEED },
  );
});

it('would notice if nginx did not', async () => {
  const settings = gatewaySettings({ tls: { kind: 'files', ...certificate } });
  const config = render({ agents: [], settings, hasIPv6: true, ownAddresses: [] });
  expect(await nginxObjects(config)).toBe('');
  expect(await nginxObjects(config.replace('server_name _;', 'server_nam _;'))).toContain(
    'unknown directive "server_nam"',
  );
  expect(await nginxObjects(config.replace('default 0;', 'default 0;\n10.150.248.0/24 1;'))).toContain(
    'duplicate network',
  );
});
