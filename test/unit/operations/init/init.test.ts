import fc from 'fast-check';
import { chmod, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import { parseInventory } from '../../../../src/inventory/load.ts';
import { NAME_PATTERN, RESERVED_NAMES, USER_PATTERN } from '../../../../src/inventory/names.ts';
import type { Inventory } from '../../../../src/inventory/types.ts';
import { type InitFlags, gatherAnswers, suggestNetworks } from '../../../../src/operations/init/answers.ts';
import { init } from '../../../../src/operations/init/init.ts';
import { renderInventory } from '../../../../src/operations/init/render.ts';
import { type Ask, cannotAsk } from '../../../../src/report/ask.ts';
import type { OperationEvent } from '../../../../src/report/events.ts';

const FLAGS: InitFlags = {
  proxy: '10.213.66.188',
  sshPort: '50000',
  user: 'ec2-user',
  key: '~/.ssh/tom.pem',
  agent: ['10.150.248.180', '10.150.248.136'],
  allow: ['10.213.0.0/16'],
};

const NOBODY: Ask = {
  confirm: (question) => Promise.reject(cannotAsk(question)),
  input: (question) => Promise.reject(cannotAsk(question)),
  password: (question) => Promise.reject(cannotAsk(question)),
};

/** Somebody who answers by flag, wrong answers first; keeps what was asked. */
function somebody(answers: Readonly<Record<string, readonly string[] | boolean>>): Ask & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    confirm(question) {
      asked.push(question.text);
      return Promise.resolve(answers[question.flag] === true);
    },
    input(question) {
      asked.push(question.default === undefined ? question.text : `${question.text} [${question.default}]`);
      const typed = answers[question.flag];
      const texts = Array.isArray(typed) ? (typed as readonly string[]) : [];
      // as the terminal does it: an answer that is refused is asked for again
      const accepted = [...texts, question.default].find(
        (text) => text !== undefined && question.validate?.(text) === undefined,
      );
      if (accepted === undefined) throw new Error(`no right answer for ${question.flag}`);
      return Promise.resolve(accepted);
    },
    password: (question) => Promise.reject(cannotAsk(question)),
  };
}

function read(text: string): Promise<Inventory> {
  return parseInventory(text, 'hosts.yaml', { folder: '/fleet', home: '/home/anna', inspectKey: undefined });
}

async function usageError(promise: Promise<unknown>): Promise<DcvopsError> {
  const error: unknown = await promise.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof DcvopsError && error.code === 'usage') return error;
  throw error;
}

const sameKey = (key: string): string => key;

describe('answers', () => {
  it('come from flags alone where nobody can be asked; what has a default needs no flag', async () => {
    const { proxy, user, allow } = FLAGS;
    const answers = await gatherAnswers(
      { proxy, user, allow, agent: ['fd00::5'] } as InitFlags,
      NOBODY,
      sameKey,
    );
    expect(answers).toEqual({
      proxy: { name: 'gateway', host: '10.213.66.188' },
      sshPort: 22,
      user: 'ec2-user',
      key: undefined,
      url: undefined,
      agents: [{ name: 'agent1', host: 'fd00::5' }],
      agentsThroughProxy: false,
      agentNetworks: ['fd00::/64'],
      allow: ['10.213.0.0/16'],
      selfSigned: false,
    });
  });

  it.each(['proxy', 'user', 'agent', 'allow'] as const)(
    'that have no default are errors that name the flag: --%s',
    async (name) => {
      const flags = Object.fromEntries(Object.entries(FLAGS).filter(([flag]) => flag !== name)) as InitFlags;
      const { hint } = await usageError(gatherAnswers(flags, NOBODY, sameKey));
      expect(hint).toBe(`answer it with --${name}`);
    },
  );

  it('are asked for in the order that an operator thinks of them, and again when wrong', async () => {
    const person = somebody({
      '--proxy': ['10.213.66.300', '10.213.66.188:50000', '10.213.66.188'],
      '--ssh-port': ['ssh', '50000'],
      '--user': ['', 'ec2-user'],
      '--key': ['~/.ssh/tom.pem'],
      '--agent': ['10.150.248.180 agent2', '10.150.248.180, 10.150.248.136'],
      '--jump or --no-jump': true,
      '--allow': ['everyone', '0.0.0.0/0', '10.213.0.0/16 10.8.0.0/24'],
    });
    const answers = await gatherAnswers({}, person, sameKey);
    expect(person.asked).toEqual([
      'Proxy (address or host name)',
      'SSH port of gateway [22]',
      'SSH user',
      'Private key file (none: ssh-agent or ~/.ssh/config) []',
      'URL people open [https://10.213.66.188:8443]',
      'Agents (IP addresses, with commas between them)',
      'Reach the agents through gateway?',
      'Who may connect (networks; "any" = everyone)',
    ]);
    expect(answers).toMatchObject({
      sshPort: 50000,
      agents: [
        { name: 'agent1', host: '10.150.248.180' },
        { name: 'agent2', host: '10.150.248.136' },
      ],
      agentsThroughProxy: true,
      allow: ['10.213.0.0/16', '10.8.0.0/24'],
    });
  });

  it('that are wrong are told all at once, before any question', async () => {
    const { message } = await usageError(
      gatherAnswers(
        {
          proxy: 'a b',
          sshPort: '0',
          user: '-x',
          url: 'http://x',
          agent: ['1.2.3'],
          allow: ['any', '10.0.0.0/8'],
        },
        NOBODY,
        sameKey,
      ),
    );
    expect(message.split('\n').map((line) => line.split(';')[0])).toEqual([
      '--proxy: found "a b"',
      '--ssh-port: found "0"',
      '--user: found "-x"',
      '--url: found "http://x"',
      '--agent: found "1.2.3"',
      '--allow: found "any,10.0.0.0/8"',
    ]);
  });

  it.each([
    [
      ['gpu=10.0.0.1', '10.0.0.2'],
      ['gpu', 'agent1'],
    ],
    [['agent1=10.0.0.1,10.0.0.2'], ['agent1', 'agent2']],
    [
      ['10.0.0.2', 'agent1=10.0.0.1'],
      ['agent2', 'agent1'],
    ],
  ])('may name the agents: %j', async (agent, names) => {
    const { agents } = await gatherAnswers({ ...FLAGS, agent }, NOBODY, sameKey);
    expect(agents.map(({ name }) => name)).toEqual(names);
  });

  it.each([
    [['10.0.0.1', '10.0.0.1']],
    [['fd00::1', 'FD00:0::1']],
    [['a=10.0.0.1', 'A=10.0.0.2']],
    [['gateway=10.0.0.1']],
    [['list=10.0.0.1']],
    [['=10.0.0.1']],
    [['host.example']],
    [[',']],
  ])('may not name agents twice, or by what the inventory refuses: %j', async (agent) => {
    expect((await usageError(gatherAnswers({ ...FLAGS, agent }, NOBODY, sameKey))).message).toContain(
      '--agent',
    );
  });

  it('suggest the networks that the agents are in', () => {
    expect(suggestNetworks(['10.150.248.180', '10.150.248.136', '10.150.9.1', 'fd00:1::5'])).toEqual([
      '10.150.248.0/24',
      '10.150.9.0/24',
      'fd00:1::/64',
    ]);
  });
});

describe('the written inventory', () => {
  it('is one that a newcomer can read', async () => {
    const answers = await gatherAnswers(
      { ...FLAGS, jump: true, url: 'https://desktops.example.com' },
      NOBODY,
      sameKey,
    );
    expect(renderInventory(answers, './dcvops.schema.json')).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=./dcvops.schema.json
      # The hosts that dcvops works on. After a change: dcvops inventory validate

      # Said once for all hosts; a host’s own \`ssh\` wins, ~/.ssh/config fills in the rest.
      defaults:
        ssh: { user: ec2-user, key: ~/.ssh/tom.pem }
        # The way to the agents is through the proxy.
        agents:
          ssh: { jump: gateway }

      # The nginx hosts, the only way in.
      proxies:
        - { name: gateway, host: 10.213.66.188, ssh: { port: 50000 } }

      # The DCV hosts, by the address that is part of the URL.
      agents:
        - { name: agent1, host: 10.150.248.180 }
        - { name: agent2, host: 10.150.248.136 }

      gateway:
        # A port, or ADDRESS:PORT to answer on one address only.
        listen: 8443
        # What people open.
        url: https://desktops.example.com
        # Files on the proxy. (tls: self-signed creates them.)
        tls:
          certificate: /etc/dcv-connection-gateway/certs/dcv.crt
          key: /etc/dcv-connection-gateway/certs/dcv.key
        # Answers URLs without an address. A list is a pool.
        default: agent1
        # Every agent in here is served, named above or not; no other address is.
        agent_networks: [10.150.248.0/24]
        # The networks that may connect; any means everyone.
        access: { allow: [10.213.0.0/16] }

      # What \`dcvops session create\` does when it is told nothing else.
      sessions:
        defaults: { type: virtual, user: ec2-user, owner: ec2-user, id: desktop-session }
      "
    `);
  });

  it('reads back as what was answered, whatever that was', async () => {
    const name = fc
      .stringMatching(NAME_PATTERN)
      .filter((text) => !RESERVED_NAMES.has(text.toLowerCase()) && text.toLowerCase() !== 'gateway');
    const address = fc.oneof(
      fc
        .tuple(fc.integer({ min: 1, max: 126 }), fc.nat({ max: 255 }), fc.nat({ max: 255 }))
        .map(([a, b, c]) => `${a}.${b}.${c}.9`),
      fc
        .array(fc.nat({ max: 0xffff }), { minLength: 7, maxLength: 7 })
        .map((groups) => `fd00:${groups.map((group) => group.toString(16)).join(':')}`),
    );
    const user = fc.stringMatching(USER_PATTERN);
    const key = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text) && text.trim() === text);
    const agent = fc
      .tuple(fc.option(name), address)
      .map(([given, host]) => (given === null ? host : `${given}=${host}`));
    const flags = fc.record({
      proxy: fc.oneof(address, fc.constant('gw.example')),
      user,
      key,
      agent: fc.uniqueArray(agent, { minLength: 1, maxLength: 5 }),
      allow: fc.oneof(fc.constant(['any']), fc.array(address, { minLength: 1, maxLength: 3 })),
      jump: fc.boolean(),
      selfSigned: fc.boolean(),
    });
    let checked = 0;
    await fc.assert(
      fc.asyncProperty(flags, async (given) => {
        // doubled names and addresses are refused before anything is written
        const answers = await gatherAnswers(given, NOBODY, sameKey).catch((error: unknown) => {
          if (error instanceof DcvopsError) return undefined;
          throw error;
        });
        if (answers === undefined) return;
        const { proxies, agents, gateway, sessions } = await read(renderInventory(answers, undefined));
        checked++;
        expect(proxies[0]?.ssh.user).toBe(given.user);
        expect(sessions.owner).toBe(given.user);
        expect(agents.map(({ name: read, host }) => ({ name: read, host }))).toEqual(answers.agents);
        expect(agents[0]?.ssh.jump).toBe(given.jump ? 'gateway' : undefined);
        expect(gateway.access.allow).toEqual(answers.allow);
        const expected =
          given.key === '~' ? '/home/anna' : path.resolve('/fleet', given.key.replace(/^~\//, '/home/anna/'));
        expect(proxies[0]?.ssh.key).toBe(expected);
      }),
      { numRuns: 300 },
    );
    expect(checked).toBeGreaterThan(100);
  });

  it.each([
    'null',
    'true',
    '1000',
    '1e3',
    '.5',
    '~',
    '0x1f',
    'a: b',
    'a #b',
    "it's",
    '"',
    '- a',
    '{',
    'a,b',
    '\\',
  ])('keeps the key %j as text', async (key) => {
    const answers = await gatherAnswers({ ...FLAGS, key }, NOBODY, sameKey);
    const { proxies } = await read(renderInventory(answers, undefined));
    expect(proxies[0]?.ssh.key).toBe(key === '~' ? '/home/anna' : `/fleet/${key}`);
  });
});

describe('dcvops init', () => {
  let folder = '';
  let events: OperationEvent[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dcvops-init-'));
    events = [];
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function run(options: { flags?: InitFlags; file?: string; force?: boolean; ask?: Ask } = {}) {
    return init({
      file: options.file,
      force: options.force ?? false,
      flags: options.flags ?? FLAGS,
      cwd: folder,
      home: path.join(folder, 'home'),
      ask: options.ask ?? NOBODY,
      emit: (event) => {
        events.push(event);
      },
      inspectKey: () => Promise.resolve('usable'),
    });
  }

  const textOf = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');

  it('writes to the first place where dcvops looks, and says what comes next', async () => {
    expect(await run()).toEqual({ file: 'inventory/hosts.yaml', backup: undefined, next: 'dcvops trust' });
    const { agents } = await read(await textOf('inventory/hosts.yaml'));
    expect(agents).toHaveLength(2);
    const { mode } = await stat(path.join(folder, 'inventory/hosts.yaml'));
    expect(mode & 0o777 & ~0o044).toBe(0o600);
    expect(await readdir(path.join(folder, 'inventory'))).toEqual(['hosts.yaml']);
  });

  it('names another file in the next command', async () => {
    expect(await run({ file: 'my fleet.yaml' })).toMatchObject({
      file: 'my fleet.yaml',
      next: "dcvops trust --inventory 'my fleet.yaml'",
    });
  });

  it('leaves an inventory that is there alone, before it asks anything', async () => {
    await writeFile(path.join(folder, 'dcvops.yaml'), 'precious');
    const person = somebody({});
    const { message, hint } = await usageError(run({ file: 'dcvops.yaml', flags: {}, ask: person }));
    expect(message).toBe('dcvops.yaml is there already; nothing was written');
    expect(hint).toContain('dcvops init --force');
    expect(person.asked).toEqual([]);
    expect(await textOf('dcvops.yaml')).toBe('precious');
  });

  it('with --force keeps every old one', async () => {
    await writeFile(path.join(folder, 'dcvops.yaml'), 'first');
    expect(await run({ file: 'dcvops.yaml', force: true })).toMatchObject({ backup: 'dcvops.yaml.bak' });
    await writeFile(path.join(folder, 'dcvops.yaml'), 'second');
    expect(await run({ file: 'dcvops.yaml', force: true })).toMatchObject({ backup: 'dcvops.yaml.bak2' });
    expect(await textOf('dcvops.yaml.bak')).toBe('first');
    expect(await textOf('dcvops.yaml.bak2')).toBe('second');
    expect(await readdir(folder)).toHaveLength(3);
  });

  it('writes nothing when an answer is wrong', async () => {
    await usageError(run({ flags: { ...FLAGS, allow: ['0.0.0.0/0'] } }));
    expect(await readdir(folder)).toEqual([]);
  });

  it('tells what is in the way of writing', async () => {
    await writeFile(path.join(folder, 'inventory'), 'a file where the folder should be');
    await expect(run()).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('inventory/hosts.yaml cannot be written: EEXIST') as string,
    });
    await symlink('/nowhere/at/all', path.join(folder, 'link.yaml'));
    await usageError(run({ file: 'link.yaml' }));
  });

  it('gives editors the schema where it stands beside the file', async () => {
    await run({ file: 'a.yaml' });
    await writeFile(path.join(folder, 'dcvops.schema.json'), '{}');
    await run({ file: 'b.yaml' });
    expect(await textOf('a.yaml')).not.toContain('$schema');
    expect((await textOf('b.yaml')).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./dcvops.schema.json',
    );
  });

  it.each([
    ['tom.pem', '../tom.pem'],
    ['~/.ssh/tom.pem', '~/.ssh/tom.pem'],
    ['/etc/keys/tom.pem', '/etc/keys/tom.pem'],
  ])('writes the key %s so that it is found from the file: %s', async (key, written) => {
    await run({ flags: { ...FLAGS, key } });
    expect(await textOf('inventory/hosts.yaml')).toContain(`key: ${written} }`);
  });

  it('writes a key below the home folder as ~, so that a colleague can use the file', async () => {
    await run({ flags: { ...FLAGS, key: path.join(folder, 'home/.ssh/tom.pem') } });
    expect(await textOf('inventory/hosts.yaml')).toContain('key: ~/.ssh/tom.pem }');
  });

  it('warns of a key that ssh would refuse, with the command that mends it', async () => {
    const key = path.join(folder, 'tom.pem');
    await writeFile(key, '-----BEGIN OPENSSH PRIVATE KEY-----\n');
    await chmod(key, 0o644);
    await init({
      file: undefined,
      force: false,
      flags: { ...FLAGS, key: 'tom.pem' },
      cwd: folder,
      home: '/home/anna',
      ask: NOBODY,
      emit: (event) => {
        events.push(event);
      },
    });
    expect(events).toEqual([
      {
        type: 'note',
        level: 'warning',
        message: 'others can read the private key ../tom.pem; nothing will log in with it',
        hint: `chmod 600 ${key}`,
      },
    ]);
  });
});
