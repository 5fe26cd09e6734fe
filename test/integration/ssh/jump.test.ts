import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import net from 'node:net';
import type { AgentHost, Host, Inventory, ProxyHost } from '../../../src/inventory/types.ts';
import { connectOrExplain } from '../../../src/operations/explain-no-answer.ts';
import type { Pool, PoolOptions } from '../../../src/ssh/pool.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import type { SshSettings } from '../../../src/ssh/settings.ts';
import type { SshHost } from '../../../src/ssh/target.ts';
import { program, sh } from '../../../src/shell/shell.ts';
import {
  type Sshd,
  type Workshop,
  USER,
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

describe('hosts behind jump hosts', () => {
  let workshop: Workshop;
  let gateway: Sshd;
  let inner: Sshd;
  let agentSshd: Sshd;
  let pool: Pool;

  beforeAll(async () => {
    workshop = createWorkshop();
    workshop.keygen('gateway_key', '-t', 'ed25519');
    gateway = await startSshd(workshop, { authorized: workshop.read('gateway_key.pub') });
    inner = await startSshd(workshop);
    agentSshd = await startSshd(workshop);
    workshop.write('known_hosts', [gateway, inner, agentSshd].map((sshd) => knownLine(sshd)).join(''));
  });

  afterEach(() => {
    pool.close();
  });

  afterAll(async () => {
    for (const sshd of [gateway, inner, agentSshd]) await sshd.stop();
    workshop.remove();
  });

  const host = (name: string, port: number, ssh: Partial<SshSettings> = {}): SshHost =>
    hostAt(name, port, { key: workshop.path('user_key'), knownHosts: workshop.path('known_hosts'), ...ssh });
  const gatewayHost = (ssh: Partial<SshSettings> = {}): SshHost =>
    host('gateway', gateway.port, { key: workshop.path('gateway_key'), ...ssh });
  const open = (hosts: readonly SshHost[], options: Partial<PoolOptions> = {}): Pool => {
    pool = poolFor(workshop, { hosts, ...options });
    return pool;
  };
  /** Which server a login arrived at: sshd tells the client's and its own port. */
  const where = { name: 'where', text: program`echo "$SSH_CONNECTION"` };

  it('goes through one, with a key of its own for each', async () => {
    const agent = host('agent1', agentSshd.port, { jump: 'gateway' });
    const remote = await open([gatewayHost(), agent]).connect(agent);
    expect((await remote.run(where)).stdout.trim().endsWith(` ${agentSshd.port}`)).toBe(true);
    expect(gateway.log()).toMatch(/Accepted publickey/);
  });

  it('goes through two', async () => {
    const second = host('inner', inner.port, { jump: 'gateway' });
    const agent = host('agent1', agentSshd.port, { jump: 'inner' });
    const remote = await open([gatewayHost(), second, agent]).connect(agent);
    expect((await remote.run(where)).stdout.trim().endsWith(` ${agentSshd.port}`)).toBe(true);
    expect(pool.counts().connections).toBe(3);
  });

  it('shares the connection to the jump host among all behind it and with itself', async () => {
    // names of one server: each address is a host of its own
    const agents = ['127.0.0.1', 'localhost'].map((address, index) => ({
      ...host(`agent${index}`, agentSshd.port, {
        jump: 'gateway',
        hostKeys: 'accept-new',
        knownHosts: workshop.path('known_new'),
      }),
      host: address,
    }));
    open([gatewayHost(), ...agents]);
    const remotes = await Promise.all([...agents, gatewayHost()].map((each) => pool.connect(each)));
    for (const remote of remotes) expect((await remote.run(where)).code).toBe(0);
    expect(pool.counts().connections).toBe(3);
  });

  it('names the hop that failed, and what to type for it', async () => {
    const agent = host('agent1', agentSshd.port, { jump: 'gateway' });
    await expect(
      open([gatewayHost({ knownHosts: workshop.write('none', '') }), agent]).connect(agent),
    ).rejects.toMatchObject({
      code: 'host-key',
      host: 'agent1',
      message: `its jump host gateway failed: host key of 127.0.0.1:${gateway.port} unknown; not logged in.`,
      hint: 'dcvops trust gateway',
    });
    pool.close();
    await expect(
      open([gatewayHost({ key: workshop.path('user_key') }), agent]).connect(agent),
    ).rejects.toMatchObject({
      code: 'login',
      host: 'agent1',
      message: text(/^its jump host gateway failed: login at /),
    });
    pool.close();
    const broken = gatewayHost({ key: workshop.path('nowhere') });
    await expect(open([broken, agent]).connect(agent)).rejects.toMatchObject({
      code: 'login',
      host: 'agent1',
      message: text(/^its jump host gateway failed: key file \S+nowhere does not exist$/),
    });
  });

  it('says what the jump host says when it cannot go on', async () => {
    const port = await freePort();
    const agent = host('agent1', port, { jump: 'gateway' });
    await expect(open([gatewayHost(), agent]).connect(agent)).rejects.toMatchObject({
      code: 'unreachable',
      host: 'agent1',
      message: `gateway does not reach 127.0.0.1:${port}: Connection refused`,
    });
  });

  it('says when the jump host lets nobody through', async () => {
    const strict = await startSshd(workshop, { config: ['AllowTcpForwarding no'] });
    const known = workshop.write('known_strict', knownLine(strict) + knownLine(agentSshd));
    const agent = host('agent1', agentSshd.port, { jump: 'strict', knownHosts: known });
    await expect(
      open([host('strict', strict.port, { knownHosts: known }), agent]).connect(agent),
    ).rejects.toMatchObject({
      code: 'unreachable',
      host: 'agent1',
      message: text(/^strict does not let connections through to 127\.0\.0\.1:\d+/),
      hint: 'AllowTcpForwarding and PermitOpen in the sshd_config of strict',
    });
    await strict.stop();
  });

  it('says that the hop is not in the inventory, or that hops go in circles', async () => {
    const lost = host('agent1', agentSshd.port, { jump: 'nobody' });
    await expect(open([lost]).connect(lost)).rejects.toMatchObject({
      code: 'inventory',
      host: 'agent1',
      message: 'its jump host nobody is not in the inventory',
    });
    pool.close();
    const [one, two] = [host('one', 1, { jump: 'two' }), host('two', 2, { jump: 'one' })];
    await expect(open([one, two]).connect(one)).rejects.toMatchObject({
      code: 'usage',
      host: 'one',
      message: text(/circle/),
    });
  });

  it('limits the time of each hop, also behind a jump host', async () => {
    const silent = net.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as net.AddressInfo;
    const agent = host('agent1', port, { jump: 'gateway' });
    const startedAt = performance.now();
    await expect(
      open([gatewayHost(), agent], { connectTimeoutMs: 1_000 }).connect(agent),
    ).rejects.toMatchObject({
      code: 'unreachable',
      host: 'agent1',
      message: text(/^127\.0\.0\.1:\d+ through gateway takes connections but sends no SSH greeting in 1 s/),
    });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    silent.close();
  });

  it('tells a host behind a lost jump host from a quiet one', async () => {
    const agent = host('agent1', agentSshd.port, { jump: 'gateway' });
    open([gatewayHost(), agent]);
    const remote = await pool.connect(agent);
    const jump = await pool.connect(gatewayHost());
    const pid = workshop.path('pid-jump');
    const run = remote.run({ name: 'long', text: sh`echo $$ > ${pid}; sleep 1000` });
    const failed = expect(run).rejects.toMatchObject({ code: 'unreachable', host: 'agent1' });
    await until('the script runs', () => workshop.exists('pid-jump'));
    jump.close();
    await failed;
    await until('the script was ended', () => !isAlive(pid));
    const again = await pool.connect(agent);
    expect((await again.run(where)).code).toBe(0);
  });

  it('notices that the host behind the jump host is gone, though the jump host is fine', async () => {
    const mortal = await startSshd(workshop);
    const known = workshop.write('known_mortal', knownLine(mortal) + knownLine(gateway));
    const agent = host('agent1', mortal.port, { jump: 'gateway', knownHosts: known });
    open([gatewayHost(), agent]);
    const remote = await pool.connect(agent);
    const pid = workshop.path('pid-mortal');
    const find = sh`read -r _ _ _ parent _ < /proc/$PPID/stat; read -r _ _ _ server _ < /proc/$parent/stat; echo $server > ${pid}; sleep 1000`;
    const run = remote.run({ name: 'long', text: find });
    const failed = expect(run).rejects.toMatchObject({ code: 'unreachable', host: 'agent1' });
    await until('the script runs', () => workshop.exists('pid-mortal'));
    process.kill(Number(workshop.read('pid-mortal')), 'SIGKILL');
    await failed;
    await mortal.stop();
  });

  describe('an agent that does not answer from here', () => {
    const cleanUp: (() => unknown)[] = [];
    afterEach(() => {
      for (const clean of cleanUp.splice(0)) clean();
    });
    const proxies = (): ProxyHost[] => [
      { ...gatewayHost(), role: 'proxy', tags: [], position: { file: 'hosts.yaml', line: 3 } },
    ];
    const silentAgent = (port: number, ssh: Partial<SshSettings> = {}): AgentHost => ({
      ...host('agent1', port, ssh),
      ...{
        role: 'agent',
        adHoc: false,
        state: 'in-service',
        access: { allow: 'any', deny: [] },
        tags: [],
        position: { file: 'hosts.yaml', line: 7 },
      },
    });

    /** As commands connect, with the agent's own answer given. */
    async function explained(agent: AgentHost, connectAgent: () => Promise<Remote>): Promise<unknown> {
      const inventory = { proxies: proxies(), file: 'hosts.yaml' } as unknown as Inventory;
      const connect = (to: Host): Promise<Remote> => (to === agent ? connectAgent() : pool.connect(to));
      return connectOrExplain({ ...pool, connect }, inventory, agent).catch((failure: unknown) => failure);
    }

    it('is explained when the proxy reaches it, with the line to write', async () => {
      const agent = silentAgent(await fullBacklog(cleanUp));
      open([...proxies(), agent], { connectTimeoutMs: 400 });
      const error: unknown = await pool.connect(agent).catch((failure: unknown) => failure);
      expect(error).toMatchObject({ message: text(/^no answer from 127\.0\.0\.1:\d+ in 0\.4 s$/) });
      // what is silent to us answers the proxy: a listener with room in its queue takes the address over
      const free = await freePort();
      const answering = net.createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => answering.listen(free, '127.0.0.1', resolve));
      cleanUp.push(() => answering.close());
      expect(await explained(silentAgent(free), () => Promise.reject(error as Error))).toMatchObject({
        code: 'unreachable',
        host: 'agent1',
        message: `no answer from 127.0.0.1:${free} from here; gateway reaches it`,
        hint: 'add  ssh: { jump: gateway }  to agent1 (hosts.yaml:7)',
      });
    });

    it('stays as it is when the proxy does not reach it either, or there was an answer', async () => {
      const agent = silentAgent(await freePort());
      open([...proxies(), agent], { connectTimeoutMs: 400 });
      expect(await explained(agent, () => pool.connect(agent))).toMatchObject({
        message: text(/refuses the connection/),
      });

      const silent = silentAgent(await fullBacklog(cleanUp));
      const unanswered: unknown = await pool.connect(silent).catch((failure: unknown) => failure);
      const closed = silentAgent(await freePort());
      expect(await explained(closed, () => Promise.reject(unanswered as Error))).toBe(unanswered);
    });

    it('is looked at from the proxy while it is waited for, so that it costs its own time and no more', async () => {
      const agent = silentAgent(await fullBacklog(cleanUp));
      open([...proxies(), agent], { connectTimeoutMs: 400 });
      const silence = pool.connect(agent);
      silence.catch(() => undefined);
      let gatewayIsAsked = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        gatewayIsAsked = resolve;
      });
      const connect = (to: Host): Promise<Remote> => {
        // it stays silent until another one was asked about it
        if (to === agent) return asked.then(() => silence);
        gatewayIsAsked();
        return pool.connect(to);
      };
      const inventory = { proxies: proxies(), file: 'hosts.yaml' } as unknown as Inventory;
      await expect(connectOrExplain({ ...pool, connect }, inventory, agent)).rejects.toMatchObject({
        code: 'unreachable',
      });
    });
  });

  describe('as ~/.ssh/config says', () => {
    const config = (content: string): Partial<PoolOptions> => ({
      env: { DCVOPS_SSH_CONFIG: workshop.write('config', content) },
    });
    const bare = (name: string): SshHost => ({
      name: 'agent1',
      host: name,
      ssh: {
        port: undefined,
        user: undefined,
        key: undefined,
        jump: undefined,
        knownHosts: undefined,
        hostKeys: 'strict',
      },
    });

    it('fills in what the inventory leaves out', async () => {
      const options = config(`Host desk
  HostName 127.0.0.1
  Port ${agentSshd.port}
  User ${USER}
  IdentityFile ${workshop.path('user_key')}
  UserKnownHostsFile ${workshop.path('known_hosts')}
`);
      const remote = await open([], options).connect(bare('desk'));
      expect((await remote.run(where)).stdout.trim().endsWith(` ${agentSshd.port}`)).toBe(true);
    });

    it('lets the inventory win', async () => {
      const options = config(`Host *
  Port 1
  User nobody
  IdentityFile ${workshop.path('nowhere')}
  UserKnownHostsFile /nowhere
`);
      const remote = await open([], options).connect(host('agent1', agentSshd.port));
      expect((await remote.run(where)).code).toBe(0);
    });

    it('goes through a ProxyJump of two hops, each with its own settings', async () => {
      const options = config(`Host desk
  ProxyJump ${USER}@first,second
Host first
  HostName 127.0.0.1
  Port ${gateway.port}
  IdentityFile ${workshop.path('gateway_key')}
Host second
  HostName 127.0.0.1
  Port ${inner.port}
Host *
  HostName 127.0.0.1
  Port ${agentSshd.port}
  User ${USER}
  IdentityFile ${workshop.path('user_key')}
  UserKnownHostsFile ${workshop.path('known_hosts')}
`);
      const before = gateway.log().length;
      const remote = await open([], options).connect(bare('desk'));
      expect((await remote.run(where)).stdout.trim().endsWith(` ${agentSshd.port}`)).toBe(true);
      expect(pool.counts().connections).toBe(3);
      expect(gateway.log().length).toBeGreaterThan(before);
    });

    it('names ProxyCommand as what it does not run, where that is why nobody answers', async () => {
      const port = await freePort();
      const options = config(`Host *\n  ProxyCommand nc %h %p\n`);
      await expect(open([], options).connect(host('agent1', port))).rejects.toMatchObject({
        code: 'unreachable',
        hint: text(/ProxyCommand/),
      });
    });

    it('says what ssh says about a broken file', async () => {
      await expect(
        open([], config('Host *\n  Port many\n')).connect(host('agent1', 22)),
      ).rejects.toMatchObject({
        code: 'usage',
        message: text(/^the SSH configuration cannot be read: .*line 2/),
      });
    });
  });
});
