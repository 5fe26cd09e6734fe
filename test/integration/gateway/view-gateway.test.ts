import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayView, viewGateway } from '../../../src/operations/gateway/view.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { gatewaySettings, inventoryWith, proxy } from '../../unit/gateway/inventories.ts';
import { makeCertificate } from './nginx.ts';

const RELEASE = '3f9a1c0d5e7b';

interface Files {
  readonly cert: Buffer;
  readonly key: Buffer;
}

let folder: string;
let old: Files;
let renewed: Files;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'dcvops-view-'));
  const read = (name: string): Files => {
    const { certificate, key } = makeCertificate(folder, name, 'IP:127.0.0.1');
    return { cert: readFileSync(certificate), key: readFileSync(key) };
  };
  old = read('old');
  renewed = read('renewed');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A gateway after a reload: an old worker takes so many connections more before the new one does. */
async function afterReload(oldAnswers: number, use: (view: GatewayView) => Promise<void>): Promise<number> {
  let answered = 0;
  const server = https.createServer(old, (_request, response) => {
    answered += 1;
    if (answered === oldAnswers) server.setSecureContext(renewed);
    response.end(JSON.stringify({ status: 'ok', release: RELEASE }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const only = proxy('127.0.0.1');
    const settings = gatewaySettings({ listen: { address: undefined, port } });
    const never = Promise.reject(new Error('nothing goes through SSH here'));
    never.catch(() => undefined);
    await use(viewGateway(inventoryWith(only, [], settings), only, never));
  } finally {
    server.close();
    server.closeAllConnections();
  }
  return answered;
}

const sha256 = (pem: Buffer): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

describe('waiting for a reload', () => {
  it('is over when the renewed certificate is served, several times in a row', async () => {
    const answered = await afterReload(4, async (view) => {
      const seen = await view.waitFor({ kind: 'release', id: RELEASE }, sha256(renewed.cert));
      expect(seen).toEqual({ ok: true, way: 'direct' });
    });
    expect(answered).toBe(7);
  });

  it('needs no certificate where the release tells the new configuration', async () => {
    const answered = await afterReload(4, async (view) => {
      expect(await view.waitFor({ kind: 'release', id: RELEASE })).toEqual({ ok: true, way: 'direct' });
    });
    expect(answered).toBe(3);
  });

  it('says so when the old certificate stays', async () => {
    await afterReload(Infinity, async (view) => {
      const seen = await view.waitFor({ kind: 'release', id: RELEASE }, sha256(renewed.cert));
      expect(seen).toMatchObject({
        ok: false,
        problem: expect.stringContaining('it still answers with the old certificate') as string,
      });
    });
  });
});

// A gateway for a VPN interface does not listen on the loopback address: asked there, each deploy would undo itself.
describe('a gateway that is out of reach from here', () => {
  it.each([
    ['10.8.0.1', '10.8.0.1'],
    [undefined, '127.0.0.1'],
  ])('and listens on %s is asked through SSH at %s', async (address, expected) => {
    const server = https.createServer(old, (_request, response) => {
      response.end(JSON.stringify({ status: 'ok', release: RELEASE }));
    });
    const closed = net.createServer();
    for (const one of [server, closed]) {
      one.listen(0, '127.0.0.1');
      await once(one, 'listening');
    }
    const [open, port] = [server, closed].map((one) => (one.address() as AddressInfo).port);
    if (open === undefined || port === undefined) throw new Error('no ports');
    closed.close();
    const asked: string[] = [];
    const tunnel: Remote['tunnel'] = (to, toPort) => {
      asked.push(`${to}:${toPort}`);
      return Promise.resolve(net.connect(open, '127.0.0.1'));
    };
    try {
      const only = proxy('127.0.0.1');
      const settings = gatewaySettings({ listen: { address, port } });
      const view = viewGateway(inventoryWith(only, [], settings), only, Promise.resolve(remote(tunnel)));
      expect(await view.waitFor({ kind: 'release', id: RELEASE })).toEqual({ ok: true, way: 'tunnel' });
      expect(new Set(asked)).toEqual(new Set([`${expected}:${port}`]));
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

/** A connection to the proxy that can do what a look needs of it. */
function remote(tunnel: Remote['tunnel']): Remote {
  const never = (): never => {
    throw new Error('a look only opens tunnels');
  };
  return { name: 'gateway', run: never, converse: never, follow: never, tunnel, close: () => undefined };
}
