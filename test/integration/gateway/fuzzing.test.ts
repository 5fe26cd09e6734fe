import { mkdirSync, readFileSync } from 'node:fs';
import type net from 'node:net';
import { isIP, isIPv6 } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderGateway } from '../../../src/gateway/render.ts';
import { contains, networkAround } from '../../../src/inventory/addresses.ts';
import { NEVER_AGENTS } from '../../../src/inventory/never-agents.ts';
import type { AgentHost } from '../../../src/inventory/types.ts';
import { proxy } from '../../unit/gateway/inventories.ts';
import { IS_BRIEF, IS_LONG, type MadeInventory, SEED, inventories, targets } from './generated.ts';
import { type PrivateNetwork, makePrivateNetwork } from './network.ts';
import { layRelease, makeCertificate, nginxBuild, startNginx } from './nginx.ts';
import { type Answer, askInTurn } from './pipelined.ts';

const PORT = 9443;
const PROXY = '10.213.66.188';
/** Who asks: not the host itself, which may reach every agent. */
const CLIENT = '10.213.1.1';
const HOST = `${PROXY}:${PORT}`;
const INVENTORIES = IS_LONG ? 100 : IS_BRIEF ? 1 : 10;
const TARGETS = IS_LONG ? 5000 : 2000;

let network: PrivateNetwork;
let made: MadeInventory[];
/** The agents of the inventory under test, by their addresses. */
let agents: ReadonlySet<string>;
/** Every address that nginx connected to, as the network saw it. */
let dialled = new Set<string>();
/** How many requests arrived at agents. */
let asked = 0;

beforeAll(async () => {
  network = await makePrivateNetwork([PROXY, CLIENT], []);
  const files = makeCertificate(network.directory, 'gateway', `IP:${PROXY}`);
  made = fc
    .sample(inventories({ ...files, pem: readFileSync(files.certificate, 'utf8') }), {
      numRuns: INVENTORIES,
      seed: SEED,
    })
    .map(usable);
  const secureContext = tls.createSecureContext({
    cert: readFileSync(files.certificate),
    key: readFileSync(files.key),
  });
  await network.listenEverywhere(8443, (text, socket) => {
    const address = canonical(text);
    dialled.add(address);
    // Whoever is no agent of the inventory hangs up: that it was dialled is what counts.
    if (agents.has(address)) answerAsAgent(address, socket, secureContext);
    else socket.destroy();
  });
});
afterAll(() => network.close());

/**
 * As a valid inventory has it: every agent is in a network. The port is the test's, and everyone may ask as much as they
 * like, though not every agent.
 */
function usable(one: MadeInventory, index: number): MadeInventory {
  const around = one.agents.map(({ host }) => networkAround(host, isIPv6(host) ? 112 : 24));
  return {
    ...one,
    hasIPv6: true,
    settings: {
      ...one.settings,
      listen: { address: undefined, port: PORT },
      agentNetworks: [...new Set([...one.settings.agentNetworks, ...around])],
      access: { allow: 'any', deny: [], realIpFrom: [], basic: false, rate: 'off' },
      // else half of them would have no default agent
      default:
        index % 4 > 0 && one.settings.default.length === 0 ? one.agents.slice(0, 1) : one.settings.default,
    },
  };
}

/** Answers with the request line that arrived, byte for byte. */
function answerAsAgent(address: string, socket: net.Socket, secureContext: tls.SecureContext): void {
  const secure = new tls.TLSSocket(socket, { isServer: true, secureContext });
  let text = '';
  secure.on('error', () => secure.destroy());
  secure.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const line = text.slice(0, text.indexOf('\r\n'));
      text = text.slice(end + 4);
      asked += 1;
      const head = `HTTP/1.1 200 OK\r\nServer: dcv\r\nX-Agent: ${address}\r\nContent-Length: ${line.length}\r\n\r\n`;
      secure.write(head + line, 'latin1');
    }
  });
}

// A way around the allow-list is a way into the private network; a 500 is a request that the rendering did not foresee.
it(
  `${INVENTORIES} inventories, ${TARGETS} targets each: only what is allowed is dialled, and every target arrives as it was sent`,
  { timeout: 1_800_000 },
  async () => {
    for (const [index, inventory] of made.entries()) {
      const sample = fc.sample(targets(inventory), { numRuns: TARGETS, seed: SEED + index });
      const problems = await askAll(inventory, sample, path.join(network.directory, `inventory-${index}`));
      expect(problems, `inventory ${index} of DCVOPS_TEST_SEED=${SEED}`).toEqual([]);
    }
  },
);

/** Runs a gateway for the inventory, asks it for everything, and tells what should not have happened. */
async function askAll(
  inventory: MadeInventory,
  sample: readonly string[],
  directory: string,
): Promise<string[]> {
  mkdirSync(directory);
  const logFiles = { access: path.join(directory, 'access.log'), error: path.join(directory, 'gateway.log') };
  const release = renderGateway({
    gateway: inventory.settings,
    agents: inventory.agents,
    proxy: proxy(PROXY),
    sessionId: 'desktop-session',
    nginx: { ...nginxBuild(), hasIPv6: true, ownAddresses: inventory.ownAddresses },
    logFiles,
  });
  layRelease(directory, release);
  agents = new Set(inventory.agents.map(({ host }) => host));
  dialled = new Set();
  asked = 0;
  const nginx = await startNginx(directory, network.inside, async () => {
    try {
      (await network.dial({ host: PROXY, port: PORT, from: CLIENT })).destroy();
      return true;
    } catch {
      return false;
    }
  });
  const lanes = await Promise.all([0, 1, 2, 3].map((lane) => askLane(sample, lane)));
  await nginx.stop();
  const answers = lanes.flat();
  const answered = answers.filter(({ answer }) => answer.headers['server'] === 'dcv').length;
  return [
    ...answers.flatMap(({ target, answer }) => problemWith(inventory, target, answer)),
    ...[...dialled, ...dialledByLog(logFiles.access)]
      .filter((address) => !mayBeDialled(inventory, address))
      .map((address) => `${address} was dialled`),
    ...(asked === answered ? [] : [`agents got ${asked} requests and gave ${answered} answers`]),
  ];
}

async function askLane(
  sample: readonly string[],
  lane: number,
): Promise<{ target: string; answer: Answer }[]> {
  const own = sample.filter((_, index) => index % 4 === lane);
  const answers = await askInTurn(connect, HOST, own);
  return answers.map((answer, index) => ({ target: own[index] ?? '', answer }));
}

async function connect(): Promise<tls.TLSSocket> {
  return tls.connect({
    socket: await network.dial({ host: PROXY, port: PORT, from: CLIENT }),
    rejectUnauthorized: false,
  });
}

/** What nginx wrote down about whom it connected to; another port than DCV's makes it no address. */
function dialledByLog(file: string): string[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const upstreams = lines.flatMap((line) => (JSON.parse(line) as { upstream: string }).upstream.split(', '));
  return [...new Set(upstreams)]
    .filter((upstream) => upstream !== '')
    .map((upstream) => {
      const [, address = ''] = /^\[?([0-9a-f:.]+?)\]?:8443$/.exec(upstream) ?? [];
      return address === '' ? upstream : canonical(address);
    });
}

function canonical(address: string): string {
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
}

/** Do the agent's own lists let the client of this test in? */
function letsIn({ access: { allow, deny } }: AgentHost): boolean {
  const holdsClient = (entry: string): boolean => contains(entry, CLIENT);
  return (allow === 'any' || allow.some(holdsClient)) && !deny.some(holdsClient);
}

/** What the inventory says, by the inventory's own reading of addresses and not by nginx's. */
function mayBeDialled({ agents: known, settings, ownAddresses }: MadeInventory, address: string): boolean {
  if (isIP(address) === 0) return false;
  if (known.some((one) => one.host === address && !letsIn(one))) return false;
  if (settings.default.some(({ host }) => host === address)) return true;
  const isHere = [...ownAddresses, PROXY].includes(address) && !known.some(({ host }) => host === address);
  return (
    settings.agentNetworks.some((allowed) => contains(allowed, address)) &&
    !NEVER_AGENTS.some((never) => contains(never.network, address)) &&
    !isHere
  );
}

function problemWith(inventory: MadeInventory, target: string, answer: Answer): string[] {
  const told = `${JSON.stringify(target)}: ${answer.status}`;
  const { location, server, 'x-agent': agent = '' } = answer.headers;
  if (answer.status === 500 || answer.status === 0) return [told];
  // Anywhere else but below this very gateway would be an open redirect.
  if (location !== undefined && !/^\/(?![/\\])/.test(location)) return [`${told} to ${location}`];
  if (server !== 'dcv') return [];
  const wanted = `GET ${pathFor(inventory, target, agent) ?? ''} HTTP/1.1`;
  return answer.body === wanted ? [] : [`${told} ${agent} got ${answer.body}, not ${wanted}`];
}

/** What an agent is asked for when this target leads to it; undefined when it should not have. */
function pathFor({ settings }: MadeInventory, target: string, agent: string): string | undefined {
  const asked = withoutOrigin(target);
  const [, segment = '', rest = ''] = /^\/([^/?]*)(.*)$/s.exec(asked) ?? [];
  const address = segment.replace(/^(?:\[|%5b)(.*)(?:\]|%5d)$/i, '$1');
  if (isIP(address) !== 0 && canonical(address) === agent) return rest;
  return settings.default.some(({ host }) => host === agent) ? asked : undefined;
}

/** What is left of a target in absolute form. Spaces around it belong to the request line. */
function withoutOrigin(target: string): string {
  const left = target.replace(/^ +| +$/g, '').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  return left.startsWith('/') ? left : `/${left}`;
}
