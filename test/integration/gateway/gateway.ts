import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import type net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { LIVE_FILE } from '../../../src/gateway/release.ts';
import { renderGateway } from '../../../src/gateway/render.ts';
import { GATEWAY_DIRECTORY } from '../../../src/gateway/state.ts';
import type { AgentHost, GatewaySettings } from '../../../src/inventory/types.ts';
import { type GatewayChanges, agent, gatewaySettings, proxy } from '../../unit/gateway/inventories.ts';
import { type PrivateNetwork, makePrivateNetwork } from './network.ts';
import { layNginx, makeCertificate, nginxBuild, startNginx } from './nginx.ts';
import { type RecordingAgent, startRecordingAgent } from './recording-agent.ts';

/** Not 8443: the agents, on that port, share the network with the gateway, which listens on every address. */
export const PORT = 9443;

/** The gateway's addresses: the one that people open, and the one in the agents' network. */
export const GATEWAY = '10.213.66.188';
export const GATEWAY_INSIDE = '10.150.248.1';
export const AUTHORITY = `${GATEWAY}:${PORT}`;
/** People in access.allow, and one outside. */
export const CLIENT = '10.213.1.1';
export const STRANGER = '198.51.100.7';

const AGENTS = { agent1: '10.150.248.180', agent2: '10.150.248.136', six: 'fd00:150::5' } as const;
/** In agent_networks, but not in the inventory. */
const UNLISTED = { unlisted: '10.150.248.77' } as const;
/** In the inventory: one refuses connections, one loses every packet. */
export const DEAD_AGENT = '10.150.248.20';
export const SILENT_AGENT = '10.150.248.21';

export interface TestGateway {
  readonly network: PrivateNetwork;
  /** Stands for `GATEWAY_DIRECTORY`, with the files of the release in it; state is put there by the test. */
  readonly own: string;
  readonly settings: GatewaySettings;
  readonly agentHosts: readonly AgentHost[];
  readonly agents: readonly RecordingAgent[];
  readonly releaseId: string;
  readonly certificate: string;
  readonly accessLog: () => string;
  /** Opens TLS to the gateway, from a client in access.allow unless said otherwise. */
  readonly connect: (options?: { from?: string; alpn?: string }) => Promise<tls.TLSSocket>;
  readonly dial: (from?: string) => Promise<net.Socket>;
  /** What each agent received since the last time; agents that received nothing are left out. */
  readonly received: () => Record<string, string>;
  /** Has nginx read its files again. */
  readonly reload: () => Promise<void>;
  /** How many connections were opened to agents so far. */
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
}

type ChangeAgents = (agents: readonly AgentHost[], certificate: string) => readonly AgentHost[];

/**
 * Starts nginx with the configuration that dcvops renders, in front of recording agents.
 * @param spare further addresses of the network, for a test's own listeners
 * @param adjust changes the rendered text, where a test can't wait as long as the configuration does
 * @param changeAgents changes the inventory's agents (states, access, pins); told the certificate of all, as PEM
 */
export async function startGateway(
  changes: GatewayChanges = {},
  spare: readonly string[] = [],
  adjust: (config: string) => string = (config) => config,
  changeAgents: ChangeAgents = (agents) => agents,
): Promise<TestGateway> {
  const alive = Object.values({ ...AGENTS, ...UNLISTED });
  const network = await makePrivateNetwork(
    [GATEWAY, GATEWAY_INSIDE, CLIENT, STRANGER, DEAD_AGENT, ...alive, ...spare],
    [SILENT_AGENT],
  );
  try {
    return await startInside(network, changes, adjust, changeAgents);
  } catch (error) {
    await network.close();
    throw error;
  }
}

async function startInside(
  network: PrivateNetwork,
  changes: GatewayChanges,
  adjust: (config: string) => string,
  changeAgents: ChangeAgents,
): Promise<TestGateway> {
  const alive = { ...AGENTS, ...UNLISTED };
  const logs = path.join(network.directory, 'logs');
  mkdirSync(logs);
  const served = makeCertificate(network.directory, 'gateway', `IP:${GATEWAY}`);
  const keyPair = makeCertificate(network.directory, 'agents', 'DNS:agent');
  const certificate = { cert: readFileSync(keyPair.certificate), key: readFileSync(keyPair.key) };
  const agentHosts = changeAgents(
    [
      ...Object.entries(AGENTS).map(([name, address]) => agent(name, address)),
      agent('dead', DEAD_AGENT),
      agent('silent', SILENT_AGENT),
    ],
    certificate.cert.toString(),
  );
  const settings = gatewaySettings({
    listen: { address: undefined, port: PORT },
    tls: { kind: 'files', ...served },
    default: agentHosts.slice(0, 1),
    agentNetworks: ['10.150.248.0/24', 'fd00:150::/64'],
    ...changes,
  });
  const { config, releaseId, files } = renderGateway({
    gateway: settings,
    agents: agentHosts,
    proxy: proxy(GATEWAY),
    sessionId: 'desktop-session',
    nginx: { ...nginxBuild(), hasIPv6: true, ownAddresses: [GATEWAY, GATEWAY_INSIDE] },
    logFiles: { access: `${logs}/dcv-access.log`, error: `${logs}/dcv-error.log` },
  });
  const own = path.join(network.directory, 'dcv-gateway');
  for (const file of files.filter((one) => one.path !== LIVE_FILE)) {
    const place = file.path.replace(GATEWAY_DIRECTORY, own);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, file.content.replaceAll(GATEWAY_DIRECTORY, own), { mode: file.mode });
  }
  layNginx(network.directory, adjust(config.replaceAll(GATEWAY_DIRECTORY, own)));

  const agents: RecordingAgent[] = [];
  for (const [name, address] of Object.entries(alive)) {
    const recording = startRecordingAgent(name, certificate);
    agents.push(recording);
    await network.listen(address, 8443, recording.accept);
  }

  const dial = (from = CLIENT): Promise<net.Socket> =>
    network.dial({ host: GATEWAY, port: settings.listen.port, from });
  const nginx = await startNginx(network.directory, network.inside, async () => {
    try {
      (await dial()).destroy();
      return true;
    } catch {
      return false;
    }
  });

  return {
    network,
    own,
    settings,
    agentHosts,
    agents,
    releaseId,
    certificate: readFileSync(served.certificate, 'utf8'),
    reload: nginx.reload,
    accessLog: () => readFileSync(`${logs}/dcv-access.log`, 'utf8'),
    dial,
    async connect({ from, alpn = 'http/1.1' } = {}) {
      const socket = tls.connect({
        socket: await dial(from),
        rejectUnauthorized: false,
        ALPNProtocols: [alpn],
      });
      await new Promise((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', reject);
      });
      return socket;
    },
    received() {
      const taken = agents.map((one) => [one.name, one.take()] as const);
      return Object.fromEntries(taken.filter(([, bytes]) => bytes !== ''));
    },
    connections: () => agents.reduce((sum, one) => sum + one.connections(), 0),
    async stop() {
      await nginx.stop();
      for (const one of agents) one.close();
      await network.close();
    },
  };
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export type Protocol = 'http/1.1' | 'h2';

export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly from?: string;
  readonly body?: string;
  readonly protocol?: Protocol;
}

/** One request, its target sent byte for byte (latin1), and the whole answer. */
export async function ask(
  gateway: TestGateway,
  target: string,
  question: Question = {},
): Promise<RawResponse> {
  const { method = 'GET', from, body = '', protocol = 'http/1.1' } = question;
  const socket = await gateway.connect({ ...(from === undefined ? {} : { from }), alpn: protocol });
  if (protocol === 'h2') return askOverHttp2(socket, target, question);
  const headers = { Host: AUTHORITY, Connection: 'close', ...question.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, 'latin1');
  return readAnswer(socket);
}

/** The same over HTTP/2, without a body. The status is 0 where nginx resets the stream instead of an answer. */
async function askOverHttp2(
  socket: tls.TLSSocket,
  target: string,
  { method = 'GET', headers = {} }: Question,
): Promise<RawResponse> {
  const { Host: authority = AUTHORITY, ...others } = headers;
  const session = http2.connect(`https://${AUTHORITY}`, {
    createConnection: () => socket,
    maxSendHeaderBlockLength: 1_000_000, // Node would keep larger ones to itself
  });
  const response = { status: 0, headers: {}, body: '' };
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      resolve();
    };
    session.once('error', finish);
    const stream = session.request(
      {
        ':method': method,
        ':authority': authority,
        ...(method === 'CONNECT' ? {} : { ':path': target }),
        ...others,
      },
      // a body that is announced and never comes leaves the request open
      { endStream: others['Content-Length'] === undefined },
    );
    stream.once('response', ({ ':status': status, ...received }) => {
      response.status = status ?? 0;
      response.headers = received;
    });
    stream.on('data', (chunk: Buffer) => (response.body += chunk.toString('latin1')));
    stream.once('error', finish);
    stream.once('end', finish);
    stream.once('close', finish);
  });
  session.destroy();
  return response;
}

/** Reads one answer, to its end as its head tells it, or else as long as the connection is open. */
function readAnswer(socket: tls.TLSSocket): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      reject(new Error(`no end of the answer: ${text.slice(0, 400)}`));
      socket.destroy();
    }, 20_000);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (parseAnswer(text).whole) socket.destroy();
    });
    socket.once('error', (error) => {
      // nginx cuts the connection after it refused a body that it never read; its answer is there.
      if (text === '') reject(error as Error);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(parseAnswer(text).response);
    });
  });
}

function parseAnswer(text: string): { response: RawResponse; whole: boolean } {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...headerLines] = head.split('\r\n');
  const headers = Object.fromEntries(
    headerLines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = rest.join('\r\n\r\n');
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  const bodyIsWhole =
    encoding === 'chunked'
      ? body.endsWith('0\r\n\r\n')
      : length !== undefined && body.length >= Number(length);
  return {
    response: { status: Number(statusLine.split(' ')[1]), headers, body },
    whole: text.includes('\r\n\r\n') && bodyIsWhole,
  };
}
