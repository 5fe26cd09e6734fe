import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nginxFactsScript, parseNginxFacts } from '../../../src/gateway/nginx-facts.ts';
import {
  type GatewayTarget,
  dialDirectly,
  probeAgent,
  probeAgentWebSocket,
  probeForbidden,
  probeHealth,
  probeHttp2,
  probePath,
} from '../../../src/gateway/probe.ts';
import { commandLine } from '../../../src/shell/script.ts';
import {
  AUTHORITY,
  CLIENT,
  DEAD_AGENT,
  GATEWAY,
  STRANGER,
  type TestGateway,
  startGateway,
} from './gateway.ts';
import { makeCertificate, nginxBuild, waitFor } from './nginx.ts';

describe('a gateway that works', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  const from = (address: string): GatewayTarget => ({
    url: `https://${AUTHORITY}`,
    dial: () => gateway.dial(address),
  });

  it('tells its release and shows its certificate', async () => {
    const answer = await probeHealth(from(CLIENT));
    expect(answer).toMatchObject({
      answered: true,
      status: 200,
      release: gateway.releaseId,
      tlsVersion: 'TLSv1.3',
      certificate: {
        subject: 'CN=gateway',
        names: [GATEWAY],
        selfSigned: true,
        chainError: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      },
    });
    if (!answer.answered) throw new Error(answer.reason);
    expect(answer.certificate.pem.trim()).toBe(gateway.certificate.trim());
    expect(answer.certificate.isFor(GATEWAY)).toBe(true);
    expect(answer.certificate.isFor('desktops.example.com')).toBe(false);
  });

  it('is trusted when its certificate is among the roots', async () => {
    const answer = await probeHealth({ ...from(CLIENT), roots: [gateway.certificate] });
    expect(answer).toMatchObject({ certificate: { chainError: undefined } });
  });

  it('leads to agents, of which DCV itself answers', async () => {
    expect(await probeAgent(from(CLIENT), '10.150.248.136')).toMatchObject({ status: 200, server: 'dcv' });
    expect(await probeAgent(from(CLIENT), 'fd00:150::5')).toMatchObject({ status: 200, server: 'dcv' });
    expect(Object.keys(gateway.received())).toEqual(['agent2', 'six']);
  });

  it('says why it answers itself', async () => {
    expect(await probeAgent(from(CLIENT), DEAD_AGENT)).toMatchObject({
      status: 502,
      server: 'nginx',
      refusal: { stage: 'agent' },
    });
    expect(await probeForbidden(from(CLIENT), '192.0.2.1')).toMatchObject({
      status: 403,
      refusal: { stage: 'deny' },
    });
    expect(await probeAgent(from(STRANGER), '10.150.248.136')).toMatchObject({
      status: 403,
      refusal: { stage: 'access', reason: 'this gateway is not open to your address' },
    });
  });

  it('speaks HTTP/2', async () => {
    expect(await probeHttp2(from(CLIENT))).toMatchObject({ answered: true, offered: true, status: 200 });
  });

  it('opens WebSockets for its own page, and for no other', async () => {
    expect(await probeAgentWebSocket(from(CLIENT), '10.150.248.180')).toMatchObject({
      status: 101,
      subprotocol: 'dcv',
    });
    expect(
      await probeAgentWebSocket(from(CLIENT), '10.150.248.180', 'https://elsewhere.example'),
    ).toMatchObject({
      status: 403,
      subprotocol: undefined,
      refusal: { stage: 'origin' },
    });
    expect(await probeAgentWebSocket(from(CLIENT), DEAD_AGENT)).toMatchObject({ status: 502 });
  });
});

/** A server on loopback that treats its connections as it is told. */
async function serve(
  onConnection: (socket: net.Socket) => void,
  use: (target: GatewayTarget, dialled: Duplex[]) => Promise<void>,
): Promise<void> {
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dialled: Duplex[] = [];
  const dial = async (): Promise<Duplex> => {
    const socket = await dialDirectly('127.0.0.1', port)();
    dialled.push(socket);
    return socket;
  };
  try {
    await use({ url: `https://127.0.0.1:${port}`, dial, timeoutMs: 400 }, dialled);
    expect(dialled.every((socket) => socket.destroyed)).toBe(true);
  } finally {
    server.close();
  }
}

const PROBES = {
  health: probeHealth,
  agent: (target: GatewayTarget) => probeAgent(target, '10.0.0.1'),
  http2: probeHttp2,
  webSocket: (target: GatewayTarget) => probeAgentWebSocket(target, '10.0.0.1'),
};

// A probe that throws ends the whole run; one that hangs makes a deploy wait until the host undoes it.
describe.each(Object.entries(PROBES))('%s, where the gateway does not work', (_, ask) => {
  let directory: string;
  let certificate: { cert: Buffer; key: Buffer };
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'dcvops-probe-'));
    const files = makeCertificate(directory, 'server', 'IP:127.0.0.1');
    certificate = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /** TLS up to the first byte of a request. */
  const secured = (then: (socket: tls.TLSSocket) => void) => (socket: net.Socket) => {
    const secure = new tls.TLSSocket(socket, {
      isServer: true,
      ...certificate,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    secure.on('error', () => secure.destroy());
    secure.once('data', () => {
      then(secure);
    });
  };

  it('nothing listens', async () => {
    const dial = dialDirectly('127.0.0.1', 1);
    expect(await ask({ url: 'https://127.0.0.1:1', dial })).toMatchObject({
      answered: false,
      stage: 'connect',
      reason: 'connection refused',
    });
  });

  it('the connection never comes about, or comes too late', async () => {
    let arrive: (socket: Duplex) => void = () => undefined;
    const dial = (): Promise<Duplex> => new Promise((resolve) => (arrive = resolve));
    const answer = await ask({ url: 'https://127.0.0.1:1', dial, timeoutMs: 100 });
    expect(answer).toMatchObject({ answered: false, stage: 'connect', reason: 'no answer in 0.1 s' });
    const late = new net.Socket();
    arrive(late);
    await waitFor('the late socket is destroyed', () => late.destroyed);
  });

  it('it says nothing', async () => {
    await serve(
      () => undefined,
      async (target) => {
        const answer = await ask(target);
        expect(answer).toMatchObject({ answered: false, stage: 'tls', reason: 'no answer in 0.4 s' });
        expect(answer.elapsedMs).toBeLessThan(2_000);
      },
    );
  });

  it('it speaks no TLS', async () => {
    await serve(
      (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      async (target) => {
        expect(await ask(target)).toMatchObject({
          answered: false,
          stage: 'tls',
          reason: 'what answers there does not speak TLS',
        });
      },
    );
  });

  it('it hangs up', async () => {
    await serve(
      (socket) => socket.destroy(),
      async (target) => {
        expect(await ask(target)).toMatchObject({ answered: false, stage: 'tls' });
      },
    );
  });

  it('it hangs up once it is asked', async () => {
    await serve(
      secured((socket) => socket.destroy()),
      async (target) => {
        expect(await ask(target)).toMatchObject({ answered: false, stage: 'request' });
      },
    );
  });

  it('it is asked and says nothing', async () => {
    await serve(
      secured(() => undefined),
      async (target) => {
        expect(await ask(target)).toMatchObject({
          answered: false,
          stage: 'request',
          reason: 'no answer in 0.4 s',
        });
      },
    );
  });

  it('it answers with noise', async () => {
    await serve(
      secured((socket) => socket.end(Buffer.alloc(2_000, 0xff))),
      async (target) => {
        expect(await ask(target)).toMatchObject({ answered: false, stage: 'request' });
      },
    );
  });
});

it('a server without HTTP/2 is told from one that does not answer', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'dcvops-probe-'));
  const files = makeCertificate(directory, 'server', 'IP:127.0.0.1');
  const options = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  await serve(
    (socket) => {
      new tls.TLSSocket(socket, { isServer: true, ...options }).on('error', () => socket.destroy());
    },
    async (target) => {
      expect(await probeHttp2({ ...target, timeoutMs: 5_000 })).toMatchObject({
        answered: true,
        offered: false,
      });
    },
  );
  rmSync(directory, { recursive: true });
});

it('an answer that never ends is cut off', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'dcvops-probe-'));
  const files = makeCertificate(directory, 'server', 'IP:127.0.0.1');
  const options = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  await serve(
    (socket) => {
      const secure = new tls.TLSSocket(socket, { isServer: true, ...options });
      secure.on('error', () => secure.destroy());
      secure.once('data', () => {
        secure.write('HTTP/1.1 200 OK\r\nServer: dcv\r\n\r\n');
        const pour = (): void => {
          if (!secure.destroyed) secure.write(Buffer.alloc(16_384, 0x61), pour);
        };
        pour();
      });
    },
    async (target) => {
      expect(await probePath({ ...target, timeoutMs: 5_000 }, '/')).toMatchObject({
        answered: true,
        status: 200,
      });
    },
  );
  rmSync(directory, { recursive: true });
});

it('reads the facts of a host that has nginx', () => {
  const output = execFileSync('sh', ['-c', commandLine(nginxFactsScript)], { encoding: 'utf8' });
  const facts = parseNginxFacts(output);
  expect(facts).toMatchObject(nginxBuild('nginx'));
  expect(facts?.ownAddresses).toContain('127.0.0.1');
});
