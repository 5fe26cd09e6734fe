import { copyFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { program, sh } from '../../../src/shell/shell.ts';
import { type Relay, startRelay } from './relay.ts';
import {
  type Sshd,
  type Workshop,
  createWorkshop,
  freePort,
  hostAt,
  isAlive,
  knownLine,
  poolFor,
  startSshd,
  until,
  fullBacklog,
} from './sshd.ts';

const text = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('hosts that cannot be reached', () => {
  let workshop: Workshop;
  const cleanUp: (() => unknown)[] = [];

  beforeAll(() => {
    workshop = createWorkshop();
    workshop.keygen('user_key', '-t', 'ed25519');
    workshop.write('known_hosts', '');
  });

  afterEach(async () => {
    for (const clean of cleanUp.splice(0)) await clean();
  });

  afterAll(() => {
    workshop.remove();
  });

  function reach(port: number, timeoutMs = 10_000, address = '127.0.0.1') {
    const pool = poolFor(workshop, { connectTimeoutMs: timeoutMs });
    cleanUp.push(() => {
      pool.close();
    });
    const settings = { key: workshop.path('user_key'), knownHosts: workshop.path('known_hosts') };
    return pool.connect(hostAt('agent1', port, settings, address));
  }

  async function serve(onConnection: (socket: net.Socket) => void): Promise<number> {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as net.AddressInfo).port;
  }

  it('says that nothing listens', async () => {
    const port = await freePort();
    await expect(reach(port)).rejects.toMatchObject({
      code: 'unreachable',
      host: 'agent1',
      message: `127.0.0.1:${port} refuses the connection: no sshd listens there`,
      hint: `check host and ssh.port of agent1 in the inventory (now 127.0.0.1:${port})`,
    });
  });

  it('says that a name has no address', async () => {
    await expect(reach(22, 10_000, 'no-such-host.invalid')).rejects.toMatchObject({
      code: 'unreachable',
      message: text(/^no address is known for no-such-host\.invalid \((ENOTFOUND|EAI_AGAIN)\)$/),
    });
  });

  it('says that nobody answers, after the time it was given', async () => {
    const port = await fullBacklog(cleanUp);
    const startedAt = performance.now();
    await expect(reach(port, 400)).rejects.toMatchObject({
      code: 'unreachable',
      message: `no answer from 127.0.0.1:${port} in 0.4 s`,
      hint: text(/security group.*ssh: \{ jump: … \}/),
    });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('says that sshd hangs after accepting', async () => {
    const port = await serve(() => undefined);
    await expect(reach(port, 300)).rejects.toMatchObject({
      code: 'unreachable',
      message: text(/takes connections but sends no SSH greeting in 0\.3 s: sshd hangs, or something else/),
    });
  });

  it('says that something else answers', async () => {
    const port = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(reach(port)).rejects.toMatchObject({
      code: 'unreachable',
      message: `what answers at 127.0.0.1:${port} is not sshd: "HTTP/1.1 400 Bad Request"`,
    });
  });

  it('does not try again where sshd says that it penalises', async () => {
    let connections = 0;
    const port = await serve((socket) => {
      connections++;
      socket.end('Not allowed at this time\r\n');
    });
    await expect(reach(port)).rejects.toMatchObject({ message: text(/PerSourcePenalties/) });
    expect(connections).toBe(1);
  });

  it('tries again where connections are dropped before the greeting, and gives up in time', async () => {
    let connections = 0;
    const port = await serve((socket) => {
      connections++;
      socket.destroy();
    });
    const startedAt = performance.now();
    await expect(reach(port, 1_500)).rejects.toMatchObject({
      code: 'unreachable',
      message: text(/closes connections before greeting: too many logins at once \(MaxStartups\), or a ban$/),
    });
    expect(connections).toBeGreaterThan(2);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('says that a server which only speaks post-quantum key exchange cannot be used', async () => {
    const sshd = await startSshd(workshop, { config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    cleanUp.push(sshd.stop);
    await expect(reach(sshd.port)).rejects.toMatchObject({
      code: 'unreachable',
      message: text(/no key exchange in common.*post-quantum/),
      hint: text(/curve25519-sha256/),
    });
  });

  it('says that a host stopped in the middle of the key exchange', async () => {
    const sshd = await startSshd(workshop);
    const relay = await startRelay(sshd.port);
    cleanUp.push(relay.close, sshd.stop);
    relay.silentAfter(200);
    await expect(reach(relay.port, 700)).rejects.toMatchObject({
      code: 'unreachable',
      message: text(/did not finish the key exchange in 0\.7 s$/),
    });
  });

  it('stops connecting when the run ends', async () => {
    const port = await serve(() => undefined);
    const pool = poolFor(workshop);
    const connecting = pool.connect(
      hostAt('agent1', port, { key: workshop.path('user_key'), knownHosts: workshop.path('known_hosts') }),
    );
    const failed = expect(connecting).rejects.toMatchObject({ code: 'interrupted' });
    pool.close();
    await failed;
  });
});

describe('many hosts at once', () => {
  it('keeps below the number of logins at which sshd drops connections', async () => {
    const workshop = createWorkshop();
    const sshd = await startSshd(workshop);
    const knownHosts = workshop.write('known_hosts', knownLine(sshd));
    // a key file of its own makes each a login of its own
    const hosts = Array.from({ length: 60 }, (_, index) => {
      copyFileSync(workshop.path('user_key'), workshop.path(`key-${index}`));
      return hostAt(`agent${index}`, sshd.port, { key: workshop.path(`key-${index}`), knownHosts });
    });
    const pool = poolFor(workshop);
    try {
      const remotes = await Promise.all(hosts.map((host) => pool.connect(host)));
      const results = await Promise.all(
        remotes.map((remote) => remote.run({ name: 'x', text: program`echo yes` })),
      );
      expect(results.map(({ stdout }) => stdout)).toEqual(hosts.map(() => 'yes\n'));
      expect(pool.counts().connections).toBe(60);
      expect(sshd.log()).not.toMatch(/drop connection|MaxStartups/);
    } finally {
      pool.close();
      await sshd.stop();
      workshop.remove();
    }
  });

  it('gets through an sshd that drops most of what comes at once, without a login too many', async () => {
    const workshop = createWorkshop();
    const addresses = Array.from({ length: 15 }, (_, index) => `127.0.0.${index + 10}`);
    const sshd = await startSshd(workshop, { addresses, config: ['MaxStartups 2:100:2'] });
    const knownHosts = workshop.write('known_hosts', `* ${sshd.hostKey('ed25519')}\n`);
    const pool = poolFor(workshop, { connectTimeoutMs: 30_000 });
    try {
      const settings = { key: workshop.path('user_key'), knownHosts };
      await Promise.all(
        addresses.map((address, index) =>
          pool.connect(hostAt(`agent${index}`, sshd.port, settings, address)),
        ),
      );
      expect(sshd.log()).toMatch(/drop connection/);
      expect(sshd.log().split('Accepted publickey').length - 1).toBe(addresses.length);
    } finally {
      pool.close();
      await sshd.stop();
      workshop.remove();
    }
  });
});

describe('connections that die', () => {
  let workshop: Workshop;
  let sshd: Sshd;
  let relay: Relay;

  beforeAll(async () => {
    workshop = createWorkshop();
    sshd = await startSshd(workshop);
    workshop.write('known_hosts', `* ${sshd.hostKey('ed25519')}\n`);
  });

  afterEach(async () => {
    await relay.close();
  });

  afterAll(async () => {
    await sshd.stop();
    workshop.remove();
  });

  async function connected(keepaliveMs = 10_000) {
    relay = await startRelay(sshd.port);
    const pool = poolFor(workshop, { keepaliveMs });
    const settings = { key: workshop.path('user_key'), knownHosts: workshop.path('known_hosts') };
    const remote = await pool.connect(hostAt('agent1', relay.port, settings));
    return { pool, remote };
  }

  it('notices a network that went silent, and says so', async () => {
    const { pool, remote } = await connected(100);
    const run = remote.run({ name: 'long', text: program`sleep 1000` });
    const failed = expect(run).rejects.toMatchObject({
      code: 'unreachable',
      host: 'agent1',
      message: `connection to 127.0.0.1:${relay.port} lost: no sign of life from the host for 0.3 s`,
    });
    relay.goSilent();
    await failed;
    pool.close();
  });

  it('does not take a long silent command for a dead connection', async () => {
    const { pool, remote } = await connected(50);
    expect(await remote.run({ name: 'quiet', text: program`sleep 1; echo done` })).toMatchObject({
      stdout: 'done\n',
    });
    pool.close();
  });

  it('reads a command whole whose start, output and end come in one piece', async () => {
    const { pool, remote } = await connected();
    relay.batch(60);
    expect(await remote.run({ name: 'short', text: program`echo out; echo err >&2; exit 3` })).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await remote.run({ name: 'silent', text: program`:` })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    const talk = await remote.converse({ name: 'short', text: program`echo out; echo err >&2; exit 3` });
    const chunks: Uint8Array[] = [];
    for await (const chunk of talk.stdout) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('out\n');
    expect(await talk.finished).toEqual({ code: 3, stderr: 'err\n' });
    pool.close();
  });

  it('survives a reset, while a script runs and while none does', async () => {
    const { pool, remote } = await connected();
    const pid = workshop.path('pid-reset');
    const run = remote.run({ name: 'long', text: sh`echo $$ > ${pid}; sleep 1000` });
    const failed = expect(run).rejects.toMatchObject({ code: 'unreachable' });
    await until('the script runs', () => workshop.exists('pid-reset'));
    relay.reset();
    await failed;
    await until('the script was ended on the host', () => !isAlive(pid));
    await expect(remote.run({ name: 'late', text: program`:` })).rejects.toMatchObject({
      code: 'unreachable',
    });
    pool.close();
    await relay.close();

    const idle = await connected();
    relay.reset();
    await until('the loss was noticed', () => relay.connections() === 1);
    await expect(idle.remote.run({ name: 'late', text: program`:` })).rejects.toMatchObject({
      code: 'unreachable',
    });
    idle.pool.close();
  });
});
