import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import pLimit from 'p-limit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hashPassword } from '../../../src/gateway/sha512-crypt.ts';
import { GATEWAY_DIRECTORY } from '../../../src/gateway/state.ts';
import type { Inventory } from '../../../src/inventory/types.ts';
import { check } from '../../../src/operations/check.ts';
import { describeAgents, viewGateway, worseThan } from '../../../src/operations/gateway/view.ts';
import type { OperationEvent } from '../../../src/report/events.ts';
import { Secret } from '../../../src/shell/secret.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { inventoryWith, proxy } from '../../unit/gateway/inventories.ts';
import {
  AUTHORITY,
  GATEWAY,
  PORT,
  type Protocol,
  STRANGER,
  type TestGateway,
  ask,
  startGateway,
} from './gateway.ts';
import { waitFor } from './nginx.ts';
import { changeUsersHere, placesBelow } from './users-on-host.ts';

const PATH = '/10.150.248.180/x';
const PASSWORD = 'correct horse battery';
const COOKIE = '__Host-dcv_gateway';
const PROTOCOLS: readonly Protocol[] = ['http/1.1', 'h2'];

const basic = (name: string, password: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});
const ANNA = basic('anna', PASSWORD);

let gateway: TestGateway;
let usersText: string;
beforeAll(async () => {
  gateway = await startGateway({ access: { basic: true }, portal: true });
  usersText = `anna:${hashPassword(new Secret(PASSWORD))}\n`;
  setUsers(usersText);
  await gateway.reload();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.received();
});

/** As the commands do; another build of nginx has workers of another group than the system's own. */
function setUsers(text: string, endsLogins = false): void {
  changeUsersHere(placesBelow(gateway.own), text, { endsLogins });
  if (text !== '') chmodSync(`${gateway.own}/state/users`, 0o644);
}

function secret(): string {
  return /[0-9a-f]{64}/.exec(readFileSync(`${gateway.own}/state/login/accept.map`, 'utf8'))?.[0] ?? '';
}

const cookie = (value = secret()): string => `${COOKIE}=${value}`;

/** The Cookie header that the agent got; undefined: none. */
function cookiesOfAgent(): string | undefined {
  const bytes = gateway.received()['agent1'] ?? '';
  expect(bytes).toContain('GET /x HTTP/1.1');
  return /^Cookie: (.*)$/im.exec(bytes)?.[1]?.trimEnd();
}

/** Opens a WebSocket as a native client does; resolves with the status for one that is refused. */
async function openWebSocket(headers: Record<string, string>): Promise<WebSocket | number> {
  const socket = await gateway.connect();
  const webSocket = new WebSocket(`wss://${AUTHORITY}/10.150.248.180/auth`, ['dcv'], {
    createConnection: () => socket,
    headers,
  });
  return new Promise((resolve, reject) => {
    webSocket.once('open', () => {
      resolve(webSocket);
    });
    webSocket.once('unexpected-response', (_, response) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    webSocket.once('error', reject);
  });
}

describe.each(PROTOCOLS)('the login over %s', (protocol) => {
  it.each([
    ['nobody', {}],
    ['a wrong password', basic('anna', 'wrong')],
    ['an unknown name', basic('bob', PASSWORD)],
    ['an empty password', basic('anna', '')],
    ['half a header', { Authorization: 'Basic' }],
    ['a made-up cookie', { Cookie: `${COOKIE}=${'0'.repeat(64)}` }],
    ['an empty cookie', { Cookie: `${COOKIE}=` }],
  ])('refuses %s, asks for a password, gives no cookie and bothers no agent', async (_, headers) => {
    const { status, headers: answered, body } = await ask(gateway, PATH, { headers, protocol });
    expect(status).toBe(401);
    expect(answered['www-authenticate']).toBe('Basic realm="DCV gateway"');
    expect(answered['set-cookie']).toBeUndefined();
    expect(body).toContain('"reason":"name and password are missing or wrong"');
    expect(gateway.received()).toEqual({});
  });

  it('answers a browser with a page, and still asks', async () => {
    const page = await ask(gateway, PATH, { headers: { Accept: 'text/html' }, protocol });
    expect(page.status).toBe(401);
    expect(page.headers['www-authenticate']).toBe('Basic realm="DCV gateway"');
    expect(page.body).toContain('<h1>Please log in</h1>');
  });

  it.each([
    ['an agent’s answer', PATH, 200],
    ['a redirect to the slash', '/10.150.248.180?x', 308],
    ['a redirect from a name', '/agent1', 302],
    ['the portal', '/portal/', 200],
    ['a redirect to the portal', '/portal', 302],
  ])('gives the cookie with %s', async (_, target, status) => {
    const response = await ask(gateway, target, { headers: ANNA, protocol });
    expect(response.status).toBe(status);
    expect([response.headers['set-cookie']].flat()).toEqual([
      `${cookie()}; Path=/; Secure; HttpOnly; SameSite=Lax`,
    ]);
  });

  it('gives it with no error, also of who logged in', async () => {
    const response = await ask(gateway, '/192.0.2.1/', { headers: ANNA, protocol });
    expect(response.status).toBe(403);
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  // Whoever has the cookie may name any user: nobody has checked the password then.
  it('takes the cookie in place of a password, and gives it no second time', async () => {
    const headers = { ...basic('root', 'wrong'), Cookie: cookie() };
    const response = await ask(gateway, PATH, { headers, protocol });
    expect(response.status).toBe(200);
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  it('keeps name and password from agents', async () => {
    await ask(gateway, PATH, { headers: { ...ANNA, Cookie: 'a=b' }, protocol });
    const bytes = gateway.received()['agent1'] ?? '';
    expect(bytes).toMatch(/^Cookie: a=b\r$/m);
    expect(bytes).not.toMatch(/authorization/i);
  });

  // C stands for the login's cookie. What agents see of all others must not change by a byte.
  it.each([
    ['C', undefined],
    ['C; a=b', 'a=b'],
    ['C;a=b', 'a=b'],
    ['a=b; C', 'a=b'],
    ['a=b; C; c=d', 'a=b; c=d'],
    ['a=b;C;c="x, y" ;  d=%3B', 'a=b;c="x, y" ;  d=%3B'],
    ['C; C', undefined],
    ['a=b; C; c=d; C', 'a=b; c=d'],
    ['C; C; C; a=b', 'a=b'],
    ['a=C; b=xC; C', 'a=C; b=xC'],
    ['xC; C', 'xC'],
    // more than any browser sends: none of them
    ['C; C; C; C; a=b', undefined],
  ])('of the cookies %s agents get %s', async (sent, passedOn) => {
    const headers = { ...ANNA, Cookie: sent.replaceAll('C', cookie()) };
    expect((await ask(gateway, PATH, { headers, protocol })).status).toBe(200);
    expect(cookiesOfAgent()).toBe(passedOn?.replaceAll('C', cookie()));
  });

  it('keeps an old secret from agents as well', async () => {
    const old = cookie('f'.repeat(64));
    await ask(gateway, PATH, { headers: { ...ANNA, Cookie: `${old}; a=b; ${COOKIE}=; c=d` }, protocol });
    expect(cookiesOfAgent()).toBe('a=b; c=d');
  });
});

it('lets nobody in whose address may not connect, whatever the password', async () => {
  const { status, body } = await ask(gateway, PATH, { headers: ANNA, from: STRANGER });
  expect(status).toBe(403);
  expect(body).toContain('this gateway is not open to your address"');
});

it('leaves /health open: it tells which release answers', async () => {
  const { status, headers } = await ask(gateway, '/health', { headers: ANNA });
  expect(status).toBe(200);
  expect(headers['set-cookie']).toBeUndefined();
});

it('writes neither passwords nor cookies into the access log', async () => {
  await ask(gateway, PATH, { headers: { ...ANNA, Cookie: cookie() } });
  await waitFor('the request is logged', () => gateway.accessLog().includes('"user":"anna"'));
  expect(gateway.accessLog()).not.toContain(secret());
  expect(gateway.accessLog()).not.toContain(ANNA['Authorization']?.replace('Basic ', ''));
});

// In a file of its own, somebody may have told nginx that the address or the password is enough.
it('asks for the password beside the right address, whatever the host’s nginx.conf has as its rule', async () => {
  const lax = await startGateway({ access: { basic: true } }, [], (config) => `satisfy any;\n${config}`);
  try {
    expect((await ask(lax, PATH)).status).toBe(401);
    expect((await ask(lax, PATH, { headers: ANNA, from: STRANGER })).status).toBe(403);
    expect(lax.received()).toEqual({});
  } finally {
    await lax.stop();
  }
});

// Browsers send the cookie until they are closed: an agent could use it as soon as the login is on again.
it('keeps the cookie from agents also while the login is off', async () => {
  const open = await startGateway();
  try {
    for (const protocol of PROTOCOLS) {
      const headers = { Cookie: `a=b; ${cookie()}; c=d` };
      expect((await ask(open, PATH, { headers, protocol })).status).toBe(200);
      const received = open.received()['agent1'] ?? '';
      expect(received).toMatch(/^Cookie: a=b; c=d\r$/m);
      expect(received).not.toContain(COOKIE);
    }
  } finally {
    await open.stop();
  }
});

describe('passwords that come one after another', () => {
  /** The statuses of so many requests at once, by how often each came. */
  async function statuses(headers: Record<string, string>, count: number): Promise<Record<string, number>> {
    const atATime = pLimit(20);
    const answers = await Promise.all(
      Array.from({ length: count }, () => atATime(() => ask(guarded, PATH, { headers }))),
    );
    return answers.reduce<Record<string, number>>(
      (counts, { status }) => ({ ...counts, [status]: (counts[status] ?? 0) + 1 }),
      {},
    );
  }

  let guarded: TestGateway;
  beforeEach(async () => {
    guarded = await startGateway({ access: { basic: true } });
    changeUsersHere(placesBelow(guarded.own), usersText, { endsLogins: false });
    chmodSync(`${guarded.own}/state/users`, 0o644);
    await guarded.reload();
  });
  afterEach(() => guarded.stop());

  it('are let through for 50 people behind one address, each with a few before the cookie is there', async () => {
    expect(await statuses(ANNA, 50 * 4)).toEqual({ 200: 200 });
  });

  it('are refused when there are more, and nobody who is logged in or brings none is', async () => {
    const guesses = await statuses(basic('anna', 'wrong'), 600);
    expect(guesses[401]).toBeGreaterThanOrEqual(250);
    expect(guesses[429]).toBeGreaterThan(0);
    expect((guesses[401] ?? 0) + (guesses[429] ?? 0)).toBe(600);
    const own = /[0-9a-f]{64}/.exec(readFileSync(`${guarded.own}/state/login/accept.map`, 'utf8'))?.[0];
    expect(await statuses({ ...ANNA, Cookie: cookie(own) }, 20)).toEqual({ 200: 20 });
    expect(await statuses({}, 20)).toEqual({ 401: 20 });
  });
});

describe('a change of users', () => {
  // Native clients have nothing but the cookie, and a desktop in use must not be cut.
  it('ends logins of before with the secret, and no open desktop', async () => {
    expect(await openWebSocket({})).toBe(401);
    const before = cookie();
    const desktop = await openWebSocket({ Cookie: before });
    if (typeof desktop === 'number') throw new Error(`refused: ${desktop}`);

    setUsers(`${usersText}bob:${hashPassword(new Secret('another password'))}\n`);
    expect((await ask(gateway, PATH, { headers: basic('bob', 'another password') })).status).toBe(200);
    setUsers(usersText, true);
    expect((await ask(gateway, PATH, { headers: basic('bob', 'another password') })).status).toBe(401);
    await gateway.reload();
    await waitFor('the old cookie is refused', async () => {
      const { status } = await ask(gateway, PATH, { headers: { Cookie: before } });
      return status === 401;
    });
    expect((await ask(gateway, PATH, { headers: { Cookie: cookie() } })).status).toBe(200);

    const echoed = new Promise((resolve) => desktop.once('message', resolve));
    desktop.send('still there');
    expect(String(await echoed)).toBe('still there');
    desktop.close();
    await once(desktop, 'close');
  });

  it('that leaves nobody lets nobody in, and says what to type', async () => {
    setUsers('', false);
    const asked = await ask(gateway, PATH);
    expect(asked.status).toBe(401);
    expect(asked.body).toContain(
      'nobody can log in yet; the operator adds users with: dcvops access user add NAME',
    );
    const refused = await ask(gateway, PATH, { headers: ANNA });
    expect(refused.status).toBe(403);
    expect(refused.body).toContain('or has no users yet (dcvops access user add NAME)');
    const japanese = { Accept: 'text/html', 'Accept-Language': 'ja' };
    expect(
      Buffer.from((await ask(gateway, PATH, { headers: japanese })).body, 'latin1').toString(),
    ).toContain('ユーザーがまだ登録されていません');
    expect(gateway.received()).toEqual({});
    setUsers(usersText);
  });
});

// Without this, the gateway would close its door to those who run it, and every deploy would undo itself.
describe('who runs the gateway', () => {
  const issuing = (): Promise<Remote> => {
    const never = (): never => {
      throw new Error('only the cookie is read, and tunnels are opened');
    };
    return Promise.resolve({
      name: 'gateway',
      converse: never,
      follow: never,
      close: () => undefined,
      run: ({ text, args = [] }) => {
        const here = args.map((arg) => arg.replace(GATEWAY_DIRECTORY, gateway.own));
        const stdout = execFileSync('sh', ['-c', String(text), 'sh', ...here], { encoding: 'utf8' });
        return Promise.resolve({ code: 0, stdout, stderr: '' });
      },
      tunnel: (host, port) => gateway.network.dial({ host, port }),
    } satisfies Remote);
  };
  const inventory = (): Inventory =>
    inventoryWith(
      proxy(GATEWAY),
      gateway.agentHosts.filter(({ name }) => name === 'agent1'),
      gateway.settings,
    );

  it('tests the way to desktops through SSH, with the proxy’s own cookie', async () => {
    const events: OperationEvent[] = [];
    const [result] = await check(
      {
        inventory: inventory(),
        roots: [gateway.certificate],
        emit: (event) => events.push(event),
        dialFromHere: () => () => gateway.dial(),
        connect: issuing,
      },
      [proxy(GATEWAY)],
    );
    expect(result?.way).toBe('tunnel');
    expect(result?.rows.filter((row) => !row.ok)).toEqual([]);
    expect(events[0]).toMatchObject({
      level: 'info',
      message: `${GATEWAY}:${PORT} asks for a login; asked through SSH, with the proxy’s own`,
    });
    expect(JSON.stringify([result, events])).not.toContain(secret());
  });

  it('sees each agent behind the login during a deploy', async () => {
    const view = viewGateway(inventory(), proxy('127.0.0.1'), issuing());
    // nothing listens there: as from a machine that is out of reach
    await view.look();
    expect(await view.lookAtAgents()).toMatchObject([{ alive: true, webSocket: true, asksLogin: false }]);
  });

  it('is not told that a deploy made agents worse, where it is the login that stands before them', () => {
    const agent = gateway.agentHosts[0];
    if (agent === undefined) throw new Error('no agent');
    const open = { agent, status: 200, alive: true, webSocket: true, refusedHere: false, asksLogin: false };
    const shut = { ...open, status: 401, alive: false, webSocket: false, asksLogin: true };
    expect(worseThan([open], [shut])).toEqual([]);
    expect(worseThan([open], [{ ...shut, asksLogin: false }])).toHaveLength(1);
    expect(describeAgents([open], [shut])).toBe('agent1 not looked at (the gateway asks for a login)');
  });
});
