import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultRoute } from '../../../src/gateway/config/default-agents.ts';
import { renderGateway } from '../../../src/gateway/render.ts';
import type { RenderedGateway } from '../../../src/gateway/rendered.ts';
import { agent, gatewaySettings, proxy } from '../../unit/gateway/inventories.ts';
import { IS_BRIEF, IS_LONG, type MadeInventory, SEED, inventories } from './generated.ts';
import { type PrivateNetwork, makePrivateNetwork } from './network.ts';
import { layRelease, makeCertificate, nginxBuild, nginxProgram } from './nginx.ts';

/** A file name made of what nginx's syntax is made of. */
const NASTY = `a b"{;}'#\\n`;

const build = nginxBuild();

let network: PrivateNetwork;
let certificate: { certificate: string; key: string; pem: string };
let checkers: readonly [Checker, Checker];
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
    pem: readFileSync(made.certificate, 'utf8'),
  };
  copyFileSync(made.certificate, certificate.certificate);
  copyFileSync(made.key, certificate.key);
  const directory = (name: string): string => path.join(network.directory, name);
  checkers = [startChecker(directory('one')), startChecker(directory('other'))];
});
afterAll(() => {
  for (const checker of checkers) checker.close();
  return network.close();
});

/** Something that tries configurations, one after another. */
interface Checker {
  /** What `nginx -t` says of a configuration; empty when it is content, without a warning. */
  readonly objections: (release: RenderedGateway) => Promise<string>;
  readonly close: () => void;
}

/** A shell that starts nginx: to start it from here takes longer than nginx itself. */
function startChecker(directory: string): Checker {
  mkdirSync(directory);
  const loop = 'while read -r file; do "$1" -t -q -c "$file" >"$file.said" 2>&1; echo "$?"; done';
  const [command, args] = network.inside(['sh', '-c', loop, 'sh', nginxProgram()]);
  const shell = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  return {
    async objections(release) {
      const file = layRelease(directory, release);
      shell.stdin.write(`${file}\n`);
      const [status] = (await once(shell.stdout, 'data')) as [Buffer];
      const said = readFileSync(`${file}.said`, 'utf8');
      return status.toString() === '0\n' && said === '' ? '' : `exit code ${status.toString()}${said}`;
    },
    close: () => shell.stdin.end(),
  };
}

function render(made: MadeInventory): RenderedGateway {
  return renderGateway({
    gateway: made.settings,
    agents: made.agents,
    proxy: proxy(),
    sessionId: 'desktop-session',
    nginx: { ...build, hasIPv6: made.hasIPv6, ownAddresses: made.ownAddresses },
    logFiles: { access: `${network.directory}/logs/access`, error: `${network.directory}/logs/error` },
  });
}

// What nginx refuses here would fail on the proxy, in the middle of somebody's deploy.
it('nginx accepts what is rendered for any inventory, without a warning', { timeout: 900_000 }, async () => {
  const inventory = inventories(certificate);
  await fc.assert(
    // two at a time, one for each processor of a small machine
    fc.asyncProperty(inventory, inventory, async (one, other) => {
      const objections = [checkers[0].objections(render(one)), checkers[1].objections(render(other))];
      expect(await Promise.all(objections)).toEqual(['', '']);
    }),
    { numRuns: IS_LONG ? 2500 : IS_BRIEF ? 25 : 250, seed: SEED },
  );
});

// A name that nginx reads as syntax could add a server of its own, to which nginx would not object.
it('has two servers and an upstream for each agent, whatever the names are', () => {
  fc.assert(
    fc.property(inventories(certificate), (made) => {
      const { config } = render(made);
      expect(config.match(/^server \{$/gm)).toHaveLength(2);
      expect(config.match(/^upstream /gm) ?? []).toHaveLength(
        made.agents.length + (defaultRoute(made.settings).kind === 'pool' ? 1 : 0),
      );
    }),
    { seed: SEED },
  );
});

it('would notice if nginx did not', async () => {
  const settings = gatewaySettings({ tls: { kind: 'files', ...certificate } });
  const { config, ...release } = render({ agents: [], settings, hasIPv6: true, ownAddresses: [] });
  const objections = (changed: string): Promise<string> =>
    checkers[0].objections({ ...release, config: changed });
  expect(await objections(config)).toBe('');
  expect(await objections(config.replace('server_name _;', 'server_nam _;'))).toContain(
    'unknown directive "server_nam"',
  );
  expect(await objections(config.replace('default 0;', 'default 0;\n10.150.248.0/24 1;'))).toContain(
    'duplicate network',
  );
});

// nginx has little room for variables and for a line of its own file: what a few agents fit in, hundreds may not.
it.each([
  ['the same lists', () => 7],
  ['lists of their own', (index: number) => index],
])('accepts 200 default agents with long addresses and %s', async (_, second) => {
  const agents = Array.from({ length: 200 }, (_unused, index) =>
    agent(`agent${index}`, `fd12:3456:789a:bcde:1234:5678:ab:${(0xd00 + index).toString(16)}`, {
      access: { allow: [`10.${second(index)}.0.0/16`], deny: [] },
    }),
  );
  const settings = gatewaySettings({
    tls: { kind: 'files', certificate: certificate.certificate, key: certificate.key },
    default: agents,
    agentNetworks: ['fd12:3456:789a:bcde::/64'],
    portal: true,
    access: { basic: true, realIpFrom: ['10.9.0.0/24'] },
  });
  expect(await checkers[0].objections(render({ agents, settings, hasIPv6: true, ownAddresses: [] }))).toBe(
    '',
  );
});
