import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import { createProxyHealth } from '../../../src/operations/health/proxy-health.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { agent, gatewaySettings, inventoryWith, proxy } from '../../unit/gateway/inventories.ts';
import { makeCertificate } from './nginx.ts';
import { type RecordingAgent, startRecordingAgent } from './recording-agent.ts';

const PROXY = proxy();
/** Both are behind the same server; the second one always has a session, so that the first is not the last one left. */
const [ASKED, OTHER] = [agent('asked', '10.150.248.1'), agent('other', '10.150.248.2')] as const;

let folder: string;
let dcv: RecordingAgent;
let server: net.Server;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'dcvops-health-'));
  const files = makeCertificate(folder, 'agent', 'DNS:agent');
  dcv = startRecordingAgent('agent', {
    cert: readFileSync(files.certificate),
    key: readFileSync(files.key),
  });
  server = net.createServer((socket) => {
    dcv.accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  dcv.close();
  server.close();
  rmSync(folder, { recursive: true });
});

type Told = Readonly<Record<string, string>>;

/** A host that tells the same to every script, and reaches the agents. */
function host(name: string, run: () => Told): Remote & { readonly ordered: string[] } {
  const ordered: string[] = [];
  const never = (): never => {
    throw new Error('not expected');
  };
  return {
    name,
    ordered,
    run(script, { stdin = '' } = {}) {
      if (script.args?.[2] === 'ordered') ordered.push(String(stdin).trim());
      const records = Object.entries(run()).map(([key, value]) => `${key}\n|${value}\n.\n`);
      return Promise.resolve({ code: 0, stdout: records.join(''), stderr: '' });
    },
    tunnel: () => Promise.resolve(net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')),
    converse: never,
    follow: never,
    close: () => undefined,
  };
}

const SESSION = '[{"id": "desktop-session", "owner": "ec2-user"}]';
const MARKED = 'asked 10.150.248.1 down';

/** What the proxy is ordered when the asked agent tells this, and why. */
async function judge(
  needsSession: boolean,
  ofAsked: () => Told,
  before = '',
): Promise<{ ordered: string[]; reasons: string[]; logins: string[] }> {
  const gateway = host(PROXY.name, () => ({
    before,
    after: before,
    now: '2026-01-01T12:00:00Z',
    reloaded: '',
  }));
  const logins: string[] = [];
  const health = createProxyHealth(
    {
      inventory: inventoryWith(PROXY, [ASKED, OTHER], gatewaySettings()),
      connect({ name }) {
        if (name === PROXY.name) return Promise.resolve(gateway);
        logins.push(name);
        return Promise.resolve(
          host(name, name === ASKED.name ? ofAsked : () => ({ version: '', sessions: SESSION })),
        );
      },
      emit: () => undefined,
      tell: () => undefined,
      who: 'anna@laptop',
      signal: new AbortController().signal,
      concurrency: 8,
    },
    PROXY,
    { downAfter: 1, upAfter: 1, needsSession, dryRun: false, now: false },
  );
  await health.look();
  const { agents } = await health.mark();
  return {
    ordered: gateway.ordered.map((line) => line.replace(/^dcv_\S+ (\S+) keep (\w+)$/, 'asked $1 $2')),
    reasons: agents.map(({ reason }) => reason),
    logins,
  };
}

function unreachable(): Told {
  throw new DcvopsError('unreachable', 'no answer from 10.150.248.1:22 in 10 s');
}

// Somebody led to an agent without a session sees "No session available"; an agent must not be taken out for its SSH.
it.each<[string, () => Told, string, string[], string[]]>([
  ['has a session', () => ({ version: '', sessions: SESSION }), '', [], []],
  ['has none', () => ({ version: '', sessions: '[]' }), '', [MARKED], ['no session']],
  ['has none, and is marked', () => ({ version: '', sessions: '[]' }), 'dcv_10_150_248_1 down', [], []],
  [
    'has one again',
    () => ({ version: '', sessions: SESSION }),
    'dcv_10_150_248_1 down',
    ['asked 10.150.248.1 up'],
    ['1 session'],
  ],
  ['has a dcv that does not tell', () => ({ version: '', silence: 'no answer', unit: '' }), '', [], []],
  [
    'has one that does not tell, and is marked',
    () => ({ version: '', silence: 'no answer', unit: '' }),
    'dcv_10_150_248_1 down',
    [],
    [],
  ],
  ['cannot be logged in to', unreachable, '', [], []],
])('an agent that %s, when it needs a session', async (_, ofAsked, before, ordered, reasons) => {
  expect(await judge(true, ofAsked, before)).toEqual({ ordered, reasons, logins: ['asked', 'other'] });
});

it('an agent is not logged in to where an answer is enough', async () => {
  expect(await judge(false, unreachable)).toEqual({ ordered: [], reasons: [], logins: [] });
});
