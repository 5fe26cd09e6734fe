import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import type { Inventory } from '../../../src/inventory/types.ts';
import { type CheckContext, check } from '../../../src/operations/check.ts';
import type { CheckRow } from '../../../src/operations/check-rows.ts';
import type { OperationEvent } from '../../../src/report/events.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { inventoryWith, proxy } from '../../unit/gateway/inventories.ts';
import { CLIENT, GATEWAY, PORT, STRANGER, type TestGateway, startGateway } from './gateway.ts';

const PROXY = proxy(GATEWAY);

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

function inventoryOf(names: readonly string[]): Inventory {
  const agents = gateway.agentHosts.filter((agent) => names.includes(agent.name));
  return inventoryWith(PROXY, agents, gateway.settings);
}

/** A connection to the proxy that can do what this operation needs of it; the rest has no place here. */
function remote(tunnel: Remote['tunnel']): Remote {
  const never = (): never => {
    throw new Error('check only opens tunnels');
  };
  return { name: PROXY.name, run: never, converse: never, follow: never, tunnel, close: () => undefined };
}

const refuse = (): Promise<Duplex> => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));

interface Setting {
  readonly agents: readonly string[];
  /** The address that this machine comes from; undefined: the gateway is out of reach. */
  readonly from: string | undefined;
  readonly connect?: () => Promise<Remote>;
}

async function run({ agents, from, connect }: Setting): Promise<{
  way: string;
  rows: readonly CheckRow[];
  events: OperationEvent[];
}> {
  const events: OperationEvent[] = [];
  const context: CheckContext = {
    inventory: inventoryOf(agents),
    roots: [gateway.certificate],
    emit: (event) => events.push(event),
    dialFromHere: () => () => (from === undefined ? refuse() : gateway.dial(from)),
    connect: connect ?? (() => Promise.resolve(remote((host, port) => gateway.network.dial({ host, port })))),
  };
  const [result] = await check(context, [PROXY]);
  if (result === undefined) throw new Error('no result');
  expect(result.url).toBe(`https://${GATEWAY}:${PORT}`);
  return { way: result.way, rows: result.rows, events };
}

const summary = (rows: readonly CheckRow[]): string[] =>
  rows.map((row) => `${row.ok ? '✔' : '✖'} ${row.name}: ${row.detail}`);

/** All is well. */
const GOOD = [
  /^✔ health: release [0-9a-f]{12}, TLSv1\.3$/,
  /^✔ certificate: valid until \S+, \d+ days; for 10\.213\.66\.188; trusted, from CN=gateway$/,
  /^✔ http\/2: 200$/,
  /^✔ agent agent1: 200 from DCV$/,
  /^✔ websocket agent1: open, subprotocol dcv$/,
  /^✔ agent agent2: 200 from DCV$/,
  /^✔ websocket agent2: open, subprotocol dcv$/,
  /^✔ default route: 200 from DCV$/,
  /^✔ forbidden address: 192\.0\.2\.1 refused$/,
].map((pattern) => expect.stringMatching(pattern) as string);

describe('the connection test', () => {
  it('asks directly where it can', async () => {
    const { way, rows, events } = await run({ agents: ['agent1', 'agent2'], from: CLIENT });
    expect(summary(rows)).toEqual(GOOD);
    expect(way).toBe('direct');
    expect(events).toEqual([{ type: 'outcome', host: 'gateway', outcome: 'done', message: '9 of 9' }]);
  });

  it.each([
    [
      'the gateway is out of reach from here',
      undefined,
      /out of reach from here \(connection refused\), fine on the host/,
    ],
    [
      'this machine is not in access.allow',
      STRANGER,
      /is not open to this machine \(gateway\.access\.allow\)/,
    ],
  ])('asks through SSH where %s, and says so', async (_, from, message) => {
    const { way, rows, events } = await run({ agents: ['agent1', 'agent2'], from });
    expect(summary(rows)).toEqual(GOOD);
    expect(way).toBe('tunnel');
    expect(events[0]).toMatchObject({ type: 'note', level: 'warning', host: 'gateway' });
    expect(events[0]).toHaveProperty('message', expect.stringMatching(message));
    expect(events[1]).toMatchObject({ outcome: 'done', message: '9 of 9 (through SSH)' });
  });

  it('fails for a dead agent, says which and how, and tests the others all the same', async () => {
    const { rows, events } = await run({ agents: ['agent1', 'dead', 'silent'], from: CLIENT });
    const failed = rows.filter((row) => !row.ok);
    expect(summary(failed)).toEqual([
      '✖ agent dead: 502: the agent refuses the connection (dcvserver not running?), or its TLS handshake failed',
      '✖ agent silent: 504: the agent does not answer the gateway: it is down, or a firewall drops TCP 8443 between them',
    ]);
    expect(failed.map((row) => row.hint)).toEqual([
      'dcvops service status dead',
      'dcvops service status silent',
    ]);
    expect(rows.filter((row) => row.name.startsWith('websocket')).map((row) => row.name)).toEqual([
      'websocket agent1',
    ]);
    expect(events.at(-1)).toMatchObject({ outcome: 'failed', message: '7 of 9' });
  });

  it('says what both ways met when there is none', async () => {
    const hint = 'dcvops trust gateway';
    const { way, rows, events } = await run({
      agents: ['agent1'],
      from: undefined,
      connect: () => Promise.reject(new DcvopsError('host-key', 'host key unknown; not logged in', { hint })),
    });
    expect(way).toBe('none');
    expect(summary(rows)).toEqual([
      '✖ health: no answer from here (connection refused), nor through SSH (host key unknown; not logged in)',
    ]);
    expect(rows[0]?.hint).toBe(hint);
    expect(events).toEqual([{ type: 'outcome', host: 'gateway', outcome: 'failed', message: '0 of 1' }]);
  });

  it('says that nginx does not answer on the host itself either', async () => {
    const { rows } = await run({
      agents: ['agent1'],
      from: undefined,
      connect: () =>
        Promise.resolve(
          remote(() =>
            Promise.reject(new DcvopsError('failed', 'the host refused to connect to 127.0.0.1:9443')),
          ),
        ),
    });
    expect(rows[0]).toMatchObject({
      detail:
        'no answer from here (connection refused), nor through SSH (the host refused to connect to 127.0.0.1:9443)',
      hint: 'dcvops service status gateway',
    });
  });

  it('shows an address outside of access.allow that cannot use SSH either what it met', async () => {
    const { way, rows } = await run({
      agents: ['agent1'],
      from: STRANGER,
      connect: () => Promise.reject(new DcvopsError('login', 'login refused')),
    });
    expect(way).toBe('direct');
    expect(rows.find((row) => row.name === 'agent agent1')).toMatchObject({
      ok: false,
      hint: 'add your network to gateway.access.allow, then: dcvops deploy',
    });
  });
});
