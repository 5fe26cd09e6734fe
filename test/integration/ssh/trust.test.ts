import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentHost } from '../../../src/inventory/types.ts';
import { type Proposal, trustHosts } from '../../../src/operations/trust.ts';
import type { OperationEvent, OutcomeEvent } from '../../../src/report/events.ts';
import type { SshSettings } from '../../../src/ssh/settings.ts';
import { hashedKnownHostsLine } from './known-hosts-helper.ts';
import {
  type Sshd,
  type Workshop,
  createWorkshop,
  freePort,
  hostAt,
  knownLine,
  poolFor,
  startSshd,
} from './sshd.ts';
import type { Pool, PoolOptions } from '../../../src/ssh/pool.ts';

describe('dcvops trust', () => {
  let workshop: Workshop;
  let gateway: Sshd;
  let agent: Sshd;
  let stranger: Sshd;
  let file: string;
  let pool: Pool;
  let round = 0;

  beforeAll(async () => {
    workshop = createWorkshop();
    gateway = await startSshd(workshop, { hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
    agent = await startSshd(workshop, { hostKeys: ['ed25519', 'rsa'] });
    stranger = await startSshd(workshop, { hostKeys: ['ed25519'] });
  });

  beforeEach(() => {
    file = workshop.path(`trust-${++round}/known_hosts`);
  });

  afterEach(() => {
    pool.close();
  });

  afterAll(async () => {
    for (const sshd of [gateway, agent, stranger]) await sshd.stop();
    workshop.remove();
  });

  const host = (name: string, port: number, ssh: Partial<SshSettings> = {}): AgentHost => ({
    ...hostAt(name, port, { key: workshop.path('user_key'), knownHosts: file, ...ssh }),
    role: 'agent',
    adHoc: false,
    state: 'in-service',
    access: { allow: 'any', deny: [] },
    tags: [],
    position: { file: 'hosts.yaml', line: 1 },
  });
  const theGateway = (): AgentHost => host('gateway', gateway.port);
  const behindIt = (name = 'agent1'): AgentHost => host(name, agent.port, { jump: 'gateway' });

  async function trust(
    hosts: readonly AgentHost[],
    options: {
      answer?: boolean;
      replace?: boolean;
      fingerprints?: string[];
      all?: readonly AgentHost[];
    } & Partial<PoolOptions> = {},
  ) {
    const { answer = true, replace = false, fingerprints = [], all = hosts, ...poolOptions } = options;
    pool = poolFor(workshop, { hosts: all, ...poolOptions });
    const events: OperationEvent[] = [];
    const asked: (readonly Proposal[])[] = [];
    await trustHosts(
      {
        route: pool.route,
        hostKeys: pool.hostKeys,
        emit: (event) => events.push(event),
        concurrency: 8,
        confirm(proposals) {
          asked.push(proposals);
          return Promise.resolve(answer);
        },
      },
      hosts,
      { replace, fingerprints },
    );
    const outcomes = events.filter((event): event is OutcomeEvent => event.type === 'outcome');
    return { asked, outcomes: Object.fromEntries(outcomes.map((event) => [event.host, event])) };
  }

  /** Type and key, without the comment that ssh-keygen leaves in its file. */
  const keyOf = (sshd: Sshd, type: 'ed25519' | 'ecdsa' | 'rsa'): string =>
    sshd.hostKey(type).split(' ').slice(0, 2).join(' ');
  const lineOf = (sshd: Sshd, type: 'ed25519' | 'ecdsa' | 'rsa'): string =>
    `[127.0.0.1]:${sshd.port} ${keyOf(sshd, type)}`;
  const lines = (): string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');

  it('shows every key that the host has and writes them after a yes; then one can log in', async () => {
    const { asked, outcomes } = await trust([theGateway()]);
    expect(asked).toEqual([
      [
        {
          host: 'gateway',
          address: `127.0.0.1:${gateway.port}`,
          keys: ['ed25519', 'ecdsa', 'rsa'].map((type) => ({
            type,
            fingerprint: expect.stringMatching(/^SHA256:\S{43}$/) as string,
          })),
          replaces: [],
        },
      ],
    ]);
    expect(lines()).toEqual([lineOf(gateway, 'ed25519'), lineOf(gateway, 'ecdsa'), lineOf(gateway, 'rsa')]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(outcomes['gateway']).toMatchObject({ outcome: 'done', message: 'trusted' });
    expect((await pool.connect(theGateway())).name).toBe('gateway');
  });

  it('shows the fingerprints that ssh-keygen shows on the host', async () => {
    const { asked } = await trust([host('stranger', stranger.port)], { answer: false });
    const onTheHost = execFileSync('ssh-keygen', ['-lf', `${stranger.dir}/host_ed25519.pub`], {
      encoding: 'utf8',
    });
    expect(asked[0]?.[0]?.keys[0]?.fingerprint).toBe(onTheHost.split(' ')[1]);
  });

  it('writes nothing after a no', async () => {
    const { outcomes } = await trust([theGateway()], { answer: false });
    expect(existsSync(file)).toBe(false);
    expect(outcomes['gateway']).toMatchObject({
      outcome: 'not-started',
      message: 'not trusted; nothing was written',
    });
  });

  it('logs in nowhere to look at a key', async () => {
    const before = stranger.log().split('Accepted').length;
    await trust([host('stranger', stranger.port)]);
    expect(stranger.log().split('Accepted').length).toBe(before);
    expect(stranger.log()).not.toMatch(/Failed publickey/);
  });

  it('goes through the jump host: first its key, then those behind it', async () => {
    const { asked, outcomes } = await trust([theGateway(), behindIt('agent1')]);
    expect(asked.map((proposals) => proposals.map(({ host: name }) => name))).toEqual([
      ['gateway'],
      ['agent1'],
    ]);
    expect(lines()).toContain(lineOf(agent, 'ed25519'));
    expect([outcomes['gateway']?.outcome, outcomes['agent1']?.outcome]).toEqual(['done', 'done']);
    expect((await pool.connect(behindIt())).name).toBe('agent1');
  });

  it('asks for the jump host, too, when only a host behind it was named, once for all behind it', async () => {
    const second = { ...behindIt('agent2'), host: 'localhost' };
    const { asked } = await trust([behindIt('agent1'), second], {
      all: [theGateway(), behindIt('agent1'), second],
    });
    expect(asked.map((proposals) => proposals.map(({ host: name }) => name))).toEqual([
      ['gateway'],
      ['agent1', 'agent2'],
    ]);
  });

  it('asks for the hops that only ~/.ssh/config names', async () => {
    const config = workshop.write(
      'config',
      `Host 127.0.0.1
  ProxyJump hop
Host hop
  HostName 127.0.0.1
  Port ${gateway.port}
  IdentityFile ${workshop.path('user_key')}
  ProxyJump none
`,
    );
    const inventory = host('agent1', agent.port);
    const { asked, outcomes } = await trust([inventory], { env: { DCVOPS_SSH_CONFIG: config } });
    expect(asked.map((proposals) => proposals.map(({ host: name }) => name))).toEqual([['hop'], ['agent1']]);
    expect(outcomes['agent1']).toMatchObject({ outcome: 'done' });
  });

  it('leaves a host alone that is known already, to the byte', async () => {
    workshop.write('known', `# mine\n${knownLine(gateway, 'ecdsa')}`);
    file = workshop.path('known');
    const before = statSync(file, { bigint: true }).mtimeNs;
    const { asked, outcomes } = await trust([theGateway()]);
    expect(asked).toEqual([]);
    expect(outcomes['gateway']).toMatchObject({ outcome: 'unchanged', message: 'its key is known already' });
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(before);
  });

  describe('a key that changed', () => {
    beforeEach(() => {
      file = workshop.write(
        'known',
        `# mine\n[127.0.0.1]:${agent.port} ${keyOf(gateway, 'ed25519')}\ngw,[127.0.0.1]:${agent.port} ${keyOf(gateway, 'rsa')}\n` +
          hashedKnownHostsLine(`[127.0.0.1]:${agent.port}`, keyOf(gateway, 'ecdsa')) +
          `10.0.0.1 ${keyOf(gateway, 'ed25519')}`,
      );
      chmodSync(file, 0o640);
    });

    it('is refused without --replace, with both fingerprints', async () => {
      const { asked, outcomes } = await trust([host('agent1', agent.port)]);
      expect(asked).toEqual([]);
      expect(outcomes['agent1']).toMatchObject({
        outcome: 'unreachable',
        message: expect.stringMatching(
          /CHANGED\. Shown SHA256:\S+ \(ed25519\).*known: SHA256:\S+ \(ed25519\)/,
        ) as string,
        hint: 'if it changed on purpose: dcvops trust agent1 --replace',
      });
    });

    it('takes the place of the old ones with --replace, and of nothing else', async () => {
      const { asked, outcomes } = await trust([host('agent1', agent.port)], { replace: true });
      expect(asked[0]?.[0]?.replaces.map(({ type }) => type)).toEqual(['ed25519', 'rsa']);
      expect(outcomes['agent1']).toMatchObject({ outcome: 'done' });
      const written = lines();
      expect(written[0]).toBe('# mine');
      expect(written[1]).toBe(`gw ${keyOf(gateway, 'rsa')}`);
      expect(written[2]).toBe(`10.0.0.1 ${keyOf(gateway, 'ed25519')}`);
      // the file hides names, so the new lines do
      expect(written.slice(3).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
        keyOf(agent, 'ed25519'),
        keyOf(agent, 'rsa'),
      ]);
      expect(written.slice(3).every((line) => line.startsWith('|1|'))).toBe(true);
      expect(statSync(file).mode & 0o777).toBe(0o640);
      expect((await pool.connect(host('agent1', agent.port))).name).toBe('agent1');
    });
  });

  it('does not trust a revoked key, with --replace neither', async () => {
    file = workshop.write('known', `@revoked * ${keyOf(agent, 'rsa')}\n`);
    const { asked, outcomes } = await trust([host('agent1', agent.port)], { replace: true });
    expect(asked).toEqual([]);
    expect(outcomes['agent1']).toMatchObject({
      outcome: 'unreachable',
      message: expect.stringMatching(/is revoked at \S+known:1; not trusted/) as string,
    });
  });

  it('takes exactly the key whose fingerprint was given, without a question', async () => {
    const { asked: shown } = await trust([theGateway()], { answer: false });
    pool.close();
    const ecdsa = shown[0]?.[0]?.keys[1]?.fingerprint ?? '';
    const { asked, outcomes } = await trust([theGateway(), host('stranger', stranger.port)], {
      fingerprints: [ecdsa],
    });
    expect(asked).toEqual([]);
    expect(lines()).toEqual([lineOf(gateway, 'ecdsa')]);
    expect(outcomes['gateway']).toMatchObject({ outcome: 'done' });
    expect(outcomes['stranger']).toMatchObject({ outcome: 'failed' });
  });

  it('does not let one dead host stop the others', async () => {
    const dead = await freePort();
    const { outcomes } = await trust([host('dead', dead), theGateway()]);
    expect(outcomes['dead']).toMatchObject({ outcome: 'unreachable' });
    expect(outcomes['gateway']).toMatchObject({ outcome: 'done' });
  });
});
