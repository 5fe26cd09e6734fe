import net from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Obstacle } from '../../../src/doctor/facts/path.ts';
import { probePath } from '../../../src/gateway/probe.ts';
import { obstacleOf } from '../../../src/operations/doctor/obstacle.ts';
import type { Pool } from '../../../src/ssh/pool.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import {
  type Sshd,
  type Workshop,
  createWorkshop,
  freePort,
  fullBacklog,
  hostAt,
  knownLine,
  poolFor,
  startSshd,
} from '../ssh/sshd.ts';

let workshop: Workshop;
let servers: Sshd[];
let pool: Pool;
let open: Remote;
let closed: Remote;
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  workshop = createWorkshop();
  const [forwards, forbids] = [
    await startSshd(workshop),
    await startSshd(workshop, { config: ['AllowTcpForwarding no'] }),
  ];
  servers = [forwards, forbids];
  const knownHosts = workshop.write('known_hosts', servers.map((sshd) => knownLine(sshd)).join(''));
  pool = poolFor(workshop);
  const login = (sshd: Sshd): Promise<Remote> =>
    pool.connect(hostAt('gateway', sshd.port, { key: workshop.path('user_key'), knownHosts }));
  open = await login(forwards);
  closed = await login(forbids);
});
afterAll(async () => {
  for (const clean of cleanUp) clean();
  pool.close();
  for (const sshd of servers) await sshd.stop();
  workshop.remove();
});

async function listen(answer: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer(answer);
  cleanUp.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

// The words are those of the sshd that is installed: a change in them would turn every firewall into "other".
it.each<[string, () => Remote, () => Promise<{ address: string; port: number }>, Obstacle]>([
  ['nothing listens', () => open, async () => ({ address: '127.0.0.1', port: await freePort() }), 'refused'],
  [
    'packets are lost',
    () => open,
    async () => ({ address: '127.0.0.1', port: await fullBacklog(cleanUp) }),
    'filtered',
  ],
  [
    'the name is unknown on the host',
    () => open,
    () => Promise.resolve({ address: 'no-such-host.invalid', port: 8443 }),
    'dns',
  ],
  [
    'something else than TLS answers',
    () => open,
    async () => ({
      address: '127.0.0.1',
      port: await listen((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
    }),
    'tls',
  ],
  [
    'sshd forbids to ask',
    () => closed,
    () => Promise.resolve({ address: '127.0.0.1', port: 8443 }),
    'not-allowed',
  ],
])('through a real sshd, %s', async (_, remote, target, expected) => {
  const { address, port } = await target();
  const answer = await probePath(
    { url: 'https://127.0.0.1:8443', dial: () => remote().tunnel(address, port), timeoutMs: 1_000 },
    '/version',
  );
  expect(answer.answered).toBe(false);
  if (!answer.answered) expect(obstacleOf(answer)).toBe(expected);
});
